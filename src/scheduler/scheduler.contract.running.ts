import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Calls, LIMITS, SchedulerBench, type StoreUnderTest } from '../testing/scheduler-bench.js';
import { toJobData, type When } from './scheduler-jobs.js';

const HOUR_MS = 3_600_000;

/** What a run may rely on, on every backend. */
export function runningContract(open: () => Promise<StoreUnderTest>): void {
  let bench: SchedulerBench;
  beforeEach(async () => {
    bench = new SchedulerBench(await open());
  });
  afterEach(() => bench.close());

  describe('a run', () => {
    it('is booked again for the date its handler returns', async () => {
      const scheduler = bench.make();
      const runs = new Calls<number>();
      let at = 0;
      scheduler.define('mailing.finish', LIMITS, async () => {
        runs.add(Date.now());
        if (runs.all.length > 1) return undefined;
        at = Date.now() + 200;
        return new Date(at);
      });
      await scheduler.start();
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      expect(await runs.nth(2)).toBeGreaterThanOrEqual(at);
      await vi.waitFor(async () => expect(await bench.store.jobs()).toEqual([]));
    });

    it('happens once more when it was rung meanwhile', async () => {
      const scheduler = bench.make();
      const runs = new Calls<void>();
      const rung = Promise.withResolvers<void>();
      scheduler.define('mailing.finish', LIMITS, async () => {
        runs.add();
        await rung.promise;
        return undefined;
      });
      await scheduler.start();
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await runs.nth(1);
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      expect(runs.all).toHaveLength(1);
      rung.resolve();
      await runs.nth(2);
      await vi.waitFor(async () => expect(await bench.store.jobs()).toEqual([]));
    });

    it('that was rung meanwhile for earlier than it asks for comes earlier', async () => {
      const scheduler = bench.make();
      const runs = new Calls<void>();
      scheduler.define('mailing.finish', LIMITS, async ({ mailingId }) => {
        runs.add();
        if (runs.all.length > 1) return undefined;
        await scheduler.ring('mailing.finish', { mailingId });
        return new Date(Date.now() + HOUR_MS);
      });
      await scheduler.start();
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await runs.nth(2);
    });

    it('leaves to other processes what its own has no room for', async () => {
      const full = bench.make();
      const busy = new Calls<void>();
      const end = Promise.withResolvers<void>();
      full.define('mailing.finish', { concurrency: 1, lockMs: 10_000 }, async () => {
        busy.add();
        await end.promise;
        return undefined;
      });
      await full.start();
      for (const mailingId of ['1', '2', '3']) await full.ring('mailing.finish', { mailingId });
      await busy.nth(1);
      const { runs } = await bench.worker();
      await runs.nth(2);
      end.resolve();
    });

    it('is looked for once a poll, whatever its name, where there is none', async () => {
      const { store, pool } = bench.store.backend();
      const asked: string[] = [];
      const told = (what: string) =>
        new Proxy(Reflect.get(store, what), {
          apply: (work, _self, args) => {
            asked.push(what);
            return Reflect.apply(work, store, args);
          },
        });
      for (const what of ['glance', 'look']) Object.defineProperty(store, what, { value: told(what) });
      const scheduler = bench.make({ pollMs: 20, backend: () => ({ store, pool }) });
      for (const name of ['mailing.launch', 'mailing.dispatch', 'mailing.finish'] as const)
        scheduler.define(name, LIMITS, async () => undefined);
      await scheduler.start();
      await expect.poll(() => asked.length).toBeGreaterThan(3);
      expect(asked).not.toContain('look');
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await expect.poll(() => asked).toContain('look');
    });

    it('that ends says that somebody should look where its job is due again, and not where it is wanted later', async () => {
      const { store } = bench.store.backend();
      onTestFinished(() => store.close());
      await store.connect();
      const data = toJobData({ mailingId: '7' });
      const ended = async (again: When, meanwhile = async () => {}) => {
        await store.book('mailing.finish', data, { inMs: 0 }, null);
        const look = await store.look('mailing.finish', 'process/1', 10_000, 1_000);
        if (!('job' in look)) throw new Error('There was no job.');
        await meanwhile();
        return await store.finish(look.job.id, 'process/1', { again, failure: null });
      };
      expect(await ended({ inMs: HOUR_MS })).toBe('done');
      expect(await ended({ inMs: 0 })).toBe('due');
      const ring = async () => void (await store.book('mailing.finish', data, { inMs: 0 }, null));
      expect(await ended({ inMs: HOUR_MS }, ring)).toBe('due');
    });

    it('that throws is logged with its mailing, and can be rung again', async () => {
      const scheduler = bench.make();
      const runs = new Calls<void>();
      scheduler.define('mailing.finish', LIMITS, async () => {
        runs.add();
        if (runs.all.length === 1) throw new Error('no luck');
        return undefined;
      });
      await scheduler.start();
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await vi.waitFor(async () =>
        expect(await bench.store.jobs()).toMatchObject([{ locked: false, nextRunAt: null }]),
      );
      expect(bench.lines).toMatchObject([
        { level: 50, job: 'mailing.finish', mailing_id: '7', err: { message: 'no luck' } },
      ]);
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await runs.nth(2);
      await vi.waitFor(async () => expect(await bench.store.jobs()).toEqual([]));
    });

    it('that outlives its lock is told so, and another worker runs the job', async () => {
      const runs = new Calls<AbortSignal>();
      const end = Promise.withResolvers<void>();
      const take = async (_: unknown, { signal }: { signal: AbortSignal }) => {
        runs.add(signal);
        if (runs.all.length === 1) await end.promise;
        return undefined;
      };
      const [first, second] = [bench.make(), bench.make({ pollMs: 50 })];
      first.define('mailing.finish', { concurrency: 1, lockMs: 300 }, take);
      second.define('mailing.finish', { concurrency: 1, lockMs: 300 }, take);
      await first.start();
      await first.ring('mailing.finish', { mailingId: '7' });
      const { 0: signal } = [await runs.nth(1)];
      await second.start();
      await runs.nth(2);
      if (!signal.aborted) await once(signal, 'abort');
      expect(signal.reason).toMatchObject({ name: 'JobAborted' });
      await vi.waitFor(async () => expect(await bench.store.jobs()).toEqual([]));
      end.resolve();
    });

    it('that ends late leaves the lock of the next one alone', async () => {
      const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const runs = new Calls<number>();
      const take = async () => {
        const index = runs.all.length;
        runs.add(index);
        await ends[index]?.promise;
        return index === 0 ? new Date(0) : undefined;
      };
      const [first, second] = [bench.make(), bench.make({ pollMs: 50 })];
      first.define('mailing.finish', { concurrency: 1, lockMs: 100 }, take);
      second.define('mailing.finish', { concurrency: 1, lockMs: 10_000 }, take);
      await first.start();
      await first.ring('mailing.finish', { mailingId: '7' });
      await runs.nth(1);
      await vi.waitFor(async () => expect(await bench.store.jobs()).toMatchObject([{ locked: true }]));
      const slow = bench.make({ pollMs: 50 });
      slow.define('mailing.finish', { concurrency: 1, lockMs: 100 }, take);
      await slow.start();
      await runs.nth(2);
      await slow.ring('mailing.launch', { mailingId: 'other' });
      ends[0]!.resolve();
      await first.stop();
      expect(await bench.store.jobs()).toContainEqual(
        expect.objectContaining({ name: 'mailing.finish', locked: true, nextRunAt: null }),
      );
      ends[1]!.resolve();
    });

    it('keeps its lock as long as it touches it', async () => {
      const scheduler = bench.make();
      const other = bench.make({ pollMs: 20 });
      const runs = new Calls<AbortSignal>();
      const end = Promise.withResolvers<void>();
      const limits = { concurrency: 1, lockMs: 1_000 };
      scheduler.define('mailing.finish', limits, async (_, run) => {
        runs.add(run.signal);
        const heartbeat = setInterval(() => run.touch(), 100);
        await end.promise;
        clearInterval(heartbeat);
        return undefined;
      });
      other.define('mailing.finish', limits, async (_, run) => {
        runs.add(run.signal);
        return undefined;
      });
      await scheduler.start();
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await runs.nth(1);
      await other.start();
      // Longer than the lock would have lived: there is no event for something that does not happen.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(runs.all.map((signal) => signal.aborted)).toEqual([false]);
      end.resolve();
    });
  });
}
