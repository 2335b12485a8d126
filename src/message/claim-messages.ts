import type pg from 'pg';
import { lostAttempts } from './lost-attempts.js';

/** Why a claimed message is not simply sent. */
export type ClaimVerdict = 'send' | 'withdrawn' | 'late' | 'never-again';

/** A message in a worker's hands until its lease ends. */
export interface ClaimedMessage {
  id: string;
  /** The number of this claim; a record of an older one writes nothing but SENT. */
  fence: number;
  /** Null: a test send to a phone that is no client's. */
  clientId: string | null;
  phone: string;
  timeZone: string;
  attributes: Record<string, string | number | boolean>;
  triesUsed: number;
  /** Of a test send: its own words; left out: the mailing's, rendered for this client. */
  text?: string;
  verdict: ClaimVerdict;
}

/** A claimed batch and its two clocks. */
export interface Claim {
  messages: ClaimedMessage[];
  /** The worker's monotonic clock just *before* the query, ms: what the deadlines are counted from. */
  claimedAt: number;
  /** The database's clock at the claim, ms since the epoch. */
  databaseTime: number;
  /** Messages a second of the mailing and of its channel as they hold now, null: none; where the claim looked at them. */
  limits?: { mailing: number | null; channel: number | null };
}

/** How long a claim is good for. */
export interface ClaimOptions {
  /** Messages at the most. */
  limit: number;
  /** One attempt's time-out, ms. Nothing is claimed whose window or mailing ends sooner than that. */
  timeoutMs: number;
  /** How long nobody else touches them, ms: the time-out, and time enough to record. */
  leaseMs: number;
}

/**
 * SQL, true while nobody has stopped all sending (sending/sending-switch.ts). Part of every statement that claims, so that
 * the database decides: what was claimed before a stop ends within one time-out, and nothing is claimed after it.
 */
export const SENDING_ALLOWED = 'not exists (select from sending_stop where resumed_at is null)';

/**
 * Takes due messages of a running mailing, in due order, and commits before anything is sent. It sets lease and fence
 * and changes neither counts nor version. All moments are the database's.
 *
 * Shape matters: `UPDATE … WHERE id IN (SELECT … SKIP LOCKED)` once planned as a nested loop of 11 minutes; the
 * materialised CTE takes 16 ms for 1,000. `due_at <= (select now …)` is an index condition, `<= clock_timestamp()`
 * is not. The client is looked up row by row, so that no plan ever walks over all clients. `= any (array(…))` goes by the primary
 * key also before PostgreSQL has looked at the table: a join was planned as a walk over the whole mailing then.
 *
 * A lease that ran out means its worker died: that attempt goes into the timeline, and the message is uncertain for good.
 */
const CLAIM = `
  with g as materialized (
    select id, plan, ends_at, unknown_outcome, clock_timestamp() as now, rate_limit,
      (select l.rate_limit from channel_limit l where l.channel = g.channel order by l.id desc limit 1) as channel_limit
    from mailing g where id = $1 and status = 'RUNNING' and ${SENDING_ALLOWED}
  ), b as materialized (
    select m.id, m.fence, m.claimed_at, m.lease_until is not null as lost
    from message m
    where m.mailing_id = $1 and m.status = 'OPEN' and m.kind = 'CAMPAIGN' and m.due_at <= (select now from g)
      and (m.lease_until is null or m.lease_until <= (select now from g))
      and (select ends_at > now + $3 * interval '1 ms' from g)
    order by m.due_at, m.id
    limit $2
    for update skip locked
  ), ${lostAttempts('b')}
  update message m
  set lease_until = g.now + $4 * interval '1 ms', claimed_at = g.now, fence = m.fence + 1, uncertain = m.uncertain or m.lease_until is not null
  from g
  where m.mailing_id = $1 and m.id = any (array(select id from b))
  returning m.id, m.fence, m.client_id as "clientId", m.phone, m.time_zone as "timeZone", m.attributes, m.tries_used as "triesUsed",
    case
      when exists (select from client c where c.id = m.client_id and (c.opted_out_at is not null or c.deleted_at is not null))
        then 'withdrawn'
      when g.unknown_outcome = 'NEVER_AGAIN' and m.id in (select id from b where lost) then 'never-again'
      when m.plan <> g.plan or m.window_ends_at <= g.now + $3 * interval '1 ms' then 'late'
      else 'send'
    end as verdict,
    extract(epoch from g.now)::float8 * 1000 as "databaseTime",
    g.rate_limit as "mailingLimit", g.channel_limit as "channelLimit"`;

/** @throws what pg throws when the database is away; then nothing is claimed, or its lease runs out */
export async function claimMessages(pool: pg.Pool, mailingId: string, options: ClaimOptions): Promise<Claim> {
  return await queryClaim(pool, { name: 'claim-messages', text: CLAIM }, mailingId, options);
}

/** What each row of a claim says of the claim as a whole. */
interface ClaimFacts {
  databaseTime: number;
  mailingLimit?: number | null;
  channelLimit?: number | null;
}

/** Runs a statement that claims, with both clocks looked at. */
export async function queryClaim(
  pool: pg.Pool,
  statement: { name: string; text: string },
  mailingId: string,
  options: ClaimOptions,
): Promise<Claim> {
  const claimedAt = performance.now();
  const { rows } = await pool.query<ClaimedMessage & ClaimFacts>({
    ...statement,
    values: [mailingId, options.limit, options.timeoutMs, options.leaseMs],
  });
  const { databaseTime = 0, mailingLimit, channelLimit } = rows[0] ?? {};
  const limits = mailingLimit !== undefined &&
    channelLimit !== undefined && { mailing: mailingLimit, channel: channelLimit };
  return { messages: rows, claimedAt, databaseTime, ...(limits && { limits }) };
}

/**
 * When the next open message of a mailing that nobody has in hand is due; null: there is none. Looks only at what is not
 * due yet: what is due and was not claimed is in hand, and the sweep finds it when its lease runs out.
 */
export async function nextDueAt(pool: pg.Pool, mailingId: string): Promise<Date | null> {
  const { rows } = await pool.query<{ due_at: Date }>({
    name: 'next-due-at',
    text: `select due_at from message where mailing_id = $1 and status = 'OPEN' and kind = 'CAMPAIGN' and due_at > clock_timestamp()
           order by due_at, id limit 1`,
    values: [mailingId],
  });
  return rows[0]?.due_at ?? null;
}
