import type { JobRun, Scheduler, When } from '../scheduler/scheduler.js';
import { touching } from '../scheduler/touching.js';
import type { DailyReports } from './daily-reports.js';
import { dueDay } from './report-days.js';
import type { ReportSources } from './report-parts.js';

/** A dead worker keeps others from reports for so long, ms; from its letters, for as long as it held those. */
const LOCK_MS = 3_000;
/** It comes again no sooner than this, ms. */
const SOONEST_MS = 1_000;
/** A fault that keeps the sweep from looking is told so often, ms. */
const TELL_EVERY = 600_000;

/**
 * Whether there is anything to do: a report is due that nobody has made, or a letter. One that was being handed over is judged
 * whoever it is to, also once that address is out of the settings. By primary key and a small index.
 */
const IS_DUE = `
  select cardinality($3::text[]) > 0 and not exists (select from daily_report where day = ${dueDay('$1', '$2::text')}) or exists (
    select from daily_report_letter where state in ('WAITING', 'SENDING', 'HANDING_OVER')
      and (state = 'HANDING_OVER' or recipient = any ($3)) and next_try_at <= clock_timestamp() and (lease_until is null or lease_until <= clock_timestamp())) as due`;

/** Has the daily report sent. A doorbell like all jobs: the rows say what there is to do. */
export class ReportJobs {
  #reports: Promise<DailyReports> | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ReportSources & { scheduler: Pick<Scheduler, 'define' | 'ring'> }) {}

  /** Tells the scheduler what to do; call before it starts. */
  define(): void {
    this.options.scheduler.define('report.daily', { concurrency: 1, lockMs: LOCK_MS }, (_, run) =>
      touching(run, LOCK_MS, () => this.#work(run)),
    );
  }

  /** Rings when there is anything to do. Never throws: whoever sweeps has more to look after than reports. */
  async ringDue(): Promise<void> {
    const { config, pool, scheduler, log } = this.options;
    const { recipients, at, timeZone } = config.report;
    try {
      const values = [at, timeZone, config.mail === null ? [] : recipients];
      const { rows } = await pool.query<{ due: boolean }>({ name: 'report-is-due', text: IS_DUE, values });
      if (rows[0]?.due) await scheduler.ring('report.daily', {});
    } catch (error) {
      if (performance.now() - this.#toldAt < TELL_EVERY) return;
      this.#toldAt = performance.now();
      log.warn({ err: error }, 'it could not be found out whether a daily report is due');
    }
  }

  /** Letters that are there go out even where a new report can't be made yet. */
  async #work(run: JobRun): Promise<When | undefined> {
    this.#reports ??= load(this.options);
    const reports = await this.#reports;
    const look = await reports.bookDue();
    const next = await reports.sendDue(run.signal);
    const soonest = Math.min(look ?? Number.POSITIVE_INFINITY, next ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(soonest) ? { inMs: Math.max(soonest, SOONEST_MS) } : undefined;
  }
}

/** What writes and sends is read when there is something to send: a worker starts without it. */
async function load(sources: ReportSources): Promise<DailyReports> {
  const [{ DailyReports }, { reportParts }] = await Promise.all([
    import('./daily-reports.js'),
    import('./report-parts.js'),
  ]);
  return new DailyReports(reportParts(sources));
}
