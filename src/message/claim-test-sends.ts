import type pg from 'pg';
import { type Claim, type ClaimOptions, queryClaim, SENDING_ALLOWED } from './claim-messages.js';
import { lostAttempts } from './lost-attempts.js';

/** A test send that could not be sent within so many minutes is over: whoever waited for it has gone. */
export const TEST_SEND_MINUTES = 10;

const NOT_IN_HAND = '(m.lease_until is null or m.lease_until <= g.now)';

/**
 * Takes due test sends of a mailing, as `claimMessages` takes its campaign: with a lease and a fence, committed before
 * anything is sent. The mailing's status, window and limits do not matter, only that it was not deleted.
 */
const CLAIM = `
  with g as materialized (
    select unknown_outcome, clock_timestamp() as now from mailing where id = $1 and deleted_at is null and ${SENDING_ALLOWED}
  ), b as materialized (
    select m.id, m.fence, m.claimed_at, m.lease_until is not null as lost
    from g, message m
    where m.mailing_id = $1 and m.status = 'OPEN' and m.kind = 'TEST' and m.due_at <= g.now and ${NOT_IN_HAND}
      and m.window_ends_at > g.now + $3 * interval '1 ms'
    order by m.id
    limit $2
    for update of m skip locked
  ), ${lostAttempts('b')}
  update message m
  set lease_until = g.now + $4 * interval '1 ms', claimed_at = g.now, fence = m.fence + 1, uncertain = m.uncertain or b.lost
  from b, g
  where m.mailing_id = $1 and m.id = b.id
  returning m.id, m.fence, m.client_id as "clientId", m.phone, m.time_zone as "timeZone", m.attributes, m.tries_used as "triesUsed", m.text,
    case
      when exists (select from client c where c.id = m.client_id and (c.opted_out_at is not null or c.deleted_at is not null))
        then 'withdrawn'
      when b.lost and g.unknown_outcome = 'NEVER_AGAIN' then 'never-again'
      else 'send'
    end as verdict,
    extract(epoch from g.now)::float8 * 1000 as "databaseTime"`;

/** @throws what pg throws when the database is away; then nothing is claimed, or its lease runs out */
export async function claimTestSends(pool: pg.Pool, mailingId: string, options: ClaimOptions): Promise<Claim> {
  return await queryClaim(pool, { name: 'claim-test-sends', text: CLAIM }, mailingId, options);
}

/** When the next test send of a mailing is due that is not due yet; null: there is none. */
export async function nextTestSendAt(pool: pg.Pool, mailingId: string): Promise<Date | null> {
  const { rows } = await pool.query<{ due_at: Date | null }>(
    `select min(due_at) as due_at from message
     where mailing_id = $1 and status = 'OPEN' and kind = 'TEST' and due_at > clock_timestamp()`,
    [mailingId],
  );
  return rows[0]?.due_at ?? null;
}

/**
 * Ends open test sends whose time is over, whatever they waited for (a closed channel, a stop of all sending), and those
 * of a mailing that was deleted. A live lease is left to its worker or its expiry; one that ran out makes UNKNOWN.
 */
const END = `
  with g as materialized (select deleted_at is not null as deleted, clock_timestamp() as now from mailing where id = $1),
  b as materialized (
    select m.id, m.fence, m.claimed_at, m.lease_until is not null as lost, g.deleted
    from g, message m
    where m.mailing_id = $1 and m.status = 'OPEN' and m.kind = 'TEST' and ${NOT_IN_HAND}
      and (g.deleted or m.window_ends_at <= g.now)
    order by m.id
    for update of m
  ), ${lostAttempts('b')}
  update message m set
    status = case when m.uncertain or b.lost then 'UNKNOWN' when b.deleted then 'CANCELLED' else 'EXPIRED' end,
    uncertain = m.uncertain or b.lost, lease_until = null, waiting_for = null,
    reason = concat_ws('; ', m.reason,
      case when b.deleted then 'the mailing was deleted' else 'it could not be sent within ${TEST_SEND_MINUTES} minutes' end)
  from b
  where m.mailing_id = $1 and m.id = b.id`;

/** @throws what pg throws when the database is away; nothing is half done */
export async function endTestSends(pool: pg.Pool, mailingId: string): Promise<void> {
  await pool.query(END, [mailingId]);
}
