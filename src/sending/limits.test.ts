import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mergeLedgerLines } from '../simulator/ledger-entry.js';
import { behave, readLedger } from '../simulator/simulator-client.js';
import { type SpawnedSimulator, spawnSimulator } from '../simulator/spawn-simulator.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { type StartWorkerOptions, startWorker } from '../testing/start-worker.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';

const CLIENTS = 40;

// Arrivals are stamped by another process. One that gets no core for a tenth of a second makes a bunch of what was sent
// evenly, which says nothing of the limit; a limit that does not hold fails each time.
describe('a limit', { retry: 2 }, () => {
  let dir: string;
  let database: TestDatabase;
  let simulator: SpawnedSimulator;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'heliograph-limits-'));
  });
  afterAll(() => rm(dir, { recursive: true }));
  beforeEach(async () => {
    database = await createTestDatabase();
    await insertClients(database.pool, CLIENTS, { tags: ['few'] });
    simulator = await spawnSimulator({ dir: await mkdtemp(join(dir, 'ledger-')) });
  });
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
    await simulator.close();
    await database.drop();
  });

  async function start(options: Partial<StartWorkerOptions> = {}): Promise<void> {
    stops.push(await startWorker({ databaseUrl: database.url, gatewayUrl: simulator.url, ...options }));
  }
  const limitChannel = (rate: number | null) =>
    database.pool.query(`insert into channel_limit (channel, by, rate_limit) values ('gateway', 'test', $1)`, [rate]);
  const one = async (sql: string, values: unknown[] = []) => (await database.pool.query(sql, values)).rows[0];
  const arrivals = async () => mergeLedgerLines((await readLedger(simulator.controlUrl)).lines);
  const done = (id: string) =>
    expect
      .poll(async () => (await one('select status from mailing where id = $1', [id])).status, { timeout: 20_000 })
      .toBe('COMPLETED');

  /** Requests in the fullest sliding second. */
  async function fullest(): Promise<number> {
    const times = (await arrivals()).map(({ at }) => at);
    return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1_000).length));
  }

  it.each([
    ['of a mailing', { rateLimit: 10 }, null, null],
    ['of a channel', {}, 10, null],
    ['of the gateway by its setting, below that of the channel', {}, 1_000, 10],
    ['of both', { rateLimit: 10 }, 12, null],
  ])('%s is kept over all workers, and nobody is claimed twice for it', async (_whose, row, channel, setting) => {
    if (channel !== null) await limitChannel(channel);
    const id = await insertMailing(database.pool, row);
    await start({ rateLimit: setting });
    await start({ rateLimit: setting });
    await done(id);
    expect(await arrivals()).toHaveLength(CLIENTS);
    expect(await fullest()).toBeLessThanOrEqual(1.1 * 10 + 1);
    // A worker that was starved may have handed a few back; none goes back and forth.
    expect((await one('select sum(fence)::int as claims from message')).claims).toBeLessThanOrEqual(CLIENTS + 10);
  });

  it('claims no more than it can start soon, so that no message goes back and forth where several workers wait', async () => {
    const id = await insertMailing(database.pool, { rateLimit: 2, filter: { tagsAny: ['two'] } });
    await insertClients(database.pool, 8, { tags: ['two'] });
    for (let n = 0; n < 3; n += 1) await start({ timeoutMs: 1_000 });
    await expect.poll(async () => (await arrivals()).length, { timeout: 10_000 }).toBeGreaterThan(0);
    const { held } = await one('select count(*)::int as held from message where lease_until is not null');
    expect(held).toBeLessThanOrEqual(3);
    await done(id);
    expect((await one('select max(fence) as most from message')).most).toBeLessThanOrEqual(3);
  });

  it('that is above what the gateway takes has no more claimed than can be started soon', async () => {
    await behave(simulator.controlUrl, { latency: { minMs: 300, maxMs: 300 } });
    const id = await insertMailing(database.pool, { rateLimit: 1_000 });
    await start({ concurrency: 4, timeoutMs: 1_000 });
    await done(id);
    expect((await one('select sum(fence)::int as claims from message')).claims).toBeLessThan(2 * CLIENTS);
  });

  it('holds soon after it is raised, lifted or set, while the mailing runs', async () => {
    await limitChannel(1);
    const id = await insertMailing(database.pool);
    await start();
    await expect.poll(async () => (await arrivals()).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    expect((await arrivals()).length).toBeLessThan(CLIENTS / 2);
    await database.pool.query('update mailing set rate_limit = 20 where id = $1', [id]);
    await limitChannel(null);
    await done(id);
    expect(await arrivals()).toHaveLength(CLIENTS);
    expect(await fullest()).toBeLessThanOrEqual(1.1 * 20 + 2);
  });

  it('is shared fairly: a small mailing behind a huge one begins within two seconds’ worth of messages', async () => {
    await insertClients(database.pool, 400, { tags: ['many'] });
    await limitChannel(20);
    const huge = await insertMailing(database.pool, { filter: { tagsAny: ['many'] } });
    await start();
    await start();
    await expect.poll(async () => (await arrivals()).length, { timeout: 10_000 }).toBeGreaterThan(20);
    const small = await insertMailing(database.pool, { filter: { tagsAny: ['few'] } });
    const ofSmall = async () =>
      new Set(
        (await database.pool.query('select id from message where mailing_id = $1', [small])).rows.map((r) =>
          Number(r.id),
        ),
      );
    let ids = new Set<number>();
    await expect
      .poll(
        async () => {
          ids = await ofSmall();
          return (await arrivals()).some(({ id }) => ids.has(id!));
        },
        { timeout: 15_000 },
      )
      .toBe(true);
    const launched = (await one('select launched_at from mailing where id = $1', [small])).launched_at.getTime();
    const after = (await arrivals()).filter(({ at }) => at >= launched);
    expect(after.findIndex(({ id }) => ids.has(id!))).toBeLessThan(2 * 20);
    expect((await one('select status from mailing where id = $1', [huge])).status).toBe('RUNNING');
  });
});
