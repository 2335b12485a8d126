import type pg from 'pg';
import type { Config } from '../../config.js';
import { compareMigrations } from '../../platform/migrate.js';
import { type Finding, fail, ok, warn } from './check.js';

/** The oldest that README.md names, as server_version_num has it. */
const OLDEST = 160_000;
/** Connections of one process at the most: its pools (app.ts), with some for the ORM. */
const OF_A_PROCESS = 50;
/** Clocks that are further apart make times in logs hard to compare, ms. */
const APART_MS = 2_000;

export async function checkVersion(pool: pg.Pool): Promise<Finding> {
  const { rows } = await pool.query<{ number: number; version: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`,
  );
  const { number, version } = rows[0]!;
  const says = `PostgreSQL ${version}.`;
  return number >= OLDEST
    ? ok('database', says)
    : fail('database', says, `Heliograph needs ${OLDEST / 10_000} or newer.`);
}

export async function checkMigrations(pool: pg.Pool): Promise<Finding> {
  const { missing, unknown } = await compareMigrations(pool);
  if (missing.length > 0) {
    const says = `The schema lacks ${missing.length} migrations, from ${missing[0]} on.`;
    const { rows } = await pool.query<{ may: boolean }>(
      `select has_schema_privilege(coalesce(current_schema(), 'public'), 'create') as may`,
    );
    return fail(
      'migrations',
      says,
      rows[0]!.may
        ? 'npm run cli -- migrate'
        : 'The user of DATABASE_URL may make no tables: let it own the database (docs/deploy.md).',
    );
  }
  if (unknown.length > 0) {
    const says = `The schema has ${unknown.length} migrations that this version does not know: ${unknown.at(-1)}.`;
    return warn('migrations', says, 'A newer version was here: bring this one up to date.');
  }
  return ok('migrations', 'The schema is the newest.');
}

export async function checkConnections(pool: pg.Pool): Promise<Finding> {
  const { rows } = await pool.query<{ used: number; most: number }>(
    `select (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most`,
  );
  const { used, most } = rows[0]!;
  const says = `${used} of ${most} connections are taken.`;
  if (used >= most * 0.95) return fail('connections', says, 'Raise max_connections, or run fewer processes.');
  if (used + OF_A_PROCESS > most) {
    return warn(
      'connections',
      says,
      `A process takes up to ${OF_A_PROCESS}: raise max_connections before you add one.`,
    );
  }
  return ok('connections', says);
}

/** The database's clock decides who is sent to and when; ours stands in logs. */
export async function checkClock(pool: pg.Pool, now: () => number = Date.now): Promise<Finding> {
  const before = now();
  const { rows } = await pool.query<{ at: number }>(
    'select extract(epoch from clock_timestamp())::float8 * 1000 as at',
  );
  const after = now();
  const apart = Math.round(rows[0]!.at - (before + after) / 2);
  const uncertain = Math.ceil((after - before) / 2);
  const says = `This clock and the database's are ${Math.abs(apart)} ms apart (to ${uncertain} ms).`;
  if (Math.abs(apart) - uncertain <= APART_MS) return ok('clock', says);
  return warn(
    'clock',
    says,
    "Have both machines keep time by NTP: windows and ends go by the database's clock, logs by this one.",
  );
}

/**
 * Zones whose rules differ between Node and PostgreSQL: a client's window would be told otherwise than it is kept. Their data is of
 * different ages almost always, so it matters where clients live.
 */
export async function checkZones(
  pool: pg.Pool,
  { databaseUrl }: Pick<Config, 'databaseUrl'>,
  offset = offsetOf,
): Promise<Finding> {
  const at = new Date();
  const { rows } = await pool.query<{ name: string; minutes: number }>(
    `select name, extract(epoch from $1::timestamptz at time zone name - $1::timestamptz at time zone 'UTC')::int / 60 as minutes
     from pg_timezone_names where name = any ($2::text[])`,
    [at, Intl.supportedValuesOf('timeZone')],
  );
  const says = `Node has the time zones of ${process.versions.tz ?? 'its system'}; PostgreSQL knows ${rows.length} of them`;
  if (rows.length === 0) return fail('timezones', `${says}.`, 'Install the time zone data of the database (tzdata).');
  const differing = rows.filter(({ name, minutes }) => offset(name, at) !== minutes).map(({ name }) => name);
  if (differing.length === 0) return ok('timezones', `${says}, and they agree.`);
  const { rows: lived } = await pool.query<{ name: string }>(
    `select name from unnest($1::text[]) as differing (name)
     where exists (select from client where time_zone = name and deleted_at is null)`,
    [differing],
  );
  if (lived.length === 0) return ok('timezones', `${says}; ${differing.length} differ, and no client lives there.`);
  const some = lived.slice(0, 3).map(({ name }) => name);
  return warn(
    'timezones',
    `${says}. Clients live in ${lived.length} that differ now: ${some.join(', ')}.`,
    databaseUrl === null
      ? 'Windows are kept by PostgreSQL. The embedded one has no newer data: use one of your own with a new tzdata.'
      : 'Windows are kept by PostgreSQL. Bring tzdata of its machine up to date, and Node.',
  );
}

/** Minutes ahead of UTC, as Node has them. */
export function offsetOf(timeZone: string, at: Date): number {
  const text = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).format(at);
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])?(\d+)?:?(\d+)?/.exec(text) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
}
