import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { type Message, MessageStatus } from '../message/message.js';
import { findMessage } from '../message/messages.js';
import { publishChanges } from '../message/publish-changes.js';
import { windowsOf } from '../message/windows.js';
import { inTransaction } from '../platform/transaction.js';
import { ringLanes } from './lanes.js';
import { EVENT_DETAILS, type LifecycleParts } from './lifecycle-parts.js';
import { TOO_LATE } from './mailing-rules.js';

/** Final statuses that a person may have tried again. */
export const RETRYABLE = [MessageStatus.FAILED, MessageStatus.UNKNOWN] as const;
type Retryable = (typeof RETRYABLE)[number];

/** Which messages of a mailing to try again: all conditions hold together. */
export interface RetryFilter {
  statuses: readonly Retryable[];
  /** HTTP statuses of the gateway's last answer; null: any, or none. */
  gatewayCodes: number[] | null;
  /** A part of `reason`, in any case; null: any. */
  reasonContains: string | null;
  /** Just those whose reason and answer are these, null being none; null: any. */
  group: { reason: string | null; gatewayCode: number | null } | null;
}

/** What became of the messages that the filter found. */
export interface Retried {
  retried: number;
  /** Those that stay as they are: the client opted out or was deleted, or can't be reached before the end. */
  skipped: number;
}

/** Messages looked at in one statement. */
const RETRY_CHUNK = 10_000;

/** Statuses are written out, because the planner takes the partial index of those not sent for no other. */
const walk = (status: Retryable) => `(
    select id, gateway_code, reason from message
    where mailing_id = $1 and status = '${status}' and id > $2 and kind = 'CAMPAIGN' order by id limit ${RETRY_CHUNK})`;

/** One walk by id, whatever the statuses: what fails anew in another way lies behind it, and is not taken twice. */
const find = (statuses: readonly Retryable[]) => `
  with walked as materialized (
    select * from (${[...new Set(statuses)].map(walk).join(' union all ')}) each order by id limit ${RETRY_CHUNK}
  )
  select max(id) as last, coalesce(array_agg(id) filter (where ($3::int[] is null or gateway_code = any ($3))
    and ($4::text is null or position(lower($4) in lower(reason)) > 0)
    and (not $5::boolean or (reason, gateway_code) is not distinct from ($6::text, $7::int))), '{}') as ids
  from walked`;

const TIMEOUT = `$4 * interval '1 ms'`;

/**
 * Opens final messages again: due when the client's window is open, with all their tries before them. Fence, reason and
 * `uncertain` stay, so that whatever may have been sent is never called FAILED. Messages and clients are looked up row by row,
 * so that no plan ever walks over all of them: with `id = any ($2)` the planner, as long as it has no statistics of a
 * mailing, read all messages of it, and compared each with ten thousand ids. Nor is `kind` asked for here, but by who gives
 * the ids: it would offer the planner the index of a mailing's clients, in which an id is looked for from end to end.
 */
const RETRY = `
  with g as materialized (
    select *, clock_timestamp() as now from mailing where id = $1
  ), chosen as materialized (
    select m.id, m.time_zone from unnest($2::bigint[]) as asked(id) join message m on m.mailing_id = $1 and m.id = asked.id
    where m.status = any ($3)
  ), ${windowsOf('chosen', TIMEOUT)}, l as materialized (
    select m.id, m.status as old, w.opens_at, w.closes_at
    from chosen join message m on m.mailing_id = $1 and m.id = chosen.id join windows w on w.time_zone = m.time_zone
    where m.status = any ($3) and w.born = 'OPEN'
      and (select c.opted_out_at is null and c.deleted_at is null from client c where c.id = m.client_id)
    order by m.id
    for update of m
  ), u as (
    update message m set status = 'OPEN', due_at = l.opens_at, window_ends_at = l.closes_at, plan = g.plan, tries_used = 0,
      waiting_for = case when l.opens_at > g.now then 'WINDOW' end
    from l, g where m.mailing_id = $1 and m.id = l.id
  ), changed as (
    select l.id, l.old, 'OPEN'::text as new, case when l.opens_at > g.now then 'DELAYED' else 'ENQUEUED' end as shown from l, g
  ), ${publishChanges({
    reopens: true,
    // Not by `=`, or the planner may look for the mailing among all of that status.
    where: '(g.status, g.revision) is not distinct from ($5, $6) and g.deleted_at is null and g.pruned_at is null',
    returning: '(select open from tally) as retried',
  })}`;

const REOPENED = `
  insert into mailing_event (mailing_id, at, kind, by, details)
  select m.id, clock_timestamp(), 'REOPENED', $2, ${EVENT_DETAILS} from mailing m where m.id = $1`;

/**
 * Has failed messages of a mailing tried again, chunk by chunk, each for itself: what was interrupted is finished by asking
 * again. Each is taken once, also when it fails anew meanwhile. A COMPLETED mailing runs again.
 *
 * @throws AppError NOT_FOUND; CONFLICT when the mailing is cancelled, not launched, or over
 */
export async function retryFailed(parts: LifecycleParts, id: string, filter: RetryFilter, by: By): Promise<Retried> {
  const mailingId = parseId(id, 'mailing');
  await readRetryState(parts, mailingId);
  const sum = { retried: 0, skipped: 0 };
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const { last, ids }: Found = await findChunk(parts.pool, mailingId, cursor, filter);
    const retried = ids.length === 0 ? 0 : await retryChunk(parts, mailingId, ids, filter.statuses, by);
    sum.retried += retried;
    sum.skipped += ids.length - retried;
    cursor = last;
  }
  parts.log.info({ mailing_id: mailingId, by: by.name, messages: sum.retried }, 'messages retried by hand');
  return sum;
}

interface Found {
  /** The last id looked at; null: nothing is left. */
  last: string | null;
  ids: string[];
}

async function findChunk(
  pool: pg.Pool,
  mailingId: string,
  cursor: string,
  { statuses, gatewayCodes, reasonContains, group }: RetryFilter,
): Promise<Found> {
  const { rows } = await pool.query<Found>(find(statuses), [
    ...[mailingId, cursor, gatewayCodes, reasonContains],
    ...[group !== null, group?.reason, group?.gatewayCode],
  ]);
  return rows[0]!;
}

/**
 * Has one message tried again. An open one stays as it is.
 *
 * @throws AppError NOT_FOUND; CONFLICT when it is of a status that is never retried, or can't reach its client any more
 */
export async function retryMessage(parts: LifecycleParts, em: EntityManager, id: string, by: By): Promise<Message> {
  const message = await findMessage(em, id);
  if (message.status === 'OPEN') return message;
  const refused = WHY_NEVER[message.status];
  if (refused !== undefined) throw new AppError('CONFLICT', refused);
  if (message.kind === 'TEST') throw new AppError('CONFLICT', 'This is a test send: send another one.');
  await retryChunk(parts, message.mailingId, [message.id], RETRYABLE, by);
  const after = await findMessage(em, id);
  if (after.status === message.status && after.fence === message.fence) throw await whyNot(parts.pool, message);
  return after;
}

const WHY_NEVER: Partial<Record<Message['status'], string>> = {
  SENT: 'The gateway accepted this message: it is never sent again.',
  EXPIRED: 'This message is EXPIRED: while its mailing runs, a later end brings it back.',
  CANCELLED: 'This message was cancelled, or its client opted out or was deleted: it is never sent.',
};

async function whyNot(pool: pg.Pool, { clientId }: Message): Promise<AppError> {
  const { rowCount } = await pool.query(
    'select from client where id = $1 and opted_out_at is null and deleted_at is null',
    [clientId],
  );
  if (rowCount === 0) return new AppError('CONFLICT', 'The client of this message opted out or was deleted.');
  return new AppError('CONFLICT', "This message's client can't be reached before the mailing ends: move endsAt first.");
}

interface RetryState {
  status: string;
  revision: number;
  channel: string;
  endsAt: Date;
}

/** @throws AppError NOT_FOUND, CONFLICT */
async function readRetryState({ pool, timeoutMs }: LifecycleParts, mailingId: string): Promise<RetryState> {
  const { rows } = await pool.query<RetryState & { leftMs: number; prunedAt: Date | null }>(
    `select status, pruned_at as "prunedAt", revision, channel, ends_at as "endsAt",
       extract(epoch from ends_at - clock_timestamp())::float8 * 1000 as "leftMs"
     from mailing where id = $1 and deleted_at is null`,
    [mailingId],
  );
  const [state] = rows;
  if (state === undefined) throw notFound('mailing');
  if (state.prunedAt !== null) {
    const day = state.prunedAt.toISOString().slice(0, 10);
    throw new AppError('CONFLICT', `The messages of this mailing were removed on ${day}: none can be tried again.`);
  }
  if (!['RUNNING', 'PAUSED', 'COMPLETED'].includes(state.status)) {
    throw new AppError('CONFLICT', `This mailing is ${state.status}: none of its messages can be retried.`);
  }
  if (state.leftMs <= timeoutMs(state.channel)) throw new AppError('CONFLICT', TOO_LATE);
  return state;
}

/** Again after an edit or a step that came in between. @returns how many were opened */
async function retryChunk(
  parts: LifecycleParts,
  mailingId: string,
  ids: readonly string[],
  statuses: readonly MessageStatus[],
  by: By,
): Promise<number> {
  for (let state = await readRetryState(parts, mailingId); ; ) {
    const timeoutMs = parts.timeoutMs(state.channel);
    const params = [mailingId, ids, statuses, timeoutMs, state.status, state.revision];
    const written = await writeRetry(parts.pool, params, state.status === 'COMPLETED' ? by : null);
    if (written) {
      parts.bell.ring(mailingId, written.version);
      await ringLanes(parts.scheduler, mailingId);
      await parts.scheduler.ring('mailing.finish', { mailingId }, state.endsAt);
      return written.retried;
    }
    const { status, revision } = state;
    state = await readRetryState(parts, mailingId);
    if (state.status === status && state.revision === revision) return 0;
  }
}

/** @param reopenedBy whom the history names when the mailing runs again by this; null: it is under way */
async function writeRetry(
  pool: pg.Pool,
  params: unknown[],
  reopenedBy: By | null,
): Promise<{ version: string; retried: number } | null> {
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ version: string; retried: number }>(RETRY, params);
    if (rows[0] && reopenedBy) await client.query(REOPENED, [params[0], reopenedBy.name]);
    return rows[0] ?? null;
  });
}
