import {
  type AgendaBackend,
  type Job,
  type JobParameters,
  type JobRepository,
  type NotificationChannel,
  toJobId,
} from 'agenda';
import { Glances } from './glances.js';
import { JobAborted, type JobData, type JobLimits, type JobName, type JobRun, type When } from './scheduler-jobs.js';
import type { JobStore, RunEnd } from './scheduler-store.js';

type Handler = (data: JobData, run: JobRun) => Promise<When | undefined>;

interface Slots extends JobLimits {
  held: number;
  /** The look under way. */
  looking?: Promise<JobParameters | undefined> | undefined;
  lookAgain: boolean;
  alarm?: NodeJS.Timeout;
}

interface HeldJob {
  readonly id: string;
  readonly token: string;
  readonly name: JobName;
  readonly data: JobData;
  readonly abort: AbortController;
  expiry?: NodeJS.Timeout;
  started: boolean;
  /** When its handler wants it again. */
  again: When | null;
}

/** Agenda drops a job, its handler still running, whose lock looks old to it. Ours never do: JobLocks watches them. */
const NEVER_OLD = new Date(8.64e15);
/** Pause before looking again for a job that was due while another process held its row, in ms. */
const BUSY_ROW_MS = 5;

/**
 * Takes Agenda's locks: which job is run next by this process, for how long it is ours, and what becomes of it.
 *
 * Agenda itself locks all that is due within the next poll, far more than it can run, and keeps it from others; a job
 * that waits so cannot be called earlier. Here a job is locked when it is due and there is room to run it, one look at
 * a time for each name; an alarm is set for what is due before the next poll.
 */
export class JobLocks {
  readonly #store: JobStore;
  readonly #glances: Glances;
  readonly #owner: string;
  readonly #horizonMs: number;
  readonly #wake: (name: JobName) => void;
  readonly #onDue: (name: JobName) => Promise<void>;
  readonly #slots = new Map<JobName, Slots>();
  readonly #held = new Map<string, HeldJob>();
  #tokens = 0;
  #stopping = false;
  #onDrop: () => void = () => {};

  /**
   * @param o.owner prefix of the tokens; no two processes have the same
   * @param o.horizonMs jobs due within this time get an alarm; later ones are found by the next poll
   * @param o.wake makes Agenda look for jobs of that name in this process
   * @param o.onDue told when a run ended and its job is due again; never rejects
   */
  constructor(o: {
    store: JobStore;
    owner: string;
    horizonMs: number;
    wake: (name: JobName) => void;
    onDue: (name: JobName) => Promise<void>;
  }) {
    this.#store = o.store;
    this.#glances = new Glances(o.store, o.horizonMs);
    this.#owner = o.owner;
    this.#horizonMs = o.horizonMs;
    this.#wake = o.wake;
    this.#onDue = o.onDue;
  }

  allow(name: JobName, limits: JobLimits): void {
    this.#slots.set(name, { ...limits, held: 0, lookAgain: false });
  }

  /** What Agenda works on: its repository of the store's kind, with its handling of locks replaced by ours. */
  backend(notificationChannel: NotificationChannel): AgendaBackend {
    const hooks: Pick<JobRepository, 'getNextJobToRun' | 'saveJobState' | 'unlockJob' | 'unlockJobs'> = {
      getNextJobToRun: (name) => this.#lockNext(name as JobName),
      // Agenda saves when a run starts, where the lock has said all there is to say, and when it ends.
      saveJobState: (job) => (job.lockedAt ? Promise.resolve() : this.#finish(job)),
      // Agenda gives back only what it has not begun, and stops when it gives back many.
      unlockJob: (job) => this.#releaseUnstarted(job.lastModifiedBy),
      unlockJobs: () => this.#releaseUnstarted(),
    };
    return {
      name: this.#store.constructor.name,
      repository: Object.assign(this.#store.repository, hooks),
      notificationChannel,
      ownsConnection: false,
      connect: async () => {},
      disconnect: async () => {},
    };
  }

  /** Runs the handler for a job that Agenda hands out, and tells Agenda when it is wanted again. */
  async run(job: Job, handler: Handler): Promise<void> {
    const held = this.#held.get(job.attrs.lastModifiedBy ?? '');
    if (!held) return;
    held.started = true;
    const again = await handler(held.data, { signal: held.abort.signal, touch: () => this.#touch(held) });
    held.again = again ?? null;
    // Agenda wants a date or none; which one is for the store to say.
    job.attrs.nextRunAt = again === undefined ? null : new Date(0);
  }

  /** Takes no more jobs, tells the running ones, and waits until no look is under way. */
  async stopTaking(): Promise<void> {
    this.#stopping = true;
    for (const slots of this.#slots.values()) clearTimeout(slots.alarm);
    for (const held of this.#held.values()) held.abort.abort(new JobAborted('The process is stopping.'));
    await Promise.allSettled([...this.#slots.values()].map((slots) => slots.looking));
  }

  /** Gives back what was never started, and waits for the rest to end. */
  async settle(): Promise<void> {
    await this.#releaseUnstarted();
    while (this.#held.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onDrop = resolve;
      });
    }
  }

  async #lockNext(name: JobName): Promise<JobParameters | undefined> {
    const slots = this.#slots.get(name);
    // Where all slots are taken nobody needs to look: whoever ends a run wakes us.
    if (!slots || this.#stopping || slots.held >= slots.concurrency) return undefined;
    if (slots.looking) {
      // The look under way may have begun before the job we were woken for was there.
      slots.lookAgain = true;
      return undefined;
    }
    slots.lookAgain = false;
    clearTimeout(slots.alarm);
    try {
      slots.looking = this.#look(name, slots);
      return await slots.looking;
    } finally {
      slots.looking = undefined;
      if (slots.lookAgain) setImmediate(() => this.#wake(name));
    }
  }

  async #look(name: JobName, slots: Slots): Promise<JobParameters | undefined> {
    if (!(await this.#glances.isWorthALook(name, slots.lockMs)) || this.#stopping) return undefined;
    this.#tokens += 1;
    const token = `${this.#owner}/${this.#tokens}`;
    const asked = performance.now();
    const look = await this.#store.look(name, token, slots.lockMs, this.#horizonMs);
    if ('job' in look) {
      const held = this.#hold({ ...look.job, token, name }, slots, asked);
      if (!this.#stopping) return toAgenda(held);
      await this.#release(held);
    } else if (look.nextInMs !== null && !this.#stopping) {
      slots.alarm = setTimeout(() => this.#wake(name), Math.max(look.nextInMs, BUSY_ROW_MS));
    }
    return undefined;
  }

  #hold(job: Pick<HeldJob, 'id' | 'token' | 'name' | 'data'>, slots: Slots, lockedAt: number): HeldJob {
    slots.held += 1;
    const held: HeldJob = { ...job, abort: new AbortController(), started: false, again: null };
    this.#held.set(held.token, held);
    this.#expireAt(held, lockedAt + slots.lockMs);
    return held;
  }

  /** @param at by performance.now(): the time before the store was asked, so that we err on the early side */
  #expireAt(held: HeldJob, at: number): void {
    clearTimeout(held.expiry);
    const lost = () => held.abort.abort(new JobAborted('The lock has run out; another worker may run the job now.'));
    held.expiry = setTimeout(lost, at - performance.now()).unref();
  }

  async #touch(held: HeldJob): Promise<void> {
    const asked = performance.now();
    const ours = await this.#store.touch(held.id, held.token).catch(() => undefined);
    if (ours) this.#expireAt(held, asked + this.#slots.get(held.name)!.lockMs);
    else if (ours === false) held.abort.abort(new JobAborted('Another worker runs the job now.'));
  }

  async #finish(job: JobParameters): Promise<void> {
    const held = this.#held.get(job.lastModifiedBy ?? '');
    if (!held) return;
    const failed = job.failedAt !== undefined;
    const end: RunEnd = {
      again: failed ? null : held.again,
      failure: failed ? (job.failReason ?? 'failed').slice(0, 500) : null,
    };
    try {
      const outcome = await this.#store.finish(held.id, held.token, end);
      if (outcome === 'due') void this.#onDue(held.name);
    } finally {
      this.#drop(held);
    }
  }

  /** Never rejects: Agenda does not wait for it everywhere, and a lock that stays runs out by itself. */
  async #releaseUnstarted(token?: string): Promise<void> {
    const asked = [...this.#held.values()].filter((held) => token === undefined || held.token === token);
    const unstarted = asked.filter((held) => !held.started);
    await Promise.all(unstarted.map((held) => this.#release(held)));
  }

  async #release(held: HeldJob): Promise<void> {
    this.#drop(held);
    await this.#store.release(held.id, held.token).catch(() => {});
  }

  #drop(held: HeldJob): void {
    clearTimeout(held.expiry);
    this.#held.delete(held.token);
    const slots = this.#slots.get(held.name)!;
    slots.held -= 1;
    this.#onDrop();
    // By then Agenda too has counted the run as ended.
    if (!this.#stopping) setImmediate(() => this.#wake(held.name));
  }
}

/** What Agenda needs to know to run a job: that it is due, and that the lock is good. */
function toAgenda({ id, name, data, token }: HeldJob): JobParameters {
  return {
    _id: toJobId(id),
    name,
    data,
    type: 'normal',
    priority: 0,
    nextRunAt: new Date(0),
    lockedAt: NEVER_OLD,
    lastModifiedBy: token,
  };
}
