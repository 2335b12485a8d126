import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createScheduler, type Scheduler, type SchedulerBackend } from '../scheduler/scheduler.js';

/** A job as it is stored, whatever the store. */
export interface StoredJob {
  name: string;
  data: Record<string, unknown>;
  locked: boolean;
  nextRunAt: Date | null;
}

/** One empty store, made for a single test. */
export interface StoreUnderTest {
  /** For one scheduler, which closes it. */
  backend(): SchedulerBackend;
  /** For a process of its own. */
  address: { databaseUrl: string; mongoUrl: string | null };
  /** The same store, through a line that can be cut. */
  fragile: { backend(): SchedulerBackend; cut(): void; mend(): void };
  jobs(): Promise<StoredJob[]>;
  clear(): Promise<void>;
  /** Rejects or hangs when a scheduler left something open. */
  close(): Promise<void>;
}

/** So rare that a test which passes was woken by a bell, an alarm or the end of a run, and not by the poll. */
const HARDLY_EVER_MS = 60_000;

/** Room enough, and a lock that no test outlives by accident. */
export const LIMITS = { concurrency: 4, lockMs: 10_000 };

/** One store and the schedulers that a test starts on it. */
export class SchedulerBench {
  readonly schedulers: Scheduler[] = [];
  /** What they logged, from level info on. */
  readonly lines: Record<string, unknown>[] = [];
  readonly store: StoreUnderTest;

  constructor(store: StoreUnderTest) {
    this.store = store;
  }

  /** A scheduler as a process of its own would have it; stopped by close(). */
  make(o: { pollMs?: number; backend?: () => SchedulerBackend } = {}): Scheduler {
    const sink = new Writable({
      write: (line, _encoding, done) => {
        this.lines.push(JSON.parse(String(line)));
        done();
      },
    });
    const scheduler = createScheduler({
      processName: `test ${this.schedulers.length}`,
      log: pino({ level: 'info' }, sink),
      backend: (o.backend ?? this.store.backend)(),
      pollMs: o.pollMs ?? HARDLY_EVER_MS,
    });
    this.schedulers.push(scheduler);
    return scheduler;
  }

  /** A started scheduler that tells of each run of mailing.finish. */
  async worker(): Promise<{ scheduler: Scheduler; runs: Calls<{ mailingId: string }> }> {
    const scheduler = this.make();
    const runs = new Calls<{ mailingId: string }>();
    scheduler.define('mailing.finish', LIMITS, async (payload) => {
      runs.add(payload);
      return undefined;
    });
    await scheduler.start();
    return { scheduler, runs };
  }

  async close(): Promise<void> {
    await Promise.all(this.schedulers.map((scheduler) => scheduler.stop()));
    await this.store.close();
  }
}

/** Collects calls, and lets a test wait for one of them. */
export class Calls<T> {
  readonly all: T[] = [];
  readonly #waiting: { count: number; resolve: (call: T) => void }[] = [];

  add(call: T): void {
    this.all.push(call);
    for (const { count, resolve } of this.#waiting) if (this.all.length === count) resolve(call);
  }

  nth(count: number): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    if (this.all.length >= count) resolve(this.all[count - 1]!);
    else this.#waiting.push({ count, resolve });
    return promise;
  }
}
