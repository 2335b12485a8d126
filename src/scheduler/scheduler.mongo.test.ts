import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createPool } from '../platform/pool.js';
import { type MongoServer, startMongoServer, whyNoMongo, withDatabase } from '../testing/mongo-server.js';
import type { StoreUnderTest } from '../testing/scheduler-bench.js';
import { startTcpProxy } from '../testing/tcp-proxy.js';
import { createTestDatabase } from '../testing/test-database.js';
import { schedulerContract } from './scheduler.contract.js';

const obstacle = whyNoMongo();
if (obstacle) process.stderr.write(`The scheduler is not tested on MongoDB: ${obstacle}.\n`);

it('has a MongoDB to be tested on wherever CI is set', () => {
  if (process.env['CI'] && obstacle) throw new Error(`A suite skipped is a failure in CI: ${obstacle}.`);
});

describe.skipIf(obstacle !== undefined)('the scheduler on MongoDB', () => {
  let server: MongoServer;
  let client: MongoClient;
  beforeAll(async () => {
    server = await startMongoServer();
    client = await MongoClient.connect(server.url);
  }, 300_000);
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });
  schedulerContract(() => openStore(server, client));
});

async function openStore(server: MongoServer, client: MongoClient): Promise<StoreUnderTest> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = withDatabase(server.url, name);
  const jobs = client.db(name).collection('agendaJobs');
  const database = await createTestDatabase();
  const pool = createPool({ databaseUrl: database.url, max: 16, name: 'scheduler', onError: () => {} });
  const proxy = await startTcpProxy(server.url);
  const fragileUrl = new URL(proxy.through(url));
  // A replica set would else lead the driver around the proxy.
  fragileUrl.searchParams.set('directConnection', 'true');
  fragileUrl.searchParams.delete('replicaSet');
  return {
    backend: { kind: 'mongo', url, pool },
    address: { databaseUrl: database.url, mongoUrl: url },
    fragile: { backend: { kind: 'mongo', url: fragileUrl.href, pool }, cut: proxy.cut, mend: proxy.mend },
    async jobs() {
      return (await jobs.find().toArray()).map((job) => ({
        name: job['name'],
        data: job['data'],
        locked: job['lockedAt'] !== null,
        nextRunAt: job['nextRunAt'] ?? null,
      }));
    },
    async clear() {
      await jobs.deleteMany({});
    },
    async close() {
      await pool.end();
      await proxy.close();
      await client.db(name).dropDatabase();
      await database.drop();
    },
  };
}
