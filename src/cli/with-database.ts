import type pg from 'pg';
import { reachDatabase } from '../embedded/reach-database.js';
import { createPool } from '../platform/pool.js';
import type { Call } from './call.js';
import type { ExitCode } from './command.js';

/** Who does what is done here, as history tells it. */
export const CLI = { id: 'cli', name: 'cli' };

/**
 * Does some work with the database that the settings mean, and lets go of it again.
 *
 * @param options.make whether a database that is not there yet may be made
 */
export async function withDatabase(
  call: Call,
  options: { make: boolean },
  work: (pool: pg.Pool, url: string) => Promise<ExitCode>,
): Promise<ExitCode> {
  const database = await reachDatabase(call.config(), options.make);
  const pool = createPool({ databaseUrl: database.url, max: 2, name: 'cli', onError: () => {} });
  try {
    return await work(pool, database.url);
  } finally {
    await pool.end();
    await database.close();
  }
}
