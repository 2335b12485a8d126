import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrations } from '../../migrations/all.js';
import { createEmptyDatabase } from '../testing/copy-database.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { migrate } from './migrate.js';
import { createOrm } from './orm.js';

/**
 * The newest migration of every version that people could run, the oldest first. A release adds a line here, and never takes one away:
 * from each of them the newest has to be reached.
 */
const RELEASED = [
  { version: 'the demo', newest: '20261121080200-agenda' },
  { version: 'the whole promise', newest: '20261121111700-without-a-lock' },
  { version: 'the API', newest: '20261121160400-job-opted-out' },
  { version: 'the dashboard', newest: '20261121213500-throughput' },
] as const;
const FIRST_VERSION = RELEASED[0].newest;

/** Brings a database to where a version left it. */
async function bringTo(url: string, newest: string): Promise<void> {
  const orm = await createOrm({ databaseUrl: url, entities: [] });
  await orm.migrator.up({ to: newest });
  await orm.close();
}

/** A running mailing of two messages, as each version could have it. @param n tells it from others */
async function addMailing(pool: pg.Pool, n: number, name: string = RELEASED[0].version): Promise<void> {
  await pool.query(
    `with people as (
       insert into client (phone, operator_code, time_zone) select 79000000000 + 2 * $1::int + n, '900', 'UTC' from generate_series(1, 2) n
       returning id, phone, time_zone
     ), g as (
       insert into mailing (name, text, filter, starts_at, ends_at, status, total, open)
       values ($2, 'Hello', '{}', now(), now() + interval '1 hour', 'RUNNING', 2, 2) returning id
     )
     insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
     select g.id, people.id, people.id, phone, time_zone, '{}', 'OPEN', now(), now() + interval '1 hour', 1 from people, g`,
    [n, name],
  );
}

/** How many migrations there are after one. */
const after = (name: string) => migrations.length - migrations.findIndex((each) => each.name === name) - 1;

let fresh: TestDatabase;
beforeAll(async () => {
  fresh = await createTestDatabase();
});
afterAll(() => fresh.drop());

it('waits for a long transaction without holding up anybody else, and then goes on', async () => {
  const { url, pool: other } = await createEmptyDatabase();
  await bringTo(url, FIRST_VERSION);
  await addMailing(other, 0);
  const long = await other.connect();
  await long.query('begin; update message set reason = null where id = 1');

  const migrated = migrate(url);
  const waiting = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(async () => (await other.query(waiting)).rows[0].n, { timeout: 20_000 }).toBe(1);
  // Behind a lock that is waited for without an end, this would wait as long as the long transaction takes.
  await other.query('update message set reason = null where id = 2');
  await long.query('commit');
  long.release();

  expect(await migrated).toBe(after(FIRST_VERSION));
  const { rows } = await other.query('select count(*)::int as n from message where kind = $1', ['CAMPAIGN']);
  expect(rows[0].n).toBe(2);
  expect(await migrate(url)).toBe(0);
}, 60_000);

it('leaves a database alone that a newer version has brought further', async () => {
  const future = '29990101000000-of-the-future';
  await fresh.pool.query('insert into mikro_orm_migrations (name) values ($1)', [future]);
  expect(await migrate(fresh.url)).toBe(0);
});

/** What a table has, column by column, and all constraints, indexes and functions: two databases of one schema say the same. */
const SCHEMA = `
  select string_agg(line, e'\n' order by line) as schema from (
    select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line
    from information_schema.columns where table_schema = 'public'
    union all select indexdef from pg_indexes where schemaname = 'public'
    union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
    union all select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'
  ) lines`;

it('brings what each version left forward through all that came after it', async () => {
  const { url, pool } = await createEmptyDatabase();
  // Each version's rows are older than every migration after it, as where one went from version to version.
  for (const [n, { newest, version }] of RELEASED.entries()) {
    await bringTo(url, newest);
    await addMailing(pool, n, version);
  }
  expect(await migrate(url)).toBe(after(RELEASED.at(-1)!.newest));
  expect((await pool.query(SCHEMA)).rows).toEqual((await fresh.pool.query(SCHEMA)).rows);
  const { rows } = await pool.query(
    'select g.name, g.status, g.open, array_agg(m.phone order by m.id) as phones from mailing g join message m on m.mailing_id = g.id group by g.id order by g.id',
  );
  const phone = (n: number) => String(79_000_000_000 + n);
  expect(rows).toEqual(
    RELEASED.map(({ version }, n) => ({
      ...{ name: version, status: 'RUNNING', open: 2, phones: [phone(2 * n + 1), phone(2 * n + 2)] },
    })),
  );
}, 60_000);

it('goes forward only: no migration can be taken back, and none that was released is gone', () => {
  for (const { newest } of RELEASED) expect(migrations.map(({ name }) => name)).toContain(newest);
  const names = migrations.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  for (const { class: migration } of migrations) expect(Object.hasOwn(migration.prototype, 'down')).toBe(false);
});
