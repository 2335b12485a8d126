import { expect, it } from 'vitest';
import { DatabaseClock } from './database-clock.js';
import type { Draw, DrawOptions } from './draw-permits.js';
import { Pace } from './pace.js';
import { SendQueue } from './send-queue.js';

const RATE = 100;
const never = new AbortController().signal;

/** A queue whose channel draws 20 permits at once, ten milliseconds apart, beginning a moment ahead. */
function limited() {
  let nextAt = performance.now() + 30;
  const drawn: number[] = [];
  const draw = async ({ count }: DrawOptions): Promise<Draw> => {
    const firstAt = Math.max(nextAt, performance.now());
    const taken = Math.min(count, 20);
    nextAt = firstAt + taken * 10;
    drawn.push(...Array.from({ length: taken }, (_, n) => firstAt + n * 10));
    return { rate: RATE, count: taken, firstAt, nextAt, now: performance.now() };
  };
  const make = () => new Pace({ draw, clock: new DatabaseClock(), timeoutMs: 10_000, onChange: () => queue.pump() });
  const pace = make();
  const queue = new SendQueue(1_000, pace);
  pace.learn(RATE);
  const started: number[] = [];
  const items = Array.from({ length: 30 });
  const start = async () => void started.push(performance.now());
  const run = () => queue.run(items, { startBy: performance.now() + 60_000, signal: never, pace: make(), start });
  return { drawn, started, run };
}

it('starts no message before its permit', async () => {
  const { drawn, started, run } = limited();
  await run();
  expect(started).toHaveLength(30);
  // A millisecond for the two clocks, which are one here but for the moments of asking.
  for (const [n, at] of started.entries()) expect(at).toBeGreaterThan(drawn[n]! - 1);
});

it('makes up for nothing after it stood still: permits that are late are void', async () => {
  const { drawn, started, run } = limited();
  const done = run();
  await expect.poll(() => started.length, { interval: 1 }).toBeGreaterThan(0);
  const until = performance.now() + 400;
  while (performance.now() < until);
  const stoodStill = performance.now();
  await done;
  // Of the 40 that fell due in that time, those of the last 50 ms and no more.
  const atOnce = started.filter((at) => at >= stoodStill && at < stoodStill + 5);
  expect(atOnce.length).toBeLessThanOrEqual(RATE * 0.05 + 2);
  expect(drawn.length).toBeGreaterThan(started.length);
});
