import type pg from 'pg';
import type { Logger } from '../platform/log.js';
import type { Scheduler } from '../scheduler/scheduler.js';
import { touching } from '../scheduler/touching.js';

/** A lock of the job: looked after while it runs, ms. */
const LOCK_MS = 3_000;

/** It is night, and something is old enough. The hours are those of the daily report's zone. */
const IS_DUE = `
  select extract(hour from statement_timestamp() at time zone $2) between 1 and 4 and exists (
    select from mailing g where g.status in ('COMPLETED', 'CANCELLED') and g.pruned_at is null and g.total > 0
      and g.finished_at < statement_timestamp() - coalesce(g.keep_days, $1::int) * interval '1 day') as due`;

/** Removes the messages of old mailings at night. A doorbell like all jobs: the rows say what there is to do. */
export class PruneJob {
  constructor(
    private readonly options: {
      pool: pg.Pool;
      scheduler: Scheduler;
      log: Logger;
      /** RETENTION_DAYS. */
      days: number | null;
      /** Whose night it is. */
      timeZone: () => string;
    },
  ) {}

  /** Tells the scheduler what to do; call before it starts. */
  define(): void {
    const { pool, scheduler, log, days } = this.options;
    scheduler.define('mailing.prune', { concurrency: 1, lockMs: LOCK_MS }, (_, run) =>
      touching(run, LOCK_MS, async () => {
        const { prune } = await import('./prune.js');
        await prune(pool, { days, log, signal: run.signal });
        return undefined;
      }),
    );
  }

  /** Rings at night when there is anything to do. */
  async ringDue(): Promise<void> {
    const { pool, scheduler, days, timeZone } = this.options;
    const { rows } = await pool.query<{ due: boolean }>(IS_DUE, [days, timeZone()]);
    if (rows[0]?.due) await scheduler.ring('mailing.prune', {});
  }
}
