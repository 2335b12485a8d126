import type pg from 'pg';
import { publishChanges } from './publish-changes.js';

/** Messages written off in one statement; as many as are settled in one. */
const BATCH = 5_000;

/** Of messages that were due in the time that nobody knows of. */
const MAY_BE_SENT = 'it may have been sent in the time that was lost when the database was restored';
/** Of those that were not: whoever knows that nothing was edited then can have all of this reason tried again. */
const HARDLY_SENT =
  'it was not due in the time that was lost when the database was restored: only an edit made then can have had it sent';

/**
 * Makes open messages UNKNOWN, those that nobody can say of whether they were sent: in the order of locks that everybody keeps,
 * with two reasons, so that a person can have one kind tried again and leave the other.
 */
const WRITE_OFF = `
  with g as materialized (
    select id, plan from mailing where id = $1 and status in ('RUNNING', 'PAUSED')
  ), l as materialized (
    select m.id, m.due_at <= $2 as was_due from message m
    where m.mailing_id = $1 and m.status = 'OPEN' and m.kind = 'CAMPAIGN' and m.id >= $3 and exists (select from g)
    order by m.id limit ${BATCH}
    for update
  ), u as (
    update message m set status = 'UNKNOWN', uncertain = true, lease_until = null, waiting_for = null, plan = g.plan,
      reason = case when l.was_due then '${MAY_BE_SENT}' else '${HARDLY_SENT}' end
    from l, g where m.mailing_id = $1 and m.id = l.id
    returning m.id, m.status as new
  ), changed as (select id, 'OPEN'::text as old, new, new as shown from u),
  ${publishChanges({ plan: '(select plan from g)', returning: '(select finished from tally) as count' })}`;

/**
 * @param lostAt the end of the time that nobody knows of
 * @param fromId only messages with this id or a later one
 * @returns how many
 */
export async function writeOff(pool: pg.Pool, mailingId: string, lostAt: Date, fromId: string): Promise<number> {
  for (let sum = 0; ; ) {
    const { rows } = await pool.query<{ count: number }>(WRITE_OFF, [mailingId, lostAt, fromId]);
    if (!rows[0]) return sum;
    sum += rows[0].count;
  }
}
