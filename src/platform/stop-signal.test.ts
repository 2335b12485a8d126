import { expect, onTestFinished, test } from 'vitest';
import { builtFile } from '../testing/built.js';
import { type ChildProgram, startChild } from '../testing/child-program.js';

/** A program that says what it hears and never ends by itself. */
async function startListener(): Promise<ChildProgram> {
  const module = JSON.stringify(await builtFile('src/platform/stop-signal.ts'));
  const source = `
    const { listenForStop } = await import(${module});
    const stop = listenForStop(() => { console.log('second'); process.exit(3); });
    stop.addEventListener('abort', () => console.log('first ' + stop.reason));
    setInterval(() => {}, 60_000);
    console.log('listening');`;
  const program = startChild(process.execPath, ['--input-type=module', '--eval', source]);
  onTestFinished(() => program.kill('SIGKILL'));
  await program.saying(/listening/);
  return program;
}

test('forces the end when it is asked for again while the first stop is under way', async () => {
  const program = await startListener();
  program.kill('SIGTERM');
  await program.saying(/first SIGTERM/);
  // A person's second press, not the echo of the first: repeated until it is far enough from it.
  const again = setInterval(() => program.kill('SIGINT'), 50);
  onTestFinished(() => clearInterval(again));
  expect(await program.ended).toEqual({ code: 3, signal: null });
  expect(program.said).toMatch(/second/);
});

test('takes the echoes of one press for that press', async () => {
  const program = await startListener();
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) program.kill(signal);
  await program.saying(/first SIG/);
  expect(program.said).not.toContain('second');
});
