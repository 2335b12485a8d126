import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { migrations } from '../../migrations/all.js';
import { createOrm } from './orm.js';

/** Any number, the same in every version of the program: it names the lock that migrating processes wait for. */
const MIGRATION_LOCK = 4_102_026;

/** A migration whose lock somebody else holds (a long transaction, a dump) is tried again this often, ms, … */
const TRY_AGAIN_MS = 500;
/** … and so many times: ten minutes and more, since each try waits for its lock as well. */
const TRIES = 1_200;

/**
 * Brings the database to the newest schema. Any number of processes may do it at the same time: one works, the others
 * wait for it and find nothing left to do. Those that run an older version go on beside it: a migration only adds, and
 * never holds `message` for long (docs/deploy.md).
 *
 * @returns how many migrations were run
 * @throws what pg throws, also when a lock could not be had for ten minutes
 */
export async function migrate(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'heliograph migrate' });
  // A connection that breaks is told by what waits for it; without a listener it would end the process as well.
  client.on('error', () => {});
  await client.connect();
  try {
    // Ends with the session, so a killed process leaves nobody waiting.
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const { missing } = await compareMigrations(client);
    if (missing.length > 0) await runPatiently(databaseUrl);
    return missing.length;
  } finally {
    await client.end();
  }
}

/** How a database's schema stands to that of this version. */
export interface SchemaAge {
  /** Migrations that it lacks, in their order. */
  missing: string[];
  /** Migrations that it has and this version does not know: a newer one was here. */
  unknown: string[];
}

/** Asked by hand because the ORM takes longer to wake up than everything else of a warm start together. @throws what pg throws */
export async function compareMigrations(db: Pick<pg.ClientBase, 'query'>): Promise<SchemaAge> {
  const known = migrations.map(({ name }) => name);
  const { rows } = await db.query<{ there: boolean }>(
    `select to_regclass('mikro_orm_migrations') is not null as there`,
  );
  if (!rows[0]?.there) return { missing: known, unknown: [] };
  const done = await db.query<{ name: string }>('select name from mikro_orm_migrations order by id');
  const names = done.rows.map((row) => row.name);
  return {
    missing: known.filter((name) => !names.includes(name)),
    unknown: names.filter((name) => !known.includes(name)),
  };
}

/** What was done stays done: each migration is a transaction, or can be run again. */
async function runPatiently(databaseUrl: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await runAll(databaseUrl);
    } catch (error) {
      if (tries === TRIES || !isLockTimeout(error)) throw error;
      await setTimeout(TRY_AGAIN_MS);
    }
  }
}

/** SQLSTATE 55P03, lock_not_available; the migrator wraps what it was told. */
function isLockTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === '55P03') || isLockTimeout(error.cause);
}

async function runAll(databaseUrl: string): Promise<void> {
  const orm = await createOrm({ databaseUrl, entities: [] });
  try {
    await orm.migrator.up();
  } finally {
    await orm.close();
  }
}
