import type pg from 'pg';
import { LEASES_AMONG } from '../message/list-messages.js';

/** Messages that become due within one quarter of an hour, which is how far apart windows open. */
export interface DueGroup {
  count: number;
  /** When the first and the last of them are due, ms since the epoch. */
  first: number;
  last: number;
}

/** How the open messages of a mailing split at one moment. What is neither delayed nor being sent is enqueued. */
export interface OpenSample {
  /** By the database's clock. */
  at: Date;
  delayed: number;
  /** Of the delayed: wait for another attempt; the others for their window. */
  retrying: number;
  sending: number;
  /** The delayed, in the order in which they are due. */
  later: DueGroup[];
  /** When the next delayed message of either kind is due; null: there is none, or it is not among the next to come. */
  nextWindowAt: Date | null;
  nextRetryAt: Date | null;
  /** Since when somebody could have taken the due message that has waited longest; null: none waits. */
  waitingSince: Date | null;
}

/** Condition on the messages that wait for a window or an attempt. Index only: test sends, which are few, are among them. */
const DELAYED = `mailing_id = $1 and status = 'OPEN' and due_at > (select now from clock)`;

/**
 * Names one mailing and walks message_due_index: over what is not due yet for the delayed (index only), over the first of
 * these for the next window, and over the first due ones for the leases. What waits for another attempt has an index of
 * its own.
 */
export const SAMPLE = `
  with clock as materialized (select clock_timestamp() as now), later as materialized (
    select count(*)::int as count, min(due_at) as first, max(due_at) as last from message where ${DELAYED}
    group by date_bin('15 minutes', due_at, 'epoch')
  ), due as (
    select count(*) filter (where lease_until > now)::int as sending,
      min(greatest(due_at, lease_until)) filter (where lease_until > now is not true) as waiting_since
    from clock, (
      select lease_until, due_at from message
      where mailing_id = $1 and status = 'OPEN' and kind = 'CAMPAIGN' and due_at <= (select now from clock)
      order by due_at, id limit ${LEASES_AMONG}
    ) earliest
  )
  select now as at, due.sending, due.waiting_since as "waitingSince",
    (select coalesce(sum(count), 0)::int from later) as delayed,
    (select coalesce(jsonb_agg(jsonb_build_object('count', count,
       'first', extract(epoch from first) * 1000, 'last', extract(epoch from last) * 1000) order by first), '[]')
     from later) as later,
    (select count(*)::int from message where ${DELAYED} and waiting_for = 'RETRY') as retrying,
    (select due_at from message where ${DELAYED} and waiting_for = 'RETRY' order by due_at limit 1) as "nextRetryAt",
    (select due_at from (
       select due_at, waiting_for from message where ${DELAYED} order by due_at, id limit ${LEASES_AMONG}
     ) next where waiting_for is distinct from 'RETRY' limit 1) as "nextWindowAt"
  from clock, due`;

export async function sampleOpen(pool: pg.Pool, mailingId: string): Promise<OpenSample> {
  const { rows } = await pool.query<OpenSample>({ name: 'open-sample', text: SAMPLE, values: [mailingId] });
  const [sample] = rows;
  if (sample === undefined) throw new Error('a query that always gives one row gave none');
  return sample;
}

/** Fits a sample to an exact count taken at another moment, so that the parts always add up to it. */
export function splitOpen(open: number, sample: OpenSample | null) {
  const sending = Math.min(open, sample?.sending ?? 0);
  const delayed = Math.min(open - sending, sample?.delayed ?? 0);
  return { sending, delayed, enqueued: open - sending - delayed };
}
