import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { createPool } from '../platform/pool.js';
import type { TestDatabase } from './test-database.js';

/**
 * A copy of a test's database on the same server, as a restored backup is one: `CREATE DATABASE … TEMPLATE`, which needs nobody to be
 * connected to the other. Dropped when the test is over.
 */
export async function copyDatabase(of: string): Promise<Pick<TestDatabase, 'url' | 'pool'>> {
  return await makeDatabase(new URL(of).pathname.slice(1));
}

/** A database without a single table. Dropped when the test is over. */
export async function createEmptyDatabase(): Promise<Pick<TestDatabase, 'url' | 'pool'>> {
  return await makeDatabase('template0');
}

async function makeDatabase(template: string): Promise<Pick<TestDatabase, 'url' | 'pool'>> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: inject('clusterUrl') });
  await admin.connect();
  await admin.query(`create database ${name} template ${template} strategy file_copy`);
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  const pool = createPool({ databaseUrl: url.href, max: 4, name: 'test', onError: () => {} });
  onTestFinished(async () => {
    await pool.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  });
  return { url: url.href, pool };
}
