import { expect, it } from 'vitest';
import { Turns } from './turns.js';

/** Holds up the process. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it('lets others have their turn between long pieces of work, and keeps their order', async () => {
  const turns = new Turns();
  const trace: string[] = [];
  let others = 0;
  const other = () => {
    others += 1;
    if (trace.length < 4) setImmediate(other);
  };
  setImmediate(other);
  const all = ['a', 'b', 'c', 'd'].map((name) =>
    turns.take(() => {
      work(6);
      trace.push(`${name} after ${others}`);
      return name;
    }),
  );
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  expect(trace[0]).toBe('a after 0');
  const seen = trace.map((line) => Number(line.split(' ').at(-1)));
  expect(seen).toEqual([...new Set(seen)].sort((x, y) => x - y));
});

it('goes on after a piece that fails', async () => {
  const turns = new Turns();
  const failed = turns.take(() => {
    throw new Error('no');
  });
  const next = turns.take(() => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
