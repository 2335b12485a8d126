import { randomBytes } from 'node:crypto';
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPool } from '../platform/pool.js';
import { type MongoServer, startMongoServer, whyNoMongo, withDatabase } from '../testing/mongo-server.js';
import { SchedulerBench, type StoreUnderTest } from '../testing/scheduler-bench.js';
import { startTcpProxy } from '../testing/tcp-proxy.js';
import { createTestDatabase } from '../testing/test-database.js';
import { schedulerContract } from './scheduler.contract.js';
import { databaseOf, JOBS, MongoJobStore } from './scheduler-mongo.js';

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

  const indexesOf = async (jobs: Collection) => {
    const found = await jobs.listIndexes().toArray();
    return Object.fromEntries(found.map(({ name, key }) => [name, Object.entries(key)]));
  };
  const OURS = {
    _id_: [['_id', 1]],
    one_job_per_key: [
      ['name', 1],
      ['data.key', 1],
    ],
    look_in_order: [
      ['name', 1],
      ['lockedAt', -1],
      ['nextRunAt', 1],
    ],
  };

  it('has indexes of our own, and takes away what an earlier version had instead', async () => {
    const store = await openStore(server, client);
    const jobs = client.db(databaseOf(store.address.mongoUrl!)).collection(JOBS);
    await jobs.createIndex({ name: 1, lockedAt: 1, nextRunAt: 1 }, { name: 'find_and_lock' });
    const bench = new SchedulerBench(store);
    await bench.make().start();
    onTestFinished(() => bench.close());
    expect(await indexesOf(jobs)).toEqual(OURS);
  });

  it('makes them again, two jobs of a kind or not, when the collection is dropped under it', async () => {
    const store = await openStore(server, client);
    const jobs = client.db(databaseOf(store.address.mongoUrl!)).collection(JOBS);
    const bench = new SchedulerBench(store);
    onTestFinished(() => bench.close());
    const scheduler = bench.make({ pollMs: 50 });
    await scheduler.every('sweep', 60_000);
    await scheduler.start();
    await jobs.drop();
    const twice = { name: 'mailing.launch', data: { key: 'mailingId=1', mailingId: '1' }, lockedAt: null };
    await jobs.insertMany([{ ...twice }, { ...twice }]);
    await expect.poll(() => indexesOf(jobs), { timeout: 10_000 }).toEqual(OURS);
    // What is to be swept is booked anew; what was two of a kind is for the sweep to book.
    await expect.poll(async () => (await jobs.find().toArray()).map(({ name }) => name)).toEqual(['sweep']);
    expect(scheduler.ready).toBe(true);
  });

  it.runIf(process.env['MONGO_URL'])('finds the next job by an index, and sorts nothing', async () => {
    const store = await openStore(server, client);
    const jobs = client.db(databaseOf(store.address.mongoUrl!)).collection(JOBS);
    const bench = new SchedulerBench(store);
    onTestFinished(() => bench.close());
    await bench.make().start();
    const later = new Date(Date.now() + 3_600_000);
    const job = (n: number) => ({ name: 'mailing.dispatch', data: { key: `${n}` }, lockedAt: null, nextRunAt: later });
    await jobs.insertMany(Array.from({ length: 500 }, (_, n) => job(n)));
    const now = new Date();
    const due = { lockedAt: null, nextRunAt: { $lte: now } };
    const look = { name: 'mailing.dispatch', disabled: { $ne: true }, $or: [due, { lockedAt: { $lte: now } }] };
    const plan = JSON.stringify(await jobs.find(look).sort({ lockedAt: -1, nextRunAt: 1 }).limit(1).explain());
    expect(plan).toContain('look_in_order');
    expect(plan).not.toContain('COLLSCAN');
    expect(plan).not.toMatch(/"stage":"SORT"/);
  });
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
    backend: () => ({ store: new MongoJobStore(url), pool }),
    address: { databaseUrl: database.url, mongoUrl: url },
    fragile: { backend: () => ({ store: new MongoJobStore(fragileUrl.href), pool }), cut: proxy.cut, mend: proxy.mend },
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
