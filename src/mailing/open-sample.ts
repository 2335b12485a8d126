import type pg from 'pg';
import { LEASES_AMONG } from '../message/messages.js';

/** How the open messages of a mailing split at one moment. What is neither delayed nor being sent is enqueued. */
export interface OpenSample {
  /** By the database's clock. */
  at: Date;
  delayed: number;
  sending: number;
  /** When the last open message is due; null: none is open. */
  lastDueAt: Date | null;
}

/**
 * Names one mailing and walks message_due_index: to its end for the last due, over what is not due yet for the delayed
 * (index only), and over the first due ones for the leases.
 */
export const SAMPLE = `
  with clock as materialized (select clock_timestamp() as now)
  select now as at,
    (select count(*)::int from message where mailing_id = $1 and status = 'OPEN' and due_at > (select now from clock)) as delayed,
    (select count(*)::int from (
      select lease_until from message
      where mailing_id = $1 and status = 'OPEN' and due_at <= (select now from clock)
      order by due_at, id limit ${LEASES_AMONG}
    ) first where lease_until > now) as sending,
    (select due_at from message where mailing_id = $1 and status = 'OPEN' order by due_at desc limit 1) as "lastDueAt"
  from clock`;

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
