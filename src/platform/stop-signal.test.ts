import { EventEmitter } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { builtFile } from '../testing/built.js';
import { startChild } from '../testing/child-program.js';
import { listenForStop } from './stop-signal.js';

function listen() {
  const source = new EventEmitter();
  const heard = {
    time: 0,
    seconds: 0,
    press: (signal: string) => source.emit(signal, signal),
    stop: {} as AbortSignal,
  };
  heard.stop = listenForStop({
    source,
    now: () => heard.time,
    onSecond: () => {
      heard.seconds++;
    },
  });
  return heard;
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'])('asks to stop on %s', (signal) => {
  const heard = listen();
  expect(heard.stop.aborted).toBe(false);
  heard.press(signal);
  expect(heard.stop.reason).toBe(signal);
});

test('takes the echoes of one press, within half a second, for that press', () => {
  const heard = listen();
  for (const [time, signal] of [
    [0, 'SIGINT'],
    [3, 'SIGINT'],
    [20, 'SIGTERM'],
    [500, 'SIGINT'],
  ] as const) {
    heard.time = time;
    heard.press(signal);
  }
  expect(heard).toMatchObject({ seconds: 0, stop: { reason: 'SIGINT' } });
});

test('takes what comes later for a second press', () => {
  const heard = listen();
  heard.press('SIGTERM');
  heard.time = 501;
  heard.press('SIGINT');
  expect(heard.seconds).toBe(1);
});

test('takes the end of the start script, while stopping already, for no second press', () => {
  const heard = listen();
  heard.press('SIGINT');
  heard.time = 5_000;
  heard.press('disconnect');
  expect(heard.seconds).toBe(0);
});

test('hears the real signals of its process', async () => {
  const module = JSON.stringify(await builtFile('src/platform/stop-signal.ts'));
  const source = `
    const { listenForStop } = await import(${module});
    const stop = listenForStop({ onSecond: () => { console.log('second'); process.exit(3); } });
    stop.addEventListener('abort', () => console.log('first ' + stop.reason));
    setInterval(() => {}, 60_000);
    console.log('listening');`;
  const program = startChild(process.execPath, ['--input-type=module', '--eval', source]);
  onTestFinished(() => program.kill('SIGKILL'));
  await program.saying(/listening/);
  program.kill('SIGTERM');
  await program.saying(/first SIGTERM/);
  // Pressed until it is far enough from the first.
  const again = setInterval(() => program.kill('SIGINT'), 50);
  onTestFinished(() => clearInterval(again));
  expect(await program.ended).toEqual({ code: 3, signal: null });
  expect(program.said).toMatch(/second/);
});
