import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Calls, LIMITS, SchedulerBench, type StoreUnderTest } from '../testing/scheduler-bench.js';

const HOUR_MS = 3_600_000;

/** How jobs are booked, on every backend. */
export function ringingContract(open: () => Promise<StoreUnderTest>): void {
  let bench: SchedulerBench;
  beforeEach(async () => {
    bench = new SchedulerBench(await open());
  });
  afterEach(() => bench.close());

  describe('ringing', () => {
    it('runs a job at once, with the ids it was rung for, and forgets it', async () => {
      const { scheduler, runs } = await bench.worker();
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      expect(await runs.nth(1)).toEqual({ mailingId: '7' });
      await vi.waitFor(async () => expect(await bench.store.jobs()).toEqual([]));
    });

    it('stores ids and the key that they make, nothing else', async () => {
      const scheduler = bench.make();
      await scheduler.start();
      await scheduler.ring('mailing.dispatch', { mailingId: '7', lane: 2 });
      const [job] = await bench.store.jobs();
      expect(job?.data).toEqual({ key: 'lane=2 mailingId=7', mailingId: '7', lane: 2 });
    });

    it('runs a job at its date and not before', async () => {
      const { scheduler, runs } = await bench.worker();
      const at = new Date(Date.now() + 400);
      await scheduler.ring('mailing.finish', { mailingId: '7' }, at);
      await runs.nth(1);
      expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
    });

    it('lets a process without definitions ring for others', async () => {
      const api = bench.make();
      await api.start();
      const { runs } = await bench.worker();
      await api.ring('mailing.finish', { mailingId: '7' });
      await runs.nth(1);
    });

    it('runs what was rung while no worker was there', async () => {
      const api = bench.make();
      await api.start();
      await api.ring('mailing.finish', { mailingId: '7' });
      const { runs } = await bench.worker();
      await runs.nth(1);
    });

    it('makes one job of fifty rings at once in two processes', async () => {
      const processes = [bench.make(), bench.make()];
      await Promise.all(processes.map((scheduler) => scheduler.start()));
      const at = new Date(Date.now() + HOUR_MS);
      const rings = Array.from({ length: 50 }, (_, i) =>
        processes[i % 2]!.ring('mailing.finish', { mailingId: '7' }, new Date(at.getTime() + i)),
      );
      await Promise.all(rings);
      expect(await bench.store.jobs()).toMatchObject([{ name: 'mailing.finish', nextRunAt: at }]);
      expect(bench.lines).toEqual([]);
    });

    it('keeps jobs of other names and payloads apart', async () => {
      const scheduler = bench.make();
      await scheduler.start();
      await scheduler.ring('mailing.dispatch', { mailingId: '7', lane: 1 });
      await scheduler.ring('mailing.dispatch', { lane: 1, mailingId: '7' });
      await scheduler.ring('mailing.dispatch', { mailingId: '7', lane: 2 });
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await scheduler.ring('mailing.finish', { mailingId: '8' });
      expect(await bench.store.jobs()).toHaveLength(4);
    });

    it('brings a job forward when an earlier date is rung', async () => {
      const { scheduler, runs } = await bench.worker();
      await scheduler.ring('mailing.finish', { mailingId: '7' }, new Date(Date.now() + HOUR_MS));
      await scheduler.ring('mailing.finish', { mailingId: '7' }, new Date(Date.now() + 700));
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await runs.nth(1);
    });

    it('does not push a job back when a later date is rung', async () => {
      const { scheduler, runs } = await bench.worker();
      await scheduler.ring('mailing.finish', { mailingId: '7' }, new Date(Date.now() + 300));
      await scheduler.ring('mailing.finish', { mailingId: '7' }, new Date(Date.now() + HOUR_MS));
      await runs.nth(1);
    });

    it('takes every job when more are due than it may run at once', async () => {
      const scheduler = bench.make();
      const runs = new Calls<string>();
      let busy = 0;
      scheduler.define('mailing.launch', { concurrency: 2, lockMs: 10_000 }, async ({ mailingId }) => {
        busy += 1;
        expect(busy).toBeLessThanOrEqual(2);
        await new Promise((resolve) => setImmediate(resolve));
        busy -= 1;
        runs.add(mailingId);
        return undefined;
      });
      await scheduler.start();
      const ids = Array.from({ length: 20 }, (_, i) => String(i));
      await Promise.all(ids.map((mailingId) => scheduler.ring('mailing.launch', { mailingId })));
      await runs.nth(20);
      expect(new Set(runs.all)).toEqual(new Set(ids));
    });
  });

  describe('repeating', () => {
    it('runs in one process at a time, again and again, also after it threw', async () => {
      const runs = new Calls<number>();
      let busy = 0;
      for (let i = 0; i < 3; i += 1) {
        const scheduler = bench.make();
        scheduler.define('sweep', { concurrency: 1, lockMs: 10_000 }, async () => {
          busy += 1;
          runs.add(busy);
          await new Promise((resolve) => setImmediate(resolve));
          busy -= 1;
          if (runs.all.length === 2) throw new Error('no luck');
          return undefined;
        });
      }
      await Promise.all(bench.schedulers.map((scheduler) => scheduler.every('sweep', 60)));
      await Promise.all(bench.schedulers.map((scheduler) => scheduler.start()));
      await Promise.all(bench.schedulers.map((scheduler) => scheduler.every('sweep', 60)));
      await runs.nth(8);
      expect(new Set(runs.all)).toEqual(new Set([1]));
      expect(await bench.store.jobs()).toHaveLength(1);
    });

    it('does not run more often than it should because many ask for it', async () => {
      const scheduler = bench.make({ pollMs: 20 });
      const runs = new Calls<void>();
      scheduler.define('sweep', { concurrency: 1, lockMs: 10_000 }, async () => {
        runs.add();
        return undefined;
      });
      await scheduler.every('sweep', HOUR_MS);
      await scheduler.start();
      await runs.nth(1);
      const others = [bench.make({ pollMs: 20 }), bench.make({ pollMs: 20 })];
      for (const other of others) await other.start();
      await vi.waitFor(async () => {
        const [job] = await bench.store.jobs();
        expect(job?.nextRunAt?.getTime()).toBeGreaterThan(Date.now() + HOUR_MS / 2);
      });
      expect(runs.all).toHaveLength(1);
    });

    it('comes back when somebody empties the store', async () => {
      const scheduler = bench.make({ pollMs: 50 });
      const runs = new Calls<void>();
      scheduler.define('sweep', { concurrency: 1, lockMs: 10_000 }, async () => {
        runs.add();
        return undefined;
      });
      await scheduler.every('sweep', 50);
      await scheduler.start();
      await runs.nth(1);
      await bench.store.clear();
      await runs.nth(runs.all.length + 2);
    });
  });

  describe('defining', () => {
    it('refuses an unknown name, a second definition, and one after the start', async () => {
      const scheduler = bench.make();
      const nothing = async () => undefined;
      expect(() => scheduler.define('mailing.lunch' as 'sweep', LIMITS, nothing)).toThrow(
        'no job named "mailing.lunch"',
      );
      scheduler.define('sweep', LIMITS, nothing);
      expect(() => scheduler.define('sweep', LIMITS, nothing)).toThrow('defined twice');
      await scheduler.start();
      expect(() => scheduler.define('mailing.finish', LIMITS, nothing)).toThrow('after the start');
      await expect(scheduler.ring('mailing.lunch' as 'sweep', {})).rejects.toThrow('no job named "mailing.lunch"');
    });
  });
}
