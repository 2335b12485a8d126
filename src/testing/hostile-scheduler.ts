import { setTimeout as sleep } from 'node:timers/promises';
import type { JobHandler, JobLimits, JobName, JobPayloads, JobRun, Scheduler, When } from '../scheduler/scheduler.js';

/** The repeated run of a job comes so much later at the most, ms: long after what it was rung for has changed. */
const LATE_MS = 2_500;

/**
 * The worst scheduler that still is one: it runs every job three times, twice at once and once late, with a lock that
 * nobody holds, and none at all while it is mute. Rows that hold what they promise under this one hold it under any.
 */
export class HostileScheduler implements Scheduler {
  /** Runs that were handed to handlers, by the job's name. */
  readonly runs = new Map<JobName, number>();
  #mute = false;
  readonly #late = new Set<Promise<unknown>>();
  readonly #stopping = new AbortController();

  /** @param random from 0 to 1: how late a late run is */
  constructor(
    private readonly inner: Scheduler,
    private readonly random: () => number = Math.random,
  ) {}

  get ready(): boolean {
    return this.inner.ready;
  }

  /** While it is mute every ring is lost, and so is every job that comes due, the sweep among them. */
  set mute(mute: boolean) {
    this.#mute = mute;
  }

  define<N extends JobName>(name: N, limits: JobLimits, handler: JobHandler<N>): void {
    this.inner.define(name, limits, (payload, run) => this.#thrice(name, handler, payload, run));
  }

  async ring<N extends JobName>(name: N, payload: JobPayloads[N], at?: Date): Promise<void> {
    if (!this.#mute) await this.inner.ring(name, payload, at);
  }

  async every(name: 'sweep', intervalMs: number): Promise<void> {
    await this.inner.every(name, intervalMs);
  }

  async jobs(first: number) {
    return await this.inner.jobs(first);
  }

  async start(): Promise<void> {
    await this.inner.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.inner.stop();
    await Promise.allSettled(this.#late);
  }

  async #thrice<N extends JobName>(
    name: N,
    handler: JobHandler<N>,
    payload: JobPayloads[N],
    run: JobRun,
  ): Promise<When | undefined> {
    const once = async (as: JobRun) => {
      if (this.#mute) return undefined;
      this.runs.set(name, (this.runs.get(name) ?? 0) + 1);
      return handler(payload, as);
    };
    const unlocked: JobRun = { signal: this.#stopping.signal, touch: async () => {} };
    const late = sleep(this.random() * LATE_MS, undefined, { signal: this.#stopping.signal })
      .then(() => once(unlocked))
      .catch(() => {});
    this.#late.add(late);
    void late.finally(() => this.#late.delete(late));
    const [first] = await Promise.all([once(run), once(unlocked)]);
    return first;
  }
}
