import type pg from 'pg';
import { plainArray, textArray } from '../platform/sql-arrays.js';
import { TEST_SEND_MINUTES } from './claim-test-sends.js';
import type { Message } from './message.js';
import { type FinishedCounts, publishChanges } from './publish-changes.js';
import { NO_ZONE, OUT_OF_REACH } from './windows.js';

/**
 * What became of a claimed message: a channel's outcome, or the dispatcher's own word.
 *
 * - `returned`: not started; it goes back as it was.
 * - `withdrawn`: its client opted out or was deleted.
 * - `late`: its window closed, or the mailing's plan changed: it is planned anew.
 */
export const recordKinds = ['accepted', 'rejected', 'retry', 'unknown', 'returned', 'withdrawn', 'late'] as const;
export type RecordKind = (typeof recordKinds)[number];

/** One line of a batch. */
export interface OutcomeRecord {
  id: string;
  fence: number;
  kind: RecordKind;
  /** Counts against `maxAttempts`. */
  charged: boolean;
  /** Not again before so many ms from now. */
  delayMs: number;
  gatewayCode: number | null;
  reason: string | null;
  /** By the database's clock, ms since the epoch; null when nothing was tried. */
  startedAt: number | null;
  endedAt: number | null;
}

/** The mailing after a batch; null when the batch changed nothing. */
export type Published = { version: string; status: string; finished: FinishedCounts } | null;

/** What is different for a test send: it has ten minutes at any hour, and is in no count and no version. */
interface Rules {
  kind: Message['kind'];
  /** When it may go, as columns of the mailing. */
  columns: string;
  /** When it is over. */
  ends: string;
  /** Why it is over then. */
  tooLate: string;
}

const CAMPAIGN: Rules = {
  kind: 'CAMPAIGN',
  columns: `starts_at, ends_at, coalesce(allowed_from, '00:00') as opens, coalesce(allowed_to, '24:00') as closes,
      coalesce(weekdays, '{1,2,3,4,5,6,7}') as days`,
  ends: 'g.ends_at',
  tooLate: OUT_OF_REACH,
};

const TEST: Rules = {
  kind: 'TEST',
  columns: `timestamptz '-infinity' as starts_at, time '00:00' as opens, time '24:00' as closes, '{1,2,3,4,5,6,7}'::int[] as days`,
  ends: 'l.window_ends_at',
  tooLate: `it could not be sent within ${TEST_SEND_MINUTES} minutes`,
};

/**
 * Writes a batch's outcomes: the one writer of what an attempt came to.
 *
 * SENT wins from any claim. Everything else needs this claim's fence *and* its lease not yet cleared: recording clears
 * it, so a batch whose COMMIT acknowledgement was lost can be recorded again without harm. Rows are locked in id order,
 * then the mailing row (publish-changes.ts). What goes on is planned by `next_window`; what cannot be reached before
 * the end is over now. An earlier attempt of unknown outcome turns any "no" into UNKNOWN.
 *
 * Shape matters: PostgreSQL knows next to nothing of a mailing that is new, and would walk over the whole of it for each batch. `= any ($2)`
 * finds the rows by the primary key, and where they are written it is not told that they are all of one mailing.
 */
const recordSql = ({ kind, columns, ends, tooLate }: Rules) => `
  with o as materialized (
    select * from unnest($2::bigint[], $3::int[], $4::text[], $5::boolean[], $6::float8[], $7::int[], $8::text[], $9::float8[], $10::float8[])
      as o(id, claim, kind, charged, delay_ms, code, reason, started, ended)
  ), g as materialized (
    select id, plan, ${columns}, max_attempts, unknown_outcome, clock_timestamp() as now
    from mailing where id = $1
  ), l as materialized (
    select m.mailing_id, m.id, m.kind as message_kind, m.status as old, m.fence, m.lease_until, m.tries_used, m.uncertain, m.time_zone, m.attempt_started_at,
      m.attempt_ended_at, m.attempt_fence, m.attempt_outcome, m.gateway_code, m.reason as old_reason, m.window_ends_at,
      o.claim, o.kind, o.charged, o.delay_ms, o.code, o.reason, o.started, o.ended,
      m.uncertain or o.kind = 'unknown' as may_be_sent
    from o join message m on m.mailing_id = $1 and m.id = any ($2::bigint[]) and m.id = o.id
    order by m.id
    for update of m
  ), r as materialized (
    select l.*, w.opens_at, least(w.closes_at, ${ends}) as closes_at, g.plan, g.now,
      -- Nothing but the time is against it: it would be tried again, and cannot be before the end, or never for want of a zone.
      case when kind in ('retry', 'unknown', 'late') and old = 'OPEN' and coalesce(w.opens_at + $11 * interval '1 ms' >= ${ends}, true)
        and not (charged and tries_used + 1 >= coalesce(g.max_attempts, 2147483647))
        and not (kind = 'unknown' and g.unknown_outcome = 'NEVER_AGAIN')
        then case when lacks_zone then '${NO_ZONE}' else '${tooLate}' end
      end as by_time,
      case
        when kind = 'accepted' then case when old <> 'SENT' then 'SENT' end
        when old <> 'OPEN' or claim <> fence or lease_until is null then null
        when kind = 'returned' then 'OPEN'
        when kind = 'rejected' or (charged and tries_used + 1 >= g.max_attempts) then case when may_be_sent then 'UNKNOWN' else 'FAILED' end
        when kind = 'unknown' and g.unknown_outcome = 'NEVER_AGAIN' then 'UNKNOWN'
        when kind = 'withdrawn' then case when may_be_sent then 'UNKNOWN' else 'CANCELLED' end
        when coalesce(w.opens_at + $11 * interval '1 ms' >= ${ends}, true)
          then case when may_be_sent then 'UNKNOWN' when lacks_zone then 'FAILED' else 'EXPIRED' end
        else 'OPEN'
      end as new
    from l cross join g left join lateral next_window(
      case when l.kind in ('retry', 'unknown', 'late') and l.old = 'OPEN'
        then greatest(g.now + least(l.delay_ms, 1e10) * interval '1 ms', g.starts_at) end,
      l.time_zone, g.opens, g.closes, g.days, $11 * interval '1 ms') w on true
    cross join lateral (select w.opens_at is null and not zone_is_known(l.time_zone) as lacks_zone) z
    where l.message_kind = '${kind}'
  ), earlier as (
    insert into message_attempt (mailing_id, message_id, fence, started_at, ended_at, outcome, gateway_code, reason)
    select $1, id, attempt_fence, attempt_started_at, attempt_ended_at, attempt_outcome, gateway_code, old_reason
    from r where new is not null and started is not null and attempt_started_at is not null
      -- A gateway that is away refuses the same message every few seconds: that is one line, not a thousand.
      and not (kind = 'retry' and not charged and attempt_outcome = 'retry' and old_reason is not distinct from reason)
    on conflict do nothing
  ), u as (
    update message m set
      status = r.new,
      lease_until = null,
      due_at = case when r.new = 'OPEN' and r.kind <> 'returned' then r.opens_at else m.due_at end,
      window_ends_at = case when r.new = 'OPEN' and r.kind <> 'returned' then r.closes_at else m.window_ends_at end,
      plan = case when r.kind <> 'returned' then r.plan else m.plan end,
      waiting_for = case
        when r.new <> 'OPEN' then null
        when r.kind = 'returned' then m.waiting_for
        when r.opens_at <= r.now then null
        when r.kind = 'late' or r.opens_at > r.now + least(r.delay_ms, 1e10) * interval '1 ms' + interval '1 s' then 'WINDOW'
        else 'RETRY' end,
      tries_used = m.tries_used + case when r.charged then 1 else 0 end,
      uncertain = r.may_be_sent,
      attempt_started_at = case when r.started is null then m.attempt_started_at else to_timestamp(r.started / 1000) end,
      attempt_ended_at = case when r.started is null then m.attempt_ended_at else to_timestamp(r.ended / 1000) end,
      attempt_fence = case when r.started is null then m.attempt_fence else r.claim end,
      attempt_outcome = case when r.started is null then m.attempt_outcome else r.kind end,
      gateway_code = case when r.started is null then m.gateway_code else r.code end,
      reason = case
        when r.by_time is not null then concat_ws('; ', coalesce(r.reason, m.reason), r.by_time)
        when r.kind in ('returned', 'late') then m.reason
        else r.reason end,
      sent_at = case when r.new = 'SENT' then to_timestamp(r.ended / 1000) else m.sent_at end
    from r
    where r.new is not null and m.mailing_id = r.mailing_id and m.id = r.id
    returning m.id, r.old, r.new, r.kind
  ), changed as (
    select id, old, new, case when new = 'OPEN' then 'DELAYED' else new end as shown from u where kind <> 'returned' ${kind === 'TEST' ? 'and false' : ''}
  ), ${publishChanges({ plan: '(select plan from g)' })}`;

const STATEMENTS = {
  CAMPAIGN: { name: 'record-outcomes', text: recordSql(CAMPAIGN) },
  TEST: { name: 'record-test-sends', text: recordSql(TEST) },
};

/**
 * @param timeoutMs one attempt's time-out: a window or an end nearer than that counts as over
 * @param kind of all of them: which rules hold
 * @throws what pg throws; the caller tries again, which is harmless
 */
export async function recordOutcomes(
  pool: pg.Pool,
  mailingId: string,
  records: readonly OutcomeRecord[],
  timeoutMs: number,
  kind: Message['kind'] = 'CAMPAIGN',
): Promise<Published> {
  const { rows } = await pool.query<NonNullable<Published>>({
    ...STATEMENTS[kind],
    values: [
      mailingId,
      plainArray(records, (r) => r.id),
      plainArray(records, (r) => r.fence),
      plainArray(records, (r) => r.kind),
      plainArray(records, (r) => r.charged),
      plainArray(records, (r) => r.delayMs),
      plainArray(records, (r) => r.gatewayCode),
      // PostgreSQL takes no NUL, and one bad character must not hold up a thousand outcomes.
      textArray(records.map((r) => r.reason?.toWellFormed().replaceAll('\0', '') ?? null)),
      plainArray(records, (r) => r.startedAt),
      plainArray(records, (r) => r.endedAt),
      timeoutMs,
    ],
  });
  return rows[0] ?? null;
}
