import { describe } from 'vitest';
import { createPool } from '../platform/pool.js';
import type { StoredJob, StoreUnderTest } from '../testing/scheduler-bench.js';
import { startTcpProxy } from '../testing/tcp-proxy.js';
import { createTestDatabase } from '../testing/test-database.js';
import { schedulerContract } from './scheduler.contract.js';
import { PostgresJobStore } from './scheduler-postgres.js';

describe('the scheduler on Postgres', () => schedulerContract(openStore));

async function openStore(): Promise<StoreUnderTest> {
  const database = await createTestDatabase();
  const pool = createPool({ databaseUrl: database.url, max: 16, name: 'scheduler', onError: () => {} });
  const proxy = await startTcpProxy(database.url);
  const fragile = createPool({ databaseUrl: proxy.through(database.url), max: 4, name: 'fragile', onError: () => {} });
  return {
    backend: () => ({ store: new PostgresJobStore(pool), pool }),
    address: { databaseUrl: database.url, mongoUrl: null },
    fragile: {
      backend: () => ({ store: new PostgresJobStore(fragile), pool: fragile }),
      cut: proxy.cut,
      mend: proxy.mend,
    },
    async jobs() {
      const { rows } = await database.pool.query<StoredJob>(
        `SELECT name, data, locked_at IS NOT NULL AS locked, next_run_at AS "nextRunAt" FROM agenda_jobs`,
      );
      return rows;
    },
    async clear() {
      await database.pool.query('DELETE FROM agenda_jobs');
    },
    async close() {
      await Promise.all([pool.end(), fragile.end()]);
      await proxy.close();
      await database.drop();
    },
  };
}
