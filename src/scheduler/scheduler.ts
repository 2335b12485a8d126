import { randomUUID } from 'node:crypto';
import { Agenda } from 'agenda';
import type pg from 'pg';
import type { Logger } from 'pino';
import { inTime } from '../platform/deadline.js';
import { Bell } from './scheduler-bell.js';
import {
  assertJobName,
  type JobData,
  type JobHandler,
  type JobLimits,
  type JobName,
  type JobPayloads,
  type JobRun,
  type StoredJob,
  toJobData,
  toPayload,
  type When,
} from './scheduler-jobs.js';
import { JobLocks } from './scheduler-locks.js';
import type { JobStore } from './scheduler-store.js';

export type { JobHandler, JobLimits, JobName, JobPayloads, JobRun, StoredJob, When } from './scheduler-jobs.js';

/**
 * Decides when somebody looks. Jobs are doorbells: one may run twice (its lock ran out, its process stood still), late
 * (the store was away) or never (the store lost it); the handler has to find out from the rows what there is to do, and
 * the sweep rings again for what was missed.
 */
export interface Scheduler {
  /**
   * Says how a job is done, before start(). A handler that throws is logged; its job waits for the next ring.
   * @throws Error when the name is unknown or already defined, or the scheduler has been started
   */
  define<N extends JobName>(name: N, limits: JobLimits, handler: JobHandler<N>): void;
  /**
   * Has the job run, now or at a date, in whichever process defines it: one job for each payload, of two dates the
   * earlier. A ring while the job runs makes it run once more. When the store can't be reached the ring is lost, with a
   * word in the log: what it announced is in the rows, and the sweep finds it.
   */
  ring<N extends JobName>(name: N, payload: JobPayloads[N], at?: Date): Promise<void>;
  /** Has a job without payload run now and then again every so many ms, in one process at a time, for good. */
  every(name: 'sweep', intervalMs: number): Promise<void>;
  /** Resolves once jobs are taken, or, with a warning, when the store can't be reached: it is tried again for good. */
  start(): Promise<void>;
  /** Takes no more jobs, aborts the signals of the running ones, waits for them, and closes what it opened. */
  stop(): Promise<void>;
  /**
   * The jobs there are: those that run, then those that failed, then by their date.
   * @param first how many of them
   * @throws Error when the store does not answer
   */
  jobs(first: number): Promise<{ jobs: StoredJob[]; total: number }>;
  /** Whether the store answered lately. */
  readonly ready: boolean;
}

/** Where the jobs live (closed by stop()), and how workers are woken: by Postgres on any store; one connection of the pool listens. */
export interface SchedulerBackend {
  store: JobStore;
  pool: pg.Pool;
}

export interface SchedulerOptions {
  /** Shown in the store as the holder of a lock; made unique by a suffix. */
  processName: string;
  log: Logger;
  backend: SchedulerBackend;
  /** How often the store is looked through for what no bell told of, in ms; 1000. */
  pollMs?: number;
}

/** How long the store may take to answer before it counts as away, in ms. */
const ANSWER_MS = 5_000;

/** Agenda on the backend that is given. Nothing is opened before start(). */
export function createScheduler(options: SchedulerOptions): Scheduler {
  return new AgendaScheduler(options);
}

class AgendaScheduler implements Scheduler {
  readonly #log: Logger;
  readonly #name: string;
  readonly #pollMs: number;
  readonly #store: JobStore;
  readonly #bell: Bell;
  readonly #locks: JobLocks;
  readonly #handlers = new Map<JobName, { limits: JobLimits; handler: JobHandler<JobName> }>();
  readonly #recurring = new Map<JobName, number>();
  #agenda: Agenda | undefined;
  #connected = false;
  #ready: boolean | undefined;
  #state: 'new' | 'started' | 'stopped' = 'new';
  #attending: Promise<void> = Promise.resolve();
  #next: NodeJS.Timeout | undefined;

  constructor({ processName, log, backend, pollMs = 1_000 }: SchedulerOptions) {
    this.#log = log;
    this.#name = `${processName}/${randomUUID().slice(0, 8)}`;
    this.#pollMs = pollMs;
    this.#store = backend.store;
    const onError = (error: Error) => log.debug({ reason: error.message }, 'the scheduler lost a connection');
    // Without a listener an idle connection that breaks ends the process.
    backend.pool.on('error', onError);
    this.#bell = new Bell(backend.pool, onError);
    this.#locks = new JobLocks({
      store: this.#store,
      owner: this.#name,
      horizonMs: pollMs,
      wake: (name) => this.#bell.wake(name),
      onDue: (name) => this.#tellAll(name),
    });
  }

  get ready(): boolean {
    return this.#state === 'started' && this.#ready === true;
  }

  define<N extends JobName>(name: N, limits: JobLimits, handler: JobHandler<N>): void {
    assertJobName(name);
    if (this.#handlers.has(name)) throw new Error(`The job "${name}" is defined twice.`);
    if (this.#state !== 'new') throw new Error(`The job "${name}" is defined after the start.`);
    if (!(limits.concurrency >= 1 && limits.lockMs > 0)) throw new Error(`The job "${name}" has no room to run.`);
    this.#handlers.set(name, { limits, handler: handler as JobHandler<JobName> });
    this.#locks.allow(name, limits);
  }

  async ring<N extends JobName>(name: N, payload: JobPayloads[N], at?: Date): Promise<void> {
    assertJobName(name);
    await this.#book(name, toJobData(payload), at ?? { inMs: 0 });
  }

  async every(name: 'sweep', intervalMs: number): Promise<void> {
    assertJobName(name);
    this.#recurring.set(name, intervalMs);
    if (this.#connected) await this.#book(name, toJobData({}), { inMs: 0 }, intervalMs);
  }

  async jobs(first: number): Promise<{ jobs: StoredJob[]; total: number }> {
    if (!this.#connected) throw new Error('The scheduler is not connected.');
    return await inTime(ANSWER_MS, this.#store.list(first));
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error('A scheduler is started once.');
    this.#state = 'started';
    await this.#attend();
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    clearTimeout(this.#next);
    await this.#attending;
    await this.#locks.stopTaking();
    await this.#agenda?.stop(false);
    await this.#locks.settle();
    await this.#store.close();
  }

  /** Books and tells; a store that is away is a ring lost, not an error of whoever rang. */
  async #book(
    name: JobName,
    data: JobData,
    when: Date | { inMs: number },
    everyMs: number | null = null,
  ): Promise<void> {
    try {
      if (!this.#connected || this.#state === 'stopped') throw new Error('The scheduler is not connected.');
      if (await this.#store.book(name, data, when, everyMs)) await this.#tellAll(name);
    } catch (error) {
      this.#log.warn({ job: name, reason: reasonOf(error) }, 'a ring was lost, the sweep will ring again');
    }
  }

  async #tellAll(name: JobName): Promise<void> {
    // The job is booked: unheard, it is found by the next poll.
    await this.#bell.ring(name).catch((error) => this.#log.debug({ reason: reasonOf(error) }, 'a bell was not heard'));
  }

  /** Connects, starts Agenda, and from then on checks once a poll that the store is there and recurring jobs exist. */
  async #attend(): Promise<void> {
    this.#attending = this.#check().then(
      () => this.#setReady(true),
      (error) => this.#setReady(false, error),
    );
    await this.#attending;
    if (this.#state === 'started') this.#next = setTimeout(() => this.#attend(), Math.min(this.#pollMs, 1_000));
  }

  async #check(): Promise<void> {
    if (!this.#connected) {
      await inTime(ANSWER_MS, this.#store.connect());
      this.#connected = true;
      for (const [name, everyMs] of this.#recurring) await this.#book(name, toJobData({}), { inMs: 0 }, everyMs);
    }
    if (this.#agenda) await inTime(ANSWER_MS, this.#store.ping());
    else await this.#startAgenda();
    // Somebody may have emptied the store; without the sweep nobody would ever ring again.
    for (const [name, everyMs] of this.#recurring) {
      await inTime(ANSWER_MS, this.#store.book(name, toJobData({}), { inMs: everyMs }, everyMs));
    }
  }

  async #startAgenda(): Promise<void> {
    const agenda = new Agenda({
      backend: this.#locks.backend(this.#bell),
      name: this.#name,
      processEvery: this.#pollMs,
      // JobLocks counts; Agenda's own counters would only get in its way.
      maxConcurrency: Number.MAX_SAFE_INTEGER,
      // What Agenda needs of a lock's life is how often it checks whether a run is over: twice a poll.
      defaultLockLifetime: 1,
    });
    agenda.on('error', (error: Error) => this.#log.debug({ reason: error.message }, 'Agenda met an error'));
    for (const [name, { limits, handler }] of this.#handlers) {
      // One parameter only: with a second one Agenda waits for a callback.
      agenda.define(name, (job) => this.#locks.run(job, (data, run) => this.#handle(name, handler, data, run)), {
        concurrency: limits.concurrency,
      });
    }
    await agenda.start();
    this.#agenda = agenda;
  }

  async #handle(name: JobName, handler: JobHandler<JobName>, data: JobData, run: JobRun): Promise<When | undefined> {
    try {
      const again = await handler(toPayload(data), run);
      if (again && !Number.isFinite(again instanceof Date ? again.getTime() : again.inMs))
        throw new Error('The handler returned a date that is none.');
      return again;
    } catch (error) {
      const mailing = data['mailingId'] === undefined ? {} : { mailing_id: String(data['mailingId']) };
      this.#log.error({ job: name, ...mailing, err: error }, 'a job failed');
      throw error;
    }
  }

  #setReady(ready: boolean, error?: unknown): void {
    if (ready === this.#ready) return;
    const wasAway = this.#ready === false;
    this.#ready = ready;
    if (!ready) this.#log.warn({ reason: reasonOf(error) }, 'the job store is away; trying again until it is back');
    else if (wasAway) this.#log.info('the job store is back');
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
