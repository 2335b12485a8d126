import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ChangeBell } from '../live/change-bell.js';
import type { Logger } from '../platform/log.js';
import type { JobRun, Scheduler, When } from '../scheduler/scheduler.js';
import { bellOf } from './client-jobs.js';
import { failJob, isPassing, leaveJob, runBatch } from './run-batch.js';

/** Jobs one process works on at once: they share the database with everything that is sent. */
const CONCURRENCY = 2;
/** A dead worker's lock is gone before its lease, ms. */
const LOCK_MS = 8_000;

/** What the jobs work with. */
export interface BulkJobsOptions {
  pool: pg.Pool;
  scheduler: Pick<Scheduler, 'define'>;
  bell: Pick<ChangeBell, 'ring'>;
  log: Logger;
}

/** Works on many clients at once. A doorbell like the jobs of mailings: the rows say what there is to do. */
export class BulkJobs {
  readonly #owner = randomUUID();

  constructor(private readonly options: BulkJobsOptions) {}

  /** Tells the scheduler what to do; call before it starts. */
  define(): void {
    this.options.scheduler.define('client.job', { concurrency: CONCURRENCY, lockMs: LOCK_MS }, ({ jobId }, run) =>
      this.#work(jobId, run),
    );
  }

  async #work(jobId: string, run: JobRun): Promise<When | undefined> {
    const { pool, bell, log } = this.options;
    const about = { job: 'client.job', client_job_id: jobId };
    try {
      for (let isOver = false; !isOver; ) {
        if (run.signal.aborted) {
          await leaveJob(pool, jobId, this.#owner);
          return { inMs: 0 };
        }
        const batch = await runBatch(pool, jobId, this.#owner);
        if (batch === null) return undefined;
        bell.ring(bellOf(jobId), batch.version);
        isOver = batch.isOver;
        if (batch.setback) log.warn({ ...about, err: batch.setback }, 'a batch of a job on clients came to nothing');
        await run.touch();
      }
      log.info(about, 'a job on clients is over');
    } catch (error) {
      if (isPassing(error)) throw error;
      log.error({ ...about, err: error }, 'a job on clients can not go on');
      await failJob(pool, jobId, this.#owner, 'Something went wrong here; the log of the server says what.');
    }
    return undefined;
  }
}
