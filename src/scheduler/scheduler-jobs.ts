/** Every job there is, and what it is told: ids only, for the rows are the truth and a job is a doorbell. */
export interface JobPayloads {
  'mailing.launch': { mailingId: string };
  'mailing.dispatch': { mailingId: string; lane: number };
  'mailing.finish': { mailingId: string };
  'mailing.replan': { mailingId: string };
  'mailing.test': { mailingId: string };
  'client.job': { jobId: string };
  'report.daily': Record<string, never>;
  'webhook.deliver': { webhookId: string };
  'alarm.send': Record<string, never>;
  'mailing.prune': Record<string, never>;
  sweep: Record<string, never>;
}

export type JobName = keyof JobPayloads;

/** When a job is wanted: at a date, or so many ms from now by the store's own clock, whatever the worker's says. */
export type When = Date | { inMs: number };

/** A payload as it is stored: with the key that makes it one job however often it is rung. */
export type JobData = { key: string } & Record<string, string | number>;

/** A job as its store has it, for people to look at. */
export interface StoredJob {
  name: string;
  /** What makes it one job, as `toJobData` writes it; empty: it has none. */
  key: string;
  running: boolean;
  /** The process that runs it, by the name that it has in the store. */
  lockedBy: string | null;
  lockedAt: Date | null;
  nextRunAt: Date | null;
  lastRunAt: Date | null;
  everyMs: number | null;
  /** In a row, up to now. */
  failCount: number;
  /** Both null when its last run went well. */
  failedAt: Date | null;
  failReason: string | null;
}

/** What a handler learns about its own run. */
export interface JobRun {
  /** Aborted when the process is stopping, or once the lock is no longer ours: `reason` is a JobAborted. */
  readonly signal: AbortSignal;
  /**
   * Makes the lock as good as new; call it at a quarter of its life. Never rejects: when the store can't be reached
   * the lock simply grows older, and when somebody else holds it the signal says so.
   */
  touch(): Promise<void>;
}

/** Does one job; what it returns books the same job again for then. */
export type JobHandler<N extends JobName> = (payload: JobPayloads[N], run: JobRun) => Promise<When | undefined>;

/** Why a run's signal was aborted. */
export class JobAborted extends Error {
  override readonly name = 'JobAborted';
}

/** How many jobs of a name one process runs at once, and how long a lock lives, in ms. */
export interface JobLimits {
  concurrency: number;
  lockMs: number;
}

const KNOWN: Readonly<Record<JobName, true>> = {
  'mailing.launch': true,
  'mailing.dispatch': true,
  'mailing.finish': true,
  'mailing.replan': true,
  'mailing.test': true,
  'client.job': true,
  'report.daily': true,
  'webhook.deliver': true,
  'alarm.send': true,
  'mailing.prune': true,
  sweep: true,
};

/** The names of all jobs. */
export const jobNames = Object.keys(KNOWN) as readonly JobName[];

/** @throws Error when there is no job of that name */
export function assertJobName(name: string): asserts name is JobName {
  if (!Object.hasOwn(KNOWN, name)) throw new Error(`There is no job named "${name}".`);
}

/** Two payloads with the same values are the same job, in whatever order they were written. */
export function toJobData(payload: Record<string, string | number>): JobData {
  const values = Object.entries(payload).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { key: values.map(([name, value]) => `${name}=${value}`).join(' '), ...payload };
}

/** The payload a handler gets: what is stored, without the key. */
export function toPayload<N extends JobName>(data: JobData): JobPayloads[N] {
  const { key: _, ...payload } = data;
  return payload as JobPayloads[N];
}
