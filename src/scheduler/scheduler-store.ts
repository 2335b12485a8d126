import type { JobRepository } from 'agenda';
import type { JobData, JobName, StoredJob, When } from './scheduler-jobs.js';

/** What a look into the store found: a job, now locked by us, or how long until the next one is due. */
export type Look = { job: { id: string; data: JobData } } | { nextInMs: number | null };

/** How a run ended. */
export interface RunEnd {
  /** Book the job again for then; null: only if it was rung meanwhile, or repeats. */
  again: When | null;
  /** Why it failed; null when it did not. */
  failure: string | null;
}

/**
 * Where Agenda's jobs live, with the steps that have to be atomic. Agenda's own repositories read first and write
 * later when a job is saved, and write without looking whose the lock is when one ends: rings made while a job runs are
 * lost or doubled, and a handler that outlived its lock takes the lock of the next one away.
 *
 * Every date is compared with the store's clock, never with that of a worker. A lock is held under a token that is
 * used once; whoever has not the token changes nothing.
 */
export interface JobStore {
  /** Agenda's own, for what is not time-critical. */
  readonly repository: JobRepository;
  /** Opens the connection and checks that the store is set up. May be called again after it failed. */
  connect(): Promise<void>;
  /** Rejects when the store can't be reached. */
  ping(): Promise<void>;
  /**
   * Books a job; of two dates the earlier one stays. With `everyMs` it is booked again after each run.
   * @returns whether somebody should look now: false when nothing changed, or the job runs (its end says it then)
   */
  book(name: JobName, data: JobData, when: When, everyMs: number | null): Promise<boolean>;
  /**
   * Locks a job of that name that is due, or whose lock is older than `lockMs`. Its date is used up by that: a ring
   * from here on is a new one.
   * @returns else the time until the next is due, in ms, if that is within `horizonMs`
   */
  look(name: JobName, token: string, lockMs: number, horizonMs: number): Promise<Look>;
  /**
   * Of these names those that are worth a look: of which a job is due, or will be within `horizonMs`, or whose lock is too old. Asks once
   * where a look at each would ask a dozen times, mostly for nothing.
   */
  glance(asked: readonly { name: JobName; lockMs: number }[], horizonMs: number): Promise<ReadonlySet<string>>;
  /** Makes the lock as good as new. @returns false when somebody else holds it */
  touch(id: string, token: string): Promise<boolean>;
  /**
   * Removes the job or books it again, and unlocks it.
   * @returns `due`: somebody should look now; `done`: nobody, or at a later date, which each poll looks for; `lost`: somebody else holds the
   * lock, nothing was changed
   */
  finish(id: string, token: string, end: RunEnd): Promise<'done' | 'due' | 'lost'>;
  /** Gives a job back that was locked and never run. */
  release(id: string, token: string): Promise<void>;
  /** Those that run, then those that failed, then by their date: so many of them, and how many there are. */
  list(first: number): Promise<{ jobs: StoredJob[]; total: number }>;
  close(): Promise<void>;
}

/** A token is the name of a process with the number of the lock behind it. */
export function ownerOf(token: string | null | undefined): string | null {
  return token?.replace(/\/\d+$/, '') ?? null;
}
