import { existsSync } from 'node:fs';

/**
 * On SIGUSR2 the event loop stands still, for BLOCK_MS or until a file is there under the name BLOCK_UNTIL: what a huge
 * garbage collection or a loop without end does to a process. No timer fires, no answer is read, no other signal is heard
 * meanwhile. Loaded by `--import` (program.ts).
 */
const ms = Number(process.env['BLOCK_MS'] ?? Number.POSITIVE_INFINITY);
const file = process.env['BLOCK_UNTIL'];
process.on('SIGUSR2', () => {
  process.stderr.write('the event loop stands still\n');
  const end = performance.now() + ms;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (performance.now() < end && !(file && existsSync(file))) Atomics.wait(cell, 0, 0, Math.min(20, ms));
  process.stderr.write('the event loop goes on\n');
});
