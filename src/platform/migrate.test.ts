import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, inject, it, onTestFinished } from 'vitest';
import { migrations } from '../../migrations/all.js';
import { createTestDatabase } from '../testing/test-database.js';
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

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** A database as a version left it, with a running mailing of two messages. */
async function oldDatabase(newest: string = FIRST_VERSION): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: inject('clusterUrl') });
  await admin.connect();
  await admin.query(`create database ${name}`);
  onTestFinished(async () => {
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  });
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  const orm = await createOrm({ databaseUrl: url.href, entities: [] });
  await orm.migrator.up({ to: newest });
  await orm.close();
  const client = await connect(url.href);
  await client.query(`
    insert into client (phone, operator_code, time_zone) select 79000000000 + n, '900', 'UTC' from generate_series(1, 2) n;
    insert into mailing (name, text, filter, starts_at, ends_at, status, total, open)
      values ('test', 'Hello', '{}', now(), now() + interval '1 hour', 'RUNNING', 2, 2);
    insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
      select 1, id, id, phone, time_zone, '{}', 'OPEN', now(), now() + interval '1 hour', 1 from client`);
  return url.href;
}

it('waits for a long transaction without holding up anybody else, and then goes on', async () => {
  const url = await oldDatabase();
  const long = await connect(url);
  const other = await connect(url);
  await long.query('begin; update message set reason = null where id = 1');

  const migrated = migrate(url);
  const waiting = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(async () => (await other.query(waiting)).rows[0].n, { timeout: 20_000 }).toBe(1);
  // Behind a lock that is waited for without an end, this would wait as long as the long transaction takes.
  await other.query('update message set reason = null where id = 2');
  await long.query('commit');

  expect(await migrated).toBe(migrations.length - migrations.findIndex(({ name }) => name === FIRST_VERSION) - 1);
  const { rows } = await other.query('select count(*)::int as n from message where kind = $1', ['CAMPAIGN']);
  expect(rows[0].n).toBe(2);
  expect(await migrate(url)).toBe(0);
}, 60_000);

it('leaves a database alone that a newer version has brought further', async () => {
  const database = await createTestDatabase();
  await database.pool.query(`insert into mikro_orm_migrations (name) values ('29990101000000-of-the-future')`);
  expect(await migrate(database.url)).toBe(0);
  await database.drop();
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

it.each(RELEASED)(
  'brings a database of $version forward, with what is in it',
  async ({ newest }) => {
    const url = await oldDatabase(newest);
    expect(await migrate(url)).toBe(migrations.length - migrations.findIndex(({ name }) => name === newest) - 1);
    const fresh = await createTestDatabase();
    onTestFinished(() => fresh.drop());
    const old = await connect(url);
    expect((await old.query(SCHEMA)).rows).toEqual((await fresh.pool.query(SCHEMA)).rows);
    const { rows } = await old.query(
      'select g.status, g.open, count(*)::int as n, min(m.phone) as phone from mailing g join message m on m.mailing_id = g.id group by 1, 2',
    );
    expect(rows).toEqual([{ status: 'RUNNING', open: 2, n: 2, phone: '79000000001' }]);
  },
  60_000,
);

it('goes forward only: no migration can be taken back, and none that was released is gone', () => {
  for (const { newest } of RELEASED) expect(migrations.map(({ name }) => name)).toContain(newest);
  const names = migrations.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  for (const { class: migration } of migrations) expect(Object.hasOwn(migration.prototype, 'down')).toBe(false);
});
