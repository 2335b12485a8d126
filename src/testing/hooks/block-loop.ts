/**
 * On SIGUSR2 the event loop stands still for BLOCK_MS: what a huge garbage collection or a loop without end does to a
 * process. No timer fires, no answer is read, no other signal is heard meanwhile. Loaded by `--import` (program.ts).
 */
const ms = Number(process.env['BLOCK_MS']);
process.on('SIGUSR2', () => {
  process.stderr.write('the event loop stands still\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  process.stderr.write('the event loop goes on\n');
});
