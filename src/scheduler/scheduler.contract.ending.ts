import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Calls, LIMITS, SchedulerBench, type StoreUnderTest } from '../testing/scheduler-bench.js';

/** What happens when processes and stores go away, on every backend. */
export function endingContract(open: () => Promise<StoreUnderTest>): void {
  let bench: SchedulerBench;
  beforeEach(async () => {
    bench = new SchedulerBench(await open());
  });
  afterEach(() => bench.close());

  describe('processes', () => {
    function spawnWorker(mode: 'hang' | 'stop') {
      return fork(
        fileURLToPath(new URL('../testing/scheduler-process.ts', import.meta.url)),
        [JSON.stringify({ ...bench.store.address, mode, lockMs: 400 })],
        { execArgv: ['--import', fileURLToPath(new URL('../testing/typescript.mjs', import.meta.url))] },
      );
    }

    it('that are killed leave their jobs to others', async () => {
      const child = spawnWorker('hang');
      const api = bench.make();
      await api.start();
      await api.ring('mailing.finish', { mailingId: '7' });
      await once(child, 'message');
      child.kill('SIGKILL');
      await once(child, 'exit');
      const scheduler = bench.make({ pollMs: 50 });
      const runs = new Calls<string>();
      scheduler.define('mailing.finish', { concurrency: 1, lockMs: 400 }, async ({ mailingId }) => {
        runs.add(mailingId);
        return undefined;
      });
      await scheduler.start();
      expect(await runs.nth(1)).toBe('7');
    });

    it('end by themselves after stop()', async () => {
      const child = spawnWorker('stop');
      const exit = once(child, 'exit');
      const api = bench.make();
      await api.start();
      await api.ring('mailing.finish', { mailingId: '7' });
      expect(await exit).toEqual([0, null]);
    });
  });

  describe('stopping', () => {
    it('tells the handlers, waits for them, and leaves no lock', async () => {
      const scheduler = bench.make();
      const runs = new Calls<AbortSignal>();
      const end = Promise.withResolvers<void>();
      scheduler.define('mailing.finish', { concurrency: 1, lockMs: 10_000 }, async (_, { signal }) => {
        runs.add(signal);
        await end.promise;
        return undefined;
      });
      await scheduler.start();
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await scheduler.ring('mailing.finish', { mailingId: '8' });
      const signal = await runs.nth(1);
      const order: string[] = [];
      const aborted = once(signal, 'abort');
      const stopping = scheduler.stop().then(() => order.push('stopped'));
      await aborted;
      expect(scheduler.ready).toBe(false);
      // Long enough for everything that does not wait for the handler.
      for (let i = 0; i < 20; i += 1) await bench.store.jobs();
      order.push('handler ended');
      end.resolve();
      await stopping;
      expect(order).toEqual(['handler ended', 'stopped']);
      expect(await bench.store.jobs()).toMatchObject([{ data: { mailingId: '8' }, locked: false }]);
      expect(runs.all).toHaveLength(1);
    });

    it('leaves what a handler asks for again to another process', async () => {
      const scheduler = bench.make();
      const started = new Calls<AbortSignal>();
      scheduler.define('mailing.finish', { concurrency: 1, lockMs: 10_000 }, async (_, { signal }) => {
        started.add(signal);
        if (!signal.aborted) await once(signal, 'abort');
        return new Date();
      });
      await scheduler.start();
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      await started.nth(1);
      const { runs } = await bench.worker();
      await scheduler.stop();
      expect(await runs.nth(1)).toEqual({ mailingId: '7' });
      expect(started.all).toHaveLength(1);
    });

    it('gives back at once what was taken and not yet begun', async () => {
      const api = bench.make();
      await api.start();
      for (const mailingId of ['1', '2', '3', '4']) await api.ring('mailing.finish', { mailingId });
      const { scheduler, runs } = await bench.worker();
      await runs.nth(1);
      await scheduler.stop();
      expect(runs.all).toHaveLength(1);
      const left = await bench.store.jobs();
      expect(left.map((job) => [job.locked, job.nextRunAt !== null])).toEqual(Array(3).fill([false, true]));
    });

    it('leaves alone what it finds while it is stopping', async () => {
      const api = bench.make();
      await api.start();
      await api.ring('mailing.finish', { mailingId: '7' });
      const { scheduler, runs } = await bench.worker();
      await scheduler.stop();
      expect(runs.all).toEqual([]);
      expect(await bench.store.jobs()).toMatchObject([{ locked: false, nextRunAt: expect.any(Date) }]);
    });

    it('in the middle of a rush loses no job and leaves no lock', async () => {
      const { scheduler, runs } = await bench.worker();
      const rings = Array.from({ length: 60 }, (_, i) => scheduler.ring('mailing.finish', { mailingId: String(i) }));
      await runs.nth(3);
      await Promise.all([scheduler.stop(), ...rings]);
      const left = await bench.store.jobs();
      const ran = new Set(runs.all.map(({ mailingId }) => mailingId));
      expect(left.filter((job) => job.locked)).toEqual([]);
      expect(left.length + ran.size + bench.lines.length).toBe(60);
    });
  });

  describe('a store', () => {
    it('that is away at the start is tried again until it is there', async () => {
      bench.store.fragile.cut();
      const scheduler = bench.make({ pollMs: 50, backend: bench.store.fragile.backend });
      const runs = new Calls<string>();
      scheduler.define('mailing.finish', LIMITS, async ({ mailingId }) => {
        runs.add(mailingId);
        return undefined;
      });
      await scheduler.start();
      expect(scheduler.ready).toBe(false);
      await scheduler.ring('mailing.finish', { mailingId: 'lost' });
      expect(bench.lines.map((line) => line['msg'])).toEqual([
        'the job store is away; trying again until it is back',
        'a ring was lost, the sweep will ring again',
      ]);
      bench.store.fragile.mend();
      await vi.waitFor(() => expect(scheduler.ready).toBe(true), { timeout: 10_000 });
      expect(bench.lines.at(-1)?.['msg']).toBe('the job store is back');
      await scheduler.ring('mailing.finish', { mailingId: '7' });
      expect(await runs.nth(1)).toBe('7');
    });

    it('that goes away and comes back is taken up again, with a word for each', async () => {
      const scheduler = bench.make({ pollMs: 50, backend: bench.store.fragile.backend });
      const runs = new Calls<void>();
      scheduler.define('sweep', { concurrency: 1, lockMs: 1_000 }, async () => {
        runs.add();
        return undefined;
      });
      await scheduler.every('sweep', 30);
      await scheduler.start();
      await runs.nth(3);
      bench.store.fragile.cut();
      await vi.waitFor(() => expect(scheduler.ready).toBe(false), { timeout: 10_000 });
      bench.store.fragile.mend();
      await vi.waitFor(() => expect(scheduler.ready).toBe(true), { timeout: 10_000 });
      await runs.nth(runs.all.length + 3);
      const words = bench.lines.map((line) => line['msg']).filter((word) => String(word).startsWith('the job store'));
      expect(words).toEqual(['the job store is away; trying again until it is back', 'the job store is back']);
    });
  });
}
