import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { By } from '../access/actor.js';
import { ERASED_PHONE } from '../access/mask-phone.js';
import { AppError } from '../errors.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { inTransaction } from '../platform/transaction.js';

/** Clients erased in one transaction. */
const BATCH = 500;
/** What was begun before is given so long to end, ms: a launch's chunk is cut off after a minute. */
const WAIT_MS = 65_000;

/** What was erased. */
export interface Erased {
  /** Clients of whom nothing personal is left, former ones with the same phone included. */
  clients: number;
  /** Which clients these are. */
  ids: string[];
  /** Their messages: they stay, with status and times. */
  messages: number;
  /** Lines of files, kept because they were left out of an import, that had the phone. */
  lines: number;
}

/**
 * The row stays, for messages and events lead to it; what is left is operator code and time zone, which statistics count by. It is
 * deleted by that, so what is open of it is cancelled as with any deleted client. An opt-out is kept for the phone under a keyed hash
 * (ADR 0031): as of the moment the row was deleted, for what counts is what was said last.
 */
const ERASE = `
  with c as materialized (
    select id, phone, opted_out_at, deleted_at, coalesce(deleted_at, clock_timestamp()) as as_of from client
    where id = any ($1) and erased_at is null order by id for no key update
  ), last as (
    select distinct on (phone) erased_phone_hash(phone) as hash, opted_out_at, as_of from c
    order by phone, as_of desc, id desc
  ), kept as (
    insert into erased_phone as e (hash, opted_out_at, erased_at)
    select hash, opted_out_at, as_of from last where opted_out_at is not null
    on conflict (hash) do update set opted_out_at = excluded.opted_out_at, erased_at = excluded.erased_at
      where e.erased_at <= excluded.erased_at
  ), taken_back as (
    delete from erased_phone e using last where e.hash = last.hash and last.opted_out_at is null and e.erased_at <= last.as_of
  ), noted as (
    insert into client_event (client_id, kind, by) select id, 'DELETED', $2 from c where deleted_at is null
  ), gone as (
    update client set phone = '${ERASED_PHONE}', tags = '{}', attributes = '{}', deleted_at = c.as_of, erased_at = clock_timestamp(),
      updated_at = clock_timestamp(), revision = revision + 1
    from c where client.id = c.id
  )
  select coalesce(array_agg(distinct phone), '{}') as phones, coalesce(array_agg(id::text), '{}') as ids from c`;

/** A gateway may repeat in its answer what it was sent, so its words go too; our own reasons stay. Locked in the order of ids. */
const SCRUB = (which: string) => `
  with l as materialized (
    select m.mailing_id, m.id from ${which} order by m.mailing_id, m.id for update of m
  ), attempts as (
    update message_attempt a set reason = null from l
    where a.mailing_id = l.mailing_id and a.message_id = l.id and a.gateway_code is not null
  )
  update message m set phone = '${ERASED_PHONE}', attributes = '{}', text = case m.kind when 'TEST' then '' end,
    reason = case when m.gateway_code is null then m.reason end
  from l where m.mailing_id = l.mailing_id and m.id = l.id`;

const SCRUB_CAMPAIGN = SCRUB(
  `message m where m.mailing_id = $1 and m.kind = 'CAMPAIGN' and m.client_id = any ($2::bigint[])`,
);
const SCRUB_TESTS =
  SCRUB(`message_range r join message m on m.mailing_id = r.mailing_id and m.id between r.first and r.last
  where r.kind = 'TEST' and m.kind = 'TEST' and (m.client_id = any ($1::bigint[]) or m.phone = any ($2))`);

/** However a phone stands in a file, its last ten digits are in it. The line stays, empty: the job's counts tell of it. */
const SCRUB_LINES = `
  update client_job_row set cells = '{}', phone = null, operator_code = null, tags = null, time_zone = null, attributes = null
  where problems is not null and exists (
    select from unnest(cells) cell, unnest($1::text[]) tail where position(tail in regexp_replace(cell, '\\D', '', 'g')) > 0)`;

const SCRUB_FILTERS = `
  update client_job set params = replace(params::text, $1, '0000000000')::jsonb where position($1 in params::text) > 0`;

/**
 * Erases the personal data of a client, and of deleted ones that had the same phone. Done again it looks for what is left.
 *
 * @throws AppError NOT_FOUND
 */
export async function eraseClient(pool: pg.Pool, givenId: string, by: By): Promise<Erased> {
  const id = parseId(givenId, 'client');
  const { rows } = await pool.query<{ id: string }>(
    `select c.id from client c join client asked on asked.id = $1
     where c.id = asked.id or c.phone = asked.phone and c.deleted_at is not null and asked.erased_at is null`,
    [id],
  );
  if (rows.length === 0) throw notFound('client');
  return await eraseAll(
    pool,
    rows.map((row) => row.id),
    [],
    by,
  );
}

/** Erases everybody who has or had this phone, and what else holds it. @param phone eleven digits */
export async function erasePhone(pool: pg.Pool, phone: string, by: By): Promise<Erased> {
  const { rows } = await pool.query<{ id: string }>('select id from client where phone = $1 and erased_at is null', [
    phone,
  ]);
  return await eraseAll(
    pool,
    rows.map(({ id }) => id),
    [phone],
    by,
  );
}

/** Erases clients that were deleted so many days ago, the first deleted first. */
export async function eraseDeleted(pool: pg.Pool, days: number, by: By): Promise<Erased> {
  const sum: Erased = { clients: 0, ids: [], messages: 0, lines: 0 };
  for (;;) {
    const { rows } = await pool.query<{ id: string }>(
      `select id from client where erased_at is null and deleted_at < clock_timestamp() - $1 * interval '1 day'
       order by deleted_at, id limit ${BATCH}`,
      [days],
    );
    if (rows.length === 0) return sum;
    const erased = await eraseAll(
      pool,
      rows.map(({ id }) => id),
      [],
      by,
    );
    for (const key of ['clients', 'messages', 'lines'] as const) sum[key] += erased[key];
    sum.ids.push(...erased.ids);
  }
}

async function eraseAll(pool: pg.Pool, ids: readonly string[], alsoPhones: readonly string[], by: By): Promise<Erased> {
  // What takes longest goes before the phone is gone from its row: where it is cut short, asking again begins anew.
  const { rows } = await pool.query<{ phone: string }>(
    'select distinct phone from client where id = any ($1) and erased_at is null',
    [ids],
  );
  const emptied = await scrubFiles(pool, [...new Set([...rows.map(({ phone }) => phone), ...alsoPhones])]);
  const first = (await inTransaction(
    pool,
    async (client) => (await client.query<{ phones: string[]; ids: string[] }>(ERASE, [ids, by.name])).rows[0]!,
  ))!;
  await waitForOlder(pool);
  const phones = [...new Set([...first.phones, ...alsoPhones])];
  const tests = await pool.query(SCRUB_TESTS, [ids, phones]);
  let messages = tests.rowCount ?? 0;
  const { rows: mailings } = await pool.query<{ id: string }>(
    'select id from mailing where total > 0 and pruned_at is null order by id',
  );
  for (const { id } of mailings) messages += (await pool.query(SCRUB_CAMPAIGN, [id, ids])).rowCount ?? 0;
  // Once more: a file may have come in meanwhile.
  const lines = emptied + (await scrubFiles(pool, phones));
  return { clients: first.ids.length, ids: first.ids, messages, lines };
}

/** @returns how many lines of files were emptied */
async function scrubFiles(pool: pg.Pool, phones: readonly string[]): Promise<number> {
  if (phones.length === 0) return 0;
  const tails = phones.map((phone) => phone.slice(1));
  const { rowCount } = await pool.query(SCRUB_LINES, [tails]);
  for (const tail of tails) await pool.query(SCRUB_FILTERS, [tail]);
  return rowCount ?? 0;
}

/** Transactions under way. What takes longer than a launch's chunk may is none: a backup, `verify`. */
const UNDER_WAY = `
  select pid || ' ' || xact_start as key from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and xact_start > clock_timestamp() - $1 * interval '1 ms'`;

/**
 * A launch that looked at its clients before they were erased may write messages with their phones after: so whatever was under way
 * then has to end first.
 *
 * @throws AppError UNAVAILABLE when it does not
 */
async function waitForOlder(pool: pg.Pool): Promise<void> {
  const look = async () => (await pool.query<{ key: string }>(UNDER_WAY, [WAIT_MS])).rows.map(({ key }) => key);
  const until = performance.now() + WAIT_MS;
  for (let left = await look(); left.length > 0; ) {
    if (performance.now() > until) {
      throw new AppError('UNAVAILABLE', 'Something has been writing for a minute: ask again to erase what it wrote.');
    }
    await sleep(20);
    const now = new Set(await look());
    left = left.filter((key) => now.has(key));
  }
}
