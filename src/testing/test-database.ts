import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { expect, inject } from 'vitest';
import { createPool } from '../platform/pool.js';

/** A database of one's own, migrated and empty. */
export interface TestDatabase {
  url: string;
  /** Four connections; closed by `drop`. */
  pool: pg.Pool;
  /** Closes the pool and removes the database; fails when a test left a connection open. */
  drop(): Promise<void>;
  /** The same where processes that used it were killed: once the server has noticed that they are gone. */
  dropOnceLeft(): Promise<void>;
}

async function onCluster(sql: string): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('clusterUrl') });
  await admin.connect();
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}

/** Clones the migrated template: about 30 ms, so that a test file, or a single test, can have one to itself. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onCluster(`create database ${name} template heliograph_template strategy file_copy`);
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  const pool = createPool({ databaseUrl: url.href, max: 4, name: 'test', onError: () => {} });
  return {
    url: url.href,
    pool,
    async drop() {
      await pool.end();
      await onCluster(`drop database ${name}`);
    },
    async dropOnceLeft() {
      await pool.end();
      const dropped = () =>
        onCluster(`drop database ${name}`).then(
          () => true,
          () => false,
        );
      await expect.poll(dropped).toBe(true);
    },
  };
}
