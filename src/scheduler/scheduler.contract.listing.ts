import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS, SchedulerBench, type StoreUnderTest } from '../testing/scheduler-bench.js';

const HOUR_MS = 3_600_000;

/** How people see the jobs, on every backend. */
export function listingContract(open: () => Promise<StoreUnderTest>): void {
  let bench: SchedulerBench;
  beforeEach(async () => {
    bench = new SchedulerBench(await open());
  });
  afterEach(() => bench.close());

  describe('listing', () => {
    it('shows what runs, and where, then what failed and why, then what comes next', async () => {
      const scheduler = bench.make();
      const end = Promise.withResolvers<undefined>();
      scheduler.define('mailing.launch', LIMITS, () => end.promise);
      scheduler.define('sweep', LIMITS, async () => {
        throw new Error('no luck');
      });
      await scheduler.every('sweep', HOUR_MS);
      await scheduler.start();
      await scheduler.ring('mailing.finish', { mailingId: '8' }, new Date(Date.now() + 2 * HOUR_MS));
      await scheduler.ring('mailing.finish', { mailingId: '7' }, new Date(Date.now() + HOUR_MS));
      await scheduler.ring('mailing.launch', { mailingId: '7' });
      const listed = async () => (await scheduler.jobs(10)).jobs;
      await vi.waitFor(async () => {
        const shown = (await listed()).map(({ name, key, running, failReason }) => [name, key, running, failReason]);
        expect(shown).toEqual([
          ['mailing.launch', 'mailingId=7', true, null],
          ['sweep', '', false, 'no luck'],
          ['mailing.finish', 'mailingId=7', false, null],
          ['mailing.finish', 'mailingId=8', false, null],
        ]);
      });
      const [running, failed, next] = await listed();
      expect(running).toMatchObject({ nextRunAt: null, everyMs: null, lockedAt: expect.any(Date), failCount: 0 });
      expect(running?.lockedBy).toMatch(/^test 0\/[0-9a-f]{8}$/);
      expect(failed).toMatchObject({ everyMs: HOUR_MS, failCount: 1, failedAt: expect.any(Date), lockedBy: null });
      expect(next).toMatchObject({ lockedAt: null, lastRunAt: null, nextRunAt: expect.any(Date) });
      const { jobs, total } = await scheduler.jobs(2);
      expect([jobs.length, total]).toEqual([2, 4]);
      end.resolve(undefined);
    });

    it('says that the store does not answer, where it does not', async () => {
      const { backend, cut } = bench.store.fragile;
      const scheduler = bench.make({ backend });
      await expect(scheduler.jobs(10)).rejects.toThrow();
      await scheduler.start();
      expect(await scheduler.jobs(10)).toEqual({ jobs: [], total: 0 });
      cut();
      await expect(scheduler.jobs(10)).rejects.toThrow();
    });
  });
}
