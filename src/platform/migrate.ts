import pg from 'pg';
import { migrations } from '../../migrations/all.js';
import { createOrm } from './orm.js';

/** Any number, the same in every version of the program: it names the lock that migrating processes wait for. */
const MIGRATION_LOCK = 4_102_026;

/**
 * Brings the database to the newest schema. Any number of processes may do it at the same time: one works, the others
 * wait for it and find nothing left to do.
 *
 * @returns how many migrations were run
 */
export async function migrate(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'heliograph migrate' });
  await client.connect();
  try {
    // Ends with the session, so a killed process leaves nobody waiting.
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const missing = await countMissing(client);
    if (missing > 0) await runAll(databaseUrl);
    return missing;
  } finally {
    await client.end();
  }
}

/** Asked by hand because the ORM takes longer to wake up than everything else of a warm start together. */
async function countMissing(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('mikro_orm_migrations') is not null as there`,
  );
  if (!rows[0]?.there) return migrations.length;
  const done = await client.query<{ name: string }>('select name from mikro_orm_migrations');
  const names = new Set(done.rows.map((row) => row.name));
  return migrations.filter((migration) => !names.has(migration.name)).length;
}

async function runAll(databaseUrl: string): Promise<void> {
  const orm = await createOrm({ databaseUrl, entities: [] });
  try {
    await orm.migrator.up();
  } finally {
    await orm.close();
  }
}
