import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';
import { BatchSize } from './batch-size.js';
import { DatabaseClock } from './database-clock.js';
import { Pace } from './pace.js';
import { SendQueue } from './send-queue.js';

/** No limit. */
const draw = async () => ({ rate: null, count: 0, firstAt: 0, nextAt: 0, now: 0 });
const clock = new DatabaseClock();
const unlimited = () => new Pace({ draw, clock, timeoutMs: 10_000, onChange: () => {} });
const pace = unlimited();
const never = new AbortController().signal;
const later = () => performance.now() + 60_000;

/** Sends that end when the test says so. */
function gate() {
  const open: (() => void)[] = [];
  const started: string[] = [];
  return {
    started,
    start: (item: string) => {
      started.push(item);
      return new Promise<void>((resolve) => open.push(resolve));
    },
    end: async (count: number) => {
      for (const resolve of open.splice(0, count)) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('the queue of a channel', () => {
  it('keeps no more requests under way than the channel allows, and starts one as another ends', async () => {
    const queue = new SendQueue(2, pace);
    const { start, started, end } = gate();
    const done = queue.run(['a', 'b', 'c'], { startBy: later(), signal: never, pace, start });
    expect(started).toEqual(['a', 'b']);
    await end(1);
    expect(started).toEqual(['a', 'b', 'c']);
    await end(2);
    expect(await done).toEqual([]);
  });

  it('lets a small mailing start at once behind a huge one', async () => {
    const queue = new SendQueue(2, pace);
    const { start, started, end } = gate();
    void queue.run(
      Array.from({ length: 100 }, (_, n) => `huge ${n}`),
      { startBy: later(), signal: never, pace, start },
    );
    const small = queue.run(['small'], { startBy: later(), signal: never, pace: unlimited(), start });
    await end(2);
    expect(started).toContain('small');
    while (!(await Promise.race([small.then(() => true), end(2).then(() => false)])));
    expect(started.length).toBeLessThan(20);
  });

  it('sends the batches of one mailing one after the other, so that one lane records while the other sends', async () => {
    const queue = new SendQueue(1, pace);
    const { start, started, end } = gate();
    const [one, other] = [unlimited(), unlimited()];
    const run = (items: string[], of: Pace) => queue.run(items, { startBy: later(), signal: never, pace: of, start });
    const all = [run(['a1', 'a2'], one), run(['b1', 'b2'], one), run(['c1', 'c2', 'c3', 'c4'], other)];
    for (let ended = 0; ended < 8; ended += 1) await end(1);
    await Promise.all(all);
    expect(started.filter((item) => !item.startsWith('c'))).toEqual(['a1', 'a2', 'b1', 'b2']);
    expect(started.indexOf('c4')).toBe(7);
    expect(started.slice(0, 4).filter((item) => item.startsWith('c'))).toHaveLength(2);
  });

  it('hands back what was not started when the process stops, and waits for the rest', async () => {
    const stop = new AbortController();
    const queue = new SendQueue(1, pace);
    const { start, started, end } = gate();
    const done = queue.run(['a', 'b', 'c'], { startBy: later(), signal: stop.signal, pace, start });
    stop.abort();
    await end(1);
    expect(await done).toEqual(['b', 'c']);
    expect(started).toEqual(['a']);
  });

  it('hands back what could not be started in time', async () => {
    const queue = new SendQueue(1, pace);
    const { start, started, end } = gate();
    const busy = queue.run(['busy'], { startBy: later(), signal: never, pace, start });
    const late = queue.run(['late'], { startBy: performance.now() - 1, signal: never, pace, start });
    expect(await late).toEqual(['late']);
    await end(1);
    await busy;
    expect(started).toEqual(['busy']);
  });

  it('lets everything else have a turn while what it starts keeps the process busy', async () => {
    const queue = new SendQueue(1_000, pace);
    let turns = 0;
    const other = setInterval(() => {
      turns += 1;
    });
    const busy = async () => {
      const until = performance.now() + 4;
      while (performance.now() < until);
    };
    await queue.run(Array.from({ length: 50 }), { startBy: later(), signal: never, pace, start: busy });
    clearInterval(other);
    expect(turns).toBeGreaterThan(5);
  });

  it('ends at once with nothing to send, or when it was stopped before', async () => {
    const queue = new SendQueue(1, pace);
    const { start } = gate();
    expect(await queue.run([], { startBy: later(), signal: never, pace, start })).toEqual([]);
    expect(await queue.run(['a'], { startBy: later(), signal: AbortSignal.abort(), pace, start })).toEqual(['a']);
  });
});

describe('lanes that wait for permits', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  /** A queue whose channel has as many permits as the test hands out. */
  async function rationed() {
    let left = 0;
    const pace: Pace = new Pace({
      draw: async ({ count }) => {
        const now = performance.now();
        const drawn = Math.min(count, left);
        left -= drawn;
        return { rate: 1_000, count: drawn, firstAt: now, nextAt: now + 251, now };
      },
      clock,
      timeoutMs: 10_000,
      onChange: () => queue.pump(),
    });
    const queue = new SendQueue(10, pace);
    pace.learn(1_000);
    return {
      queue,
      give: async (count: number) => {
        left = count;
        await new Promise((resolve) => setTimeout(resolve, 5));
        queue.pump();
        await turn();
      },
    };
  }

  it('are admitted by who was admitted longest ago, not by who came first', async () => {
    const { queue, give } = await rationed();
    const [huge, small] = [unlimited(), unlimited()];
    const first = queue.admit(huge, 1, later(), never);
    await give(1);
    expect(await first).toBe(1);
    queue.fulfil(huge, 1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const order: string[] = [];
    const again = queue.admit(huge, 1, later(), never).then(() => order.push('huge'));
    const other = queue.admit(small, 1, later(), never).then(() => order.push('small'));
    await give(1);
    expect(order).toEqual(['small']);
    queue.clear();
    await Promise.all([again, other]);
  });

  it('have at once what was promised to another that had nothing to claim', async () => {
    const { queue, give } = await rationed();
    const [idle, busy] = [unlimited(), unlimited()];
    const promised = queue.admit(idle, 10, later(), never);
    await give(10);
    expect(await promised).toBe(10);
    let admitted = 0;
    const waiting = queue.admit(busy, 10, later(), never).then((count) => (admitted = count));
    await turn();
    expect(admitted).toBe(0);
    queue.fulfil(idle, 10);
    await turn();
    expect(admitted).toBe(10);
    await waiting;
  });
});

describe('the size of a batch', () => {
  const quick = (size: BatchSize, lanes: number) => {
    for (let n = 0; n < 10; n += 1) size.took(size.share(lanes), lanes, 20);
  };

  it('grows while batches are quick, to a bound', () => {
    const size = new BatchSize(64);
    quick(size, 2);
    expect(size.share(2)).toBe(1_000);
    expect(size.share(1)).toBe(1_000);
  });

  it('shrinks when the gateway is slow, but never below what can start at once', () => {
    const size = new BatchSize(64);
    quick(size, 2);
    size.took(1_000, 2, 2_000);
    expect(size.share(2)).toBe(250);
    size.took(250, 2, 60_000);
    expect(size.share(1)).toBe(64);
  });

  it('is shared among lanes, so that all of them together have in hand what can be sent soon', () => {
    const size = new BatchSize(64);
    expect(size.share(16)).toBe(4);
    expect(size.share(200)).toBe(1);
  });

  it('learns nothing from a batch that waited for its permits', () => {
    const size = new BatchSize(64);
    quick(size, 1);
    size.tookUnderLimit();
    expect(size.share(1)).toBe(1_000);
    size.ease();
    size.tookUnderLimit();
    expect(size.underLimit).toBe(2);
  });

  it('learns nothing from a batch that was not full', () => {
    const size = new BatchSize(64);
    size.took(3, 1, 5);
    expect(size.share(1)).toBe(64);
  });
});

describe('the wait before the next attempt', () => {
  it('lies anywhere below a bound that doubles from one second to five minutes', () => {
    const bounds = [0, 1, 2, 3, 10, 1_000].map((tries) => backoffMs(tries, () => 1));
    expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 300_000, 300_000]);
    expect(backoffMs(5, () => 0)).toBe(0);
  });
});
