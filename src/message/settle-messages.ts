import type pg from 'pg';
import { lostAttempts } from './lost-attempts.js';
import { publishChanges } from './publish-changes.js';
import type { Published } from './record-outcomes.js';

/** Messages finalised in one statement; small enough that its locks are held for some 50 ms. */
const SETTLE_BATCH = 5_000;

/** What one batch did. */
export interface Settled {
  /** More may be left that can be finalised now. */
  more: boolean;
  published: Published;
}

/**
 * Finalises open messages of a mailing that was cancelled or has ended (running or paused), a batch at a time, in the
 * same order of locks as everybody. A live lease is left to its worker or its expiry; one that ran out means that
 * nobody knows, so the message becomes UNKNOWN, as does one with an earlier attempt of unknown outcome. When the end is
 * moved in that very moment, what expired by the old one is brought back by the replan.
 */
const SETTLE = `
  with g as materialized (
    select id, plan, case when status = 'CANCELLED' then 'CANCELLED' else 'EXPIRED' end as verdict,
      case when status = 'CANCELLED' then 'the mailing was cancelled' else 'the mailing ended' end as reason,
      clock_timestamp() as now
    from mailing
    where id = $1 and (status = 'CANCELLED' or (status in ('RUNNING', 'PAUSED', 'COMPLETED') and ends_at <= clock_timestamp()))
  ), l as materialized (
    select m.id, m.fence, m.claimed_at, m.lease_until is not null as lost, m.uncertain
    from message m
    where m.mailing_id = $1 and m.status = 'OPEN' and (m.lease_until is null or m.lease_until <= (select now from g))
      and exists (select from g) and m.id = any (array(
        select id from message
        where mailing_id = $1 and status = 'OPEN' and kind = 'CAMPAIGN' and (lease_until is null or lease_until <= (select now from g))
        limit ${SETTLE_BATCH}))
    order by m.id
    for update
  ), ${lostAttempts('l')}, u as (
    update message m set status = case when l.uncertain or l.lost then 'UNKNOWN' else g.verdict end,
      uncertain = l.uncertain or l.lost, lease_until = null, waiting_for = null, plan = g.plan,
      reason = case when l.uncertain or l.lost then g.reason || '; an earlier attempt may have reached the gateway' else g.reason end
    from l, g
    where m.mailing_id = $1 and m.id = l.id
    returning m.id, m.status as new
  ), changed as (select id, 'OPEN'::text as old, new, new as shown from u), ${publishChanges({ plan: '(select plan from g)' })}`;

/** @throws what pg throws when the database is away; nothing is half done */
export async function settleMessages(pool: pg.Pool, mailingId: string): Promise<Settled> {
  const { rows } = await pool.query<NonNullable<Published>>(SETTLE, [mailingId]);
  return { more: rows.length > 0, published: rows[0] ?? null };
}

/** When a mailing that is under way ends; undefined: it is not under way, or its end has come. */
export async function endAhead(pool: pg.Pool, mailingId: string): Promise<Date | undefined> {
  const { rows } = await pool.query<{ ends_at: Date }>(
    `select ends_at from mailing where id = $1 and status in ('RUNNING', 'PAUSED') and ends_at > clock_timestamp()`,
    [mailingId],
  );
  return rows[0]?.ends_at;
}
