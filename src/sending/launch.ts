import type pg from 'pg';
import { audienceWhere } from '../mailing/audience.js';
import { EVENT_DETAILS } from '../mailing/lifecycle-parts.js';
import type { AudienceFilter } from '../mailing/mailing.js';
import { mailingNews } from '../message/mailing-news.js';
import { MESSAGE_BLOCK } from '../message/message-range.js';
import { type FinishedCounts, publishChanges } from '../message/publish-changes.js';
import { windowsOf } from '../message/windows.js';
import { tellOutside } from '../platform/outside-event.js';
import { inTransaction } from '../platform/transaction.js';

/** Clients looked at in one transaction: small, so that the first message leaves while later chunks are being written. */
const LAUNCH_CHUNK = MESSAGE_BLOCK;

/** Turns a scheduled mailing whose start has come into a running one; by the database's clock. */
const BEGIN_LAUNCH = `
  with m as (
    update mailing set status = 'RUNNING', launched_at = clock_timestamp(), updated_at = clock_timestamp(), version = version + 1
    where id = $1 and status = 'SCHEDULED' and starts_at <= clock_timestamp() and deleted_at is null
    returning *
  ), e as (
    insert into mailing_event (mailing_id, at, kind, by, details)
    select id, launched_at, 'LAUNCHED', 'heliograph', ${EVENT_DETAILS} from m
  ), told as (
    ${tellOutside('mailing.started', { data: mailingNews('m'), from: 'm' })}
  )
  insert into mailing_change (mailing_id, version, at, finished, message_ids, statuses)
  select id, version, launched_at, 0, '{}', '{}' from m`;

/** What launching a chunk came to. */
export interface LaunchedChunk {
  /** No further chunk is needed. */
  completed: boolean;
  /** Messages made by this call. */
  made: number;
  version: string;
  /** Of those: born with a final status. */
  finished: FinishedCounts;
  /** When the mailing ends, so that somebody can be woken to settle it. */
  endsAt: Date;
}

interface LaunchState {
  filter: AudienceFilter;
  channel: string;
  cursor: string;
  plan: number;
}

/**
 * Begins a mailing's launch when its start has come.
 *
 * @returns how long it is until its start by the database's clock, ms; undefined: there is (or was) something to launch
 */
export async function beginLaunch(pool: pg.Pool, mailingId: string): Promise<number | undefined> {
  await pool.query(BEGIN_LAUNCH, [mailingId]);
  const { rows } = await pool.query<{ ms: number }>(
    `select extract(epoch from starts_at - clock_timestamp())::float8 * 1000 as ms from mailing where id = $1 and status = 'SCHEDULED' and deleted_at is null`,
    [mailingId],
  );
  return rows[0]?.ms;
}

/**
 * Makes the messages of the next chunk of clients, set-based: each gets the first moment at or after the start at which
 * its client's clock is inside the window; who cannot be reached before the end is born EXPIRED, and FAILED where there is
 * a window and the database does not know the client's zone.
 *
 * The chunk ends with an update of the mailing that holds only if nobody else launched this chunk, cancelled the mailing
 * or changed its plan meanwhile; else all of it is rolled back, and after an edit made again by the new plan. Windows are
 * worked out once a time zone, not once a client.
 *
 * @param timeoutMs one attempt's time-out on a channel: a window or an end nearer than that counts as over
 * @returns null when there is nothing (more) to launch, or somebody else did this chunk
 */
export async function launchChunk(
  pool: pg.Pool,
  mailingId: string,
  timeoutMs: (channel: string) => number,
): Promise<LaunchedChunk | null> {
  for (let state = await readLaunchState(pool, mailingId); state; ) {
    const { plan } = state;
    const chunk = await writeChunk(pool, mailingId, state, timeoutMs(state.channel));
    if (chunk) return chunk;
    state = await readLaunchState(pool, mailingId);
    if (state?.plan === plan) return null;
  }
  return null;
}

/**
 * Has PostgreSQL look at the messages where it last did when there were next to none, or never: until its autovacuum comes, up to a
 * minute later, statements are planned for an empty table, and each batch would walk over the whole of a first mailing. A role that may
 * not do it goes without.
 */
export async function learnMessages(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ known: boolean }>(
    `select reltuples >= ${LAUNCH_CHUNK / 2} as known from pg_class where oid = 'message'::regclass`,
  );
  if (!rows[0]?.known) await pool.query('analyze (skip_locked) message');
}

async function writeChunk(
  pool: pg.Pool,
  mailingId: string,
  state: LaunchState,
  timeoutMs: number,
): Promise<LaunchedChunk | null> {
  const audience = audienceWhere(state.filter, 7);
  return await inTransaction(pool, async (client) => {
    const block = await client.query<{ first: string }>(`select nextval('message_block') * ${MESSAGE_BLOCK} as first`);
    const first = block.rows[0]!.first;
    const params = [mailingId, state.cursor, state.plan, first, timeoutMs, LAUNCH_CHUNK, ...audience.params];
    const { rows } = await client.query<LaunchedChunk>(launchSql(audience.sql), params);
    return rows[0] ?? null;
  });
}

async function readLaunchState(pool: pg.Pool, mailingId: string): Promise<LaunchState | undefined> {
  const { rows } = await pool.query<LaunchState>(
    `select filter, channel, launch_cursor as cursor, plan from mailing
     where id = $1 and status in ('RUNNING', 'PAUSED') and launch_completed_at is null`,
    [mailingId],
  );
  return rows[0];
}

function launchSql(audienceSql: string): string {
  return `
  with g as materialized (
    select *, clock_timestamp() as now from mailing where id = $1
  ), audience as materialized (
    select c.id, c.phone, c.time_zone, c.attributes from client c
    where c.id > $2 and ${audienceSql}
    order by c.id limit $6
  ), reach as materialized (select count(*) as n, max(id) as last from audience
  ), ${windowsOf('audience', `$5 * interval '1 ms'`)}, changed as materialized (
    insert into message as m (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, waiting_for, plan, reason)
    select $1, $4::bigint + row_number() over (order by a.id) - 1, a.id, a.phone, a.time_zone, a.attributes,
      w.born, coalesce(w.opens_at, g.ends_at), coalesce(w.closes_at, g.ends_at),
      case when w.born = 'OPEN' and w.opens_at > g.now then 'WINDOW' end, $3, w.why_not
    from g, audience a join windows w using (time_zone)
    on conflict (mailing_id, client_id) where kind = 'CAMPAIGN' do nothing
    returning m.id, null::text as old, m.status as new, nullif(m.status, 'OPEN') as shown
  ), ranges as (
    insert into message_range (first, last, mailing_id) select $4, $4::bigint + n - 1, $1 from reach where n > 0
  ), ${publishChanges({
    always: true,
    where: `g.status in ('RUNNING', 'PAUSED') and g.launch_completed_at is null and g.launch_cursor = $2 and g.plan = $3`,
    launchCompleted: '(select n < $6 from reach)',
    set: `launch_cursor = coalesce((select last from reach), g.launch_cursor),
          launch_completed_at = case when (select n < $6 from reach) then clock_timestamp() end`,
    returning:
      '(select born from tally) as made, (select n < $6 from reach) as completed, (select ends_at from g) as "endsAt"',
  })}`;
}
