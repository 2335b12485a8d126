import type pg from 'pg';
import { PostgresJobStore } from './scheduler-postgres.js';
import type { JobStore } from './scheduler-store.js';

/**
 * Where the jobs live: in MongoDB where its address is given, else in PostgreSQL. MongoDB's driver is read into memory only where it is
 * used: some 10 MB in every process.
 *
 * @throws Error when the address can't be read
 */
export async function openJobStore(pool: pg.Pool, mongoUrl: string | null): Promise<JobStore> {
  if (mongoUrl === null) return new PostgresJobStore(pool);
  const { MongoJobStore } = await import('./scheduler-mongo.js');
  return new MongoJobStore(mongoUrl);
}
