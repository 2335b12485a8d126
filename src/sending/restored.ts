import type pg from 'pg';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { MESSAGE_BLOCK } from '../message/message-range.js';
import { writeOff } from '../message/write-off.js';
import type { Logger } from '../platform/log.js';
import { inTransaction } from '../platform/transaction.js';

/**
 * How far every sequence is set on: an id that was given out after the backup must never be given out again, for a gateway takes
 * it for a repeat and drops the message. A hundred thousand million message ids; there is room for ninety thousand restores.
 */
const LEAP = 10_000_000;
/** How far the fences of open messages are set on: beyond every claim that was made after the backup. */
const FENCES = 1_000;
/** Messages marked in one statement. */
const BATCH = 10_000;

/** Who stops all sending when a copy is noticed. */
const SELF: By = { name: 'heliograph' };

interface Place {
  server: string;
  database: string;
}

interface PlaceRow extends Place {
  id: string;
  restored: boolean;
  copiedAt: Date | null;
  firstBlock: string | null;
  readyAt: Date | null;
  settledAt: Date | null;
}

const NEWEST = `select id, server, database, restored, copied_at as "copiedAt", first_block as "firstBlock",
  ready_at as "readyAt", settled_at as "settledAt" from database_place order by id desc limit 1`;

/** The newest change that the database knows of: about when the copy was made. */
const NEWEST_CHANGE = `select greatest(
  (select max(at) from mailing_change), (select at from mailing_event order by id desc limit 1),
  (select at from audit_event order by id desc limit 1), (select max(updated_at) from client)) as at`;

/**
 * Looks whether the database is where it was. One that woke up elsewhere is a copy: a backup that was restored, or that was
 * moved. Messages may have gone out since it was made, so all sending is stopped until a person says how to go on, open messages
 * are marked as uncertain, and ids begin anew far above all that were given out. Workers ask before they claim anything.
 *
 * A recovery in place (`pg_basebackup` with its WAL, a snapshot of the disk) keeps both numbers, so it has to be told.
 *
 * @param told a person says that it was restored, wherever it is
 * @returns whether a copy waits for a person's word
 */
export async function noticeRestore(pool: pg.Pool, log: Pick<Logger, 'warn'>, told = false): Promise<boolean> {
  const here = await whereItIs(pool);
  const place = (await inTransaction(pool, (client) => settleIn(client, here, told)))!;
  if (!place.restored || place.settledAt !== null) return false;
  if (place.readyAt === null) {
    const marked = await markOpen(pool);
    await pool.query('update database_place set ready_at = clock_timestamp() where id = $1', [place.id]);
    log.warn({ copied_at: place.copiedAt, messages: marked }, 'this database is a copy; all sending is stopped');
  }
  return true;
}

async function settleIn(client: pg.ClientBase, here: Place, told: boolean): Promise<PlaceRow> {
  await client.query(`select pg_advisory_xact_lock(hashtext('database_place'))`);
  const { rows } = await client.query<PlaceRow>(NEWEST);
  const [before] = rows;
  const moved = before !== undefined && (before.server !== here.server || before.database !== here.database);
  if (before && !moved && !told) return before;
  const insert = `insert into database_place (server, database, restored, copied_at, first_block) values ($1, $2, $3, $4, $5)`;
  if (!told && !moved) await client.query(insert, [here.server, here.database, false, null, null]);
  else {
    const { rows: newest } = await client.query<{ at: Date | null }>(NEWEST_CHANGE);
    const copiedAt = newest[0]!.at;
    await client.query(insert, [here.server, here.database, true, copiedAt, await leap(client)]);
    await client.query(
      `insert into sending_stop (stopped_by, reason) values ($1, $2) on conflict ((true)) where resumed_at is null do nothing`,
      [SELF.name, why(copiedAt)],
    );
  }
  return (await client.query<PlaceRow>(NEWEST)).rows[0]!;
}

function why(copiedAt: Date | null): string {
  const of = copiedAt === null ? 'a backup' : `a backup of about ${copiedAt.toISOString()}`;
  return `restored from ${of}: messages may have gone out since then (docs/backup.md says how to go on)`;
}

/** @throws what pg throws, but not where this may not be asked: then the database's own number has to do */
async function whereItIs(pool: pg.Pool): Promise<Place> {
  const { rows } = await pool.query<{ database: string }>(
    'select oid::text as database from pg_database where datname = current_database()',
  );
  const server = await pool
    .query<{ id: string }>('select system_identifier::text as id from pg_control_system()')
    .then(({ rows }) => rows[0]!.id)
    .catch((error: { code?: string }) => {
      if (error.code === '42501') return 'not known';
      throw error;
    });
  return { server, database: rows[0]!.database };
}

/** Sets every sequence of ids on. @returns the first block of message ids after it */
async function leap(client: pg.ClientBase): Promise<string> {
  await client.query(
    `select setval(format('%I.%I', schemaname, sequencename)::regclass, coalesce(last_value, 0) + ${LEAP})
     from pg_sequences where schemaname = current_schema() and data_type = 'bigint'::regtype`,
  );
  const { rows } = await client.query<{ first: string }>(`select nextval('message_block') as first`);
  return rows[0]!.first;
}

/**
 * Whatever is open may have been tried since the backup: so its outcome is uncertain, whoever had it in hand has it no more, and
 * its claims count from far above. A test send is over: whoever waited for it has gone.
 */
const MARK = `
  with b as materialized (
    select id from message where mailing_id = $1 and status = 'OPEN' and id > $2 order by id limit ${BATCH} for update
  ), marked as (
    update message m set uncertain = true, lease_until = null, fence = m.fence + ${FENCES},
      status = case m.kind when 'TEST' then 'UNKNOWN' else m.status end
    from b where m.mailing_id = $1 and m.id = b.id
  )
  select max(id) as last, count(*)::int as count from b`;

async function markOpen(pool: pg.Pool): Promise<number> {
  const { rows: mailings } = await pool.query<{ id: string }>(
    `select id from mailing where open > 0 union select mailing_id from message where status = 'OPEN' and kind = 'TEST' order by 1`,
  );
  let sum = 0;
  for (const { id } of mailings) {
    for (let last: string | null = '0'; last !== null; ) {
      const batch: pg.QueryResult<{ last: string | null; count: number }> = await pool.query(MARK, [id, last]);
      last = batch.rows[0]!.last;
      sum += batch.rows[0]!.count;
    }
  }
  return sum;
}

/** A restore that no person has said anything about yet; null: there is none. */
async function pendingRestore(pool: pg.Pool): Promise<PlaceRow | null> {
  const [newest] = (await pool.query<PlaceRow>(NEWEST)).rows;
  return newest?.restored && newest.settledAt === null ? newest : null;
}

/** SQL, true while a restored copy waits for a person's word. */
export const AWAITS_WORD = `exists (select from database_place where id = (select max(id) from database_place) and restored and settled_at is null)`;

/** How to go on after a restore. */
export interface AfterRestore {
  /** When the database that was lost took its last write, at the latest. */
  lostAt: Date;
  /** The gateway knows its ids and drops repeats: what has an id that it may know is sent again under that. */
  sameIds: boolean;
}

/** What became of what was open. */
export interface GoneOn {
  /** Messages that are UNKNOWN now. */
  writtenOff: number;
  /** Mailings that were to begin later than `lostAt`. Only if a person began one by hand before then, it has gone out. */
  later: { id: string; name: string }[];
}

/**
 * Lets a restored database go on: nothing goes out twice. What may have been sent in the time that was lost becomes UNKNOWN, and
 * is sent again only if a person has it tried again; with `sameIds` only what the gateway could not recognise: messages made
 * after the restore for a mailing that had begun before, and mailings that choose never to send again what is unknown.
 *
 * @throws AppError CONFLICT when nothing was restored, or what began before the loss is still being launched; BAD_USER_INPUT
 */
export async function goOnAfterRestore(pool: pg.Pool, { lostAt, sameIds }: AfterRestore, by: By): Promise<GoneOn> {
  const place = await pendingRestore(pool);
  if (place === null) throw new AppError('CONFLICT', 'No restored database waits for a word: npm run cli -- resume.');
  if (place.readyAt === null) throw new AppError('CONFLICT', 'Open messages are still being marked: start a worker.');
  await checkMoment(pool, lostAt, place.copiedAt);
  await checkLaunched(pool, lostAt);
  const { rows } = await pool.query<{ id: string; from: string }>(
    `select id, case when $2 and unknown_outcome = 'RETRY' then $3::bigint else 0 end as "from" from mailing
     where open > 0 and status in ('RUNNING', 'PAUSED') and least(starts_at, launched_at) <= $1 order by id`,
    [lostAt, sameIds, String(BigInt(place.firstBlock!) * BigInt(MESSAGE_BLOCK))],
  );
  let writtenOff = 0;
  for (const mailing of rows) writtenOff += await writeOff(pool, mailing.id, lostAt, mailing.from);
  const later = await pool.query<{ id: string; name: string }>(
    `select id, name from mailing where status = 'SCHEDULED' and deleted_at is null and starts_at > $1 order by id limit 100`,
    [lostAt],
  );
  await inTransaction(pool, async (client) => {
    await client.query('update database_place set settled_at = clock_timestamp(), settled_by = $2 where id = $1', [
      place.id,
      by.name,
    ]);
    await client.query(
      'update sending_stop set resumed_at = clock_timestamp(), resumed_by = $1 where resumed_at is null',
      [by.name],
    );
    return true;
  });
  return { writtenOff, later: later.rows };
}

async function checkMoment(pool: pg.Pool, lostAt: Date, copiedAt: Date | null): Promise<void> {
  const { rows } = await pool.query<{ ahead: boolean }>('select $1 > clock_timestamp() as ahead', [lostAt]);
  if (rows[0]?.ahead) throw new AppError('BAD_USER_INPUT', 'That moment is still to come.', 'after-restore');
  if (copiedAt === null || lostAt >= copiedAt) return;
  const text = `The backup itself has a change of ${copiedAt.toISOString()}: the loss was later.`;
  throw new AppError('BAD_USER_INPUT', text, 'after-restore');
}

/** A mailing that began before the loss, and whose messages were not all made by the backup: they are made first, to be counted. */
async function checkLaunched(pool: pg.Pool, lostAt: Date): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from mailing where status in ('SCHEDULED', 'RUNNING', 'PAUSED') and launch_completed_at is null
       and deleted_at is null and starts_at <= $1 order by id`,
    [lostAt],
  );
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id).join(', ');
  throw new AppError(
    'CONFLICT',
    `Mailings that began before that moment are still being launched (${ids}); workers do that while sending is stopped. Let one run, and say this again.`,
  );
}
