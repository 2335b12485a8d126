import { PassThrough, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { EventStream } from './event-stream.js';

const show = (result: object) => result as { data: null };
/** Takes so many bytes, and never says that it is done with them. */
const stuckAfter = (highWaterMark: number) => new Writable({ highWaterMark, write: () => {} });

/** A subscription on which nothing happens, until it is ended. */
function quiet() {
  const over = Promise.withResolvers<IteratorResult<never, undefined>>();
  const next = () => over.promise;
  const end = async () => {
    over.resolve({ done: true, value: undefined });
    return over.promise;
  };
  return { begin: async () => ({ next, return: end }), over: over.promise };
}

it('shows signs of life while nothing happens', async () => {
  const { begin, over } = quiet();
  const stream = new EventStream({ begin, show, beatEveryMs: 5 });
  const taken: string[] = [];
  stream.pipe(new PassThrough()).on('data', (piece) => taken.push(String(piece)));
  await expect.poll(() => taken.length).toBeGreaterThan(3);
  expect(new Set(taken)).toEqual(new Set([':\n\n']));
  stream.destroy();
  await over;
});

it('cuts off who takes nothing for two beats, and ends what they had asked for', async () => {
  const { begin, over } = quiet();
  const stream = new EventStream({ begin, show, beatEveryMs: 5 });
  stream.pipe(stuckAfter(4));
  await over;
  expect(stream.destroyed).toBe(true);
});

it('tells who is sent away why, and cuts them off when they do not read that', async () => {
  const { begin } = quiet();
  const reads = new EventStream({ begin, show });
  const stuck = new EventStream({ begin, show });
  stuck.pipe(stuckAfter(1));
  const taken: string[] = [];
  reads.on('data', (piece) => taken.push(String(piece)));
  for (const stream of [reads, stuck]) stream.dismiss(new Error('over'));
  await expect.poll(() => stuck.destroyed, { timeout: 3_000 }).toBe(true);
  expect(taken.join('')).toBe(':\n\nevent: next\ndata: {"errors":[{}]}\n\nevent: complete\ndata: \n\n');
});
