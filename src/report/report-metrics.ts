import type pg from 'pg';
import type { Registry } from 'prom-client';
import { addGauge, sharedReading } from '../platform/metrics.js';
import type { ReportSettings } from '../report-settings.js';
import { readDue } from './report-days.js';

/** So long a reading holds, ms. */
const HOLDS_MS = 2_000;
/** A letter that was not sent so long after its report was due is overdue, ms. */
const OVERDUE_AFTER_MS = 3_600_000;

/** Letters of the newest daily report that is due, by what became of them. */
export interface ReportLetterCounts {
  sent: number;
  /** Refused, given up, or nobody knows whether it went. */
  failed: number;
  waiting: number;
  /** Still waits an hour after it was due; where nobody has made the report, so does a letter to each recipient. */
  overdue: number;
}

export async function countReportLetters(pool: pg.Pool, settings: ReportSettings): Promise<ReportLetterCounts> {
  const due = await readDue(pool, settings);
  const { rows } = await pool.query<{ booked: boolean; letters: number; sent: number; failed: number }>(
    `select exists (select from daily_report where day = $1) as booked, count(*)::int as letters,
       (count(*) filter (where state = 'SENT'))::int as sent,
       (count(*) filter (where state in ('REFUSED', 'IN_DOUBT', 'GIVEN_UP')))::int as failed
     from daily_report_letter where day = $1 and recipient = any ($2)`,
    [due.day, settings.recipients],
  );
  const { booked, letters, sent, failed } = rows[0]!;
  // Who was named after it was made gets the next one.
  const missing = (booked ? letters : settings.recipients.length) - sent - failed;
  const isLate = due.sinceMs > OVERDUE_AFTER_MS;
  return { sent, failed, waiting: isLate ? 0 : missing, overdue: isLate ? missing : 0 };
}

/** Tells of the daily report. For processes that serve people: N workers would ask N times. */
export function addReportMetrics(registry: Registry, pool: pg.Pool, settings: () => ReportSettings): void {
  const read = sharedReading(HOLDS_MS, () => countReportLetters(pool, settings()));
  addGauge(
    registry,
    {
      name: 'heliograph_report_letters',
      help: 'Letters of the newest daily report that is due: sent, failed, waiting, overdue (not sent an hour after it was due).',
      labelNames: ['state'],
    },
    async () => Object.entries(await read()).map(([state, count]) => [{ state }, count]),
  );
}
