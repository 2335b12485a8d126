import type pg from 'pg';
import { maskPhonesIn } from '../access/mask-phone.js';
import type { FailureGroup } from '../mailing/failures.js';
import { MailingStatus } from '../mailing/mailing.js';
import type { ProgressReader } from '../mailing/progress-reader.js';
import { countsOf, StatusCounts } from '../mailing/status-counts.js';
import { NOT_SENT_SQL } from '../message/message-filter.js';
import { type DailyReportContent, DailyReportMailing, MAX_FAILURES, MAX_REPORTED } from './daily-report.js';
import { countMessagesIn, groupMessages, howFresh, StatisticsGroupBy } from './group-messages.js';
import type { ReportDay } from './report-days.js';

/** Messages looked at for the reasons of failures, of each status, of all mailings together. */
const FAILURES_AMONG = 200_000;

/** What counting works with. */
export interface CountingParts {
  pool: pg.Pool;
  progress: Pick<ProgressReader, 'waiting'>;
}

interface MailingRow extends StatusCounts {
  id: string;
  name: string;
  status: MailingStatus;
  startsAt: Date;
  endsAt: Date;
  allowedFrom: string | null;
  allowedTo: string | null;
  /** How many mailings the report is about. */
  among: number;
}

/**
 * Mailings that had messages in the day ($1, the largest first), were launched or finished in it, or began before it ended and
 * are not over: as many rows are looked at as there are mailings, however many messages they have.
 */
const MAILINGS = `
  select g.id, g.name, g.status, g.starts_at as "startsAt", g.ends_at as "endsAt",
    to_char(g.allowed_from, 'HH24:MI') as "allowedFrom", to_char(g.allowed_to, 'HH24:MI') as "allowedTo",
    g.total, g.open, g.sent, g.failed, g.expired, g.cancelled, g.unknown, (count(*) over ())::int as among
  from mailing g left join unnest($1::bigint[]) with ordinality counted (id, place) on counted.id = g.id
  where g.deleted_at is null and (counted.id is not null
    or g.launched_at >= $2 and g.launched_at < $3 or g.finished_at >= $2 and g.finished_at < $3
    or g.status in ('RUNNING', 'PAUSED') and g.launched_at < $3)
  order by counted.place nulls last, g.id desc limit ${MAX_REPORTED}`;

/** As mailing/failures.ts does it, but of one day: statistics count a message that was not sent when it was tried last. */
const FAILURES = `
  select n, status, gateway_code as "gatewayCode", reason, count from (
    select w.n::int, s.status, m.gateway_code, m.reason, count(*)::int as count,
      row_number() over (partition by w.n order by count(*) desc, s.status, m.gateway_code, m.reason) as place
    from unnest($1::bigint[]) with ordinality w (id, n) cross join unnest(array['FAILED', 'UNKNOWN']) s (status) cross join lateral (
      select gateway_code, reason, coalesce(sent_at, attempt_ended_at, created_at) as at from message
      where mailing_id = w.id and status = s.status and status in (${NOT_SENT_SQL}) and kind = 'CAMPAIGN'
      order by id desc limit $4::int
    ) m
    where m.at >= $2 and m.at < $3 group by w.n, s.status, m.gateway_code, m.reason
  ) grouped
  where place <= ${MAX_FAILURES} order by n, place`;

/** Counts what the report of a day tells: what statistics of that stretch of time say, and their reasons. */
export async function countDay(parts: CountingParts, day: ReportDay, timeZone: string): Promise<DailyReportContent> {
  const { pool } = parts;
  const { from, to, before } = day;
  const { asOf, uncounted } = await howFresh(pool);
  const messages = await countMessagesIn(pool, { from, to });
  const earlier = await countMessagesIn(pool, { from: before, to: from });
  const counted = await groupMessages(pool, { from, to }, StatisticsGroupBy.MAILING, null);
  const byId = new Map(counted.map((group) => [group.key, group.messages]));
  const { rows } = await pool.query<MailingRow>(MAILINGS, [[...byId.keys()], from, to]);
  const mailings = await describeMailings(parts, rows, byId, day);
  return {
    ...{ id: day.day, timeZone, from, to, asOf, uncountedMailings: uncounted, messages },
    ...{ sentShare: sentShareOf(messages), sentShareBefore: sentShareOf(earlier) },
    ...{ mailings, otherMailings: (rows[0]?.among ?? 0) - rows.length },
  };
}

/** Whether everything that happened until then is counted. */
export function isWhole({ asOf, to, uncountedMailings }: DailyReportContent): boolean {
  return uncountedMailings === 0 && new Date(asOf) >= new Date(to);
}

async function describeMailings(
  { pool, progress }: CountingParts,
  rows: readonly MailingRow[],
  byId: ReadonlyMap<string | null, StatusCounts>,
  { from, to }: ReportDay,
): Promise<DailyReportMailing[]> {
  const ofDay = (id: string) => byId.get(id) ?? NOTHING;
  const failing = rows.map(({ id }) => id).filter((id) => ofDay(id).failed + ofDay(id).unknown > 0);
  const failures = await groupFailuresOf(pool, failing, from, to);
  return await Promise.all(
    rows.map(async (row) => {
      const { id, name, status, startsAt, endsAt, allowedFrom, allowedTo } = row;
      const groups = failures.get(id) ?? [];
      const messages = ofDay(id);
      const shown = groups.reduce((sum, { count }) => sum + count, 0);
      return Object.assign(new DailyReportMailing(), {
        ...{ id, name: maskPhonesIn(name), status, startsAt, endsAt, allowedFrom, allowedTo, messages },
        overall: countsOf(row),
        isUnfinished: UNFINISHED.includes(status) || row.open > 0,
        waiting: (await progress.waiting(row)).map((each) => ({ ...each, detail: masked(each.detail) })),
        failures: groups.map((each) => ({ ...each, reason: masked(each.reason) })),
        // One that was sent again since is counted where it failed, until its mailing is counted anew.
        otherFailures: Math.max(0, messages.failed + messages.unknown - shown),
      });
    }),
  );
}

const UNFINISHED = [MailingStatus.RUNNING, MailingStatus.PAUSED];
const NOTHING: StatusCounts = Object.assign(new StatusCounts(), {
  ...{ total: 0, open: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 },
});
const masked = (text: string | null) => text && maskPhonesIn(text);

async function groupFailuresOf(
  pool: pg.Pool,
  ids: readonly string[],
  from: Date,
  to: Date,
): Promise<Map<string, FailureGroup[]>> {
  if (ids.length === 0) return new Map();
  const each = Math.ceil(FAILURES_AMONG / ids.length);
  const { rows } = await pool.query<FailureGroup & { n: number }>(FAILURES, [ids, from, to, each]);
  const byPlace = Map.groupBy(rows, ({ n }) => n);
  return new Map(ids.map((id, at) => [id, (byPlace.get(at + 1) ?? []).map(({ n: _, ...group }) => group)]));
}

/** Which part of what came to an end was sent; null: nothing did. */
function sentShareOf({ total, open, sent }: StatusCounts): number | null {
  return total === open ? null : sent / (total - open);
}
