import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BehaviourInput } from '../simulator/behaviour.js';
import type { LedgerLine } from '../simulator/ledger-entry.js';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { readLedger } from '../simulator/simulator-client.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { startWorker } from '../testing/start-worker.js';
import { startTcpProxy } from '../testing/tcp-proxy.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';

const CLIENTS = 200;
const CONCURRENCY = 16;

describe('while the gateway', () => {
  let dir: string;
  let database: TestDatabase;
  let simulator: Simulator;
  let stop: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'heliograph-outage-'));
  });
  afterAll(() => rm(dir, { recursive: true }));
  beforeEach(async () => {
    database = await createTestDatabase();
    await insertClients(database.pool, CLIENTS);
    simulator = await createSimulator({ ledgerFile: join(dir, `${Math.random()}.jsonl`) });
  });
  afterEach(async () => {
    await stop?.();
    await simulator.close();
    await database.drop();
  });

  const start = async (timeoutMs = 2_000, gatewayUrl = simulator.url) => {
    stop = await startWorker({ databaseUrl: database.url, gatewayUrl, timeoutMs, concurrency: CONCURRENCY });
  };
  const one = async (sql: string) => (await database.pool.query(sql)).rows[0];
  const lines = async () => (await readLedger(simulator.controlUrl)).lines;
  const arrivals = async () =>
    (await lines()).filter((line): line is LedgerLine & { at: number } => line.at !== undefined);
  const behave = (behaviour: BehaviourInput) => simulator.behave(behaviour);
  const circuit = () => one('select reason from channel_circuit');
  const opened = () => expect.poll(async () => (await circuit())?.reason, { timeout: 15_000 });
  const done = () =>
    expect.poll(async () => (await one('select status from mailing')).status, { timeout: 60_000 }).toBe('COMPLETED');

  it('is away, nothing is claimed but a probe; once it is back, one request finds out, and they grow from there', async () => {
    await behave({ down: 'refuse' });
    await insertMailing(database.pool, { maxAttempts: 1 });
    await start();
    await opened().toContain('no connection');
    const tried = async () => (await one('select count(*)::int as n from message where fence > 0')).n as number;
    expect(await tried()).toBeLessThanOrEqual(2 * CONCURRENCY);
    await behave({ latency: { minMs: 40, maxMs: 40 } });
    await done();
    expect(await one('select sent, failed from mailing')).toEqual({ sent: CLIENTS, failed: 0 });
    expect(await one('select max(tries_used) as tries from message')).toEqual({ tries: 0 });
    expect(await circuit()).toBeUndefined();
    let underWay = 0;
    let answered = 0;
    // In the order of the ledger: whoever arrives finds no more under way than have been answered before.
    for (const line of await lines()) {
      if (line.at === undefined) {
        underWay -= 1;
        answered += 1;
        continue;
      }
      expect(underWay).toBeLessThanOrEqual(answered);
      underWay += 1;
    }
    expect(answered).toBe(CLIENTS);
  });

  it('refuses the token, no attempt is used, and the rows say why until it is mended', async () => {
    await behave({ outcomes: [{ outcome: '401' }] });
    await insertMailing(database.pool, { maxAttempts: 1 });
    await start();
    await opened().toContain('token (401)');
    expect((await arrivals()).length).toBeLessThanOrEqual(2 * CONCURRENCY);
    await behave({});
    await done();
    expect(await one('select sent, failed from mailing')).toEqual({ sent: CLIENTS, failed: 0 });
    expect(await circuit()).toBeUndefined();
  });

  it.each<[string, BehaviourInput]>([
    ['answers 500', { outcomes: [{ outcome: '500' }] }],
    ['is lost behind a proxy (502)', { outcomes: [{ outcome: '502' }] }],
    ['answers 503', { outcomes: [{ outcome: '503' }] }],
    ['asks everybody to come later (429)', { outcomes: [{ outcome: '429', retryAfter: 1 }] }],
    ['never answers', { outcomes: [{ outcome: 'hang' }] }],
    ['drips its answers', { outcomes: [{ outcome: 'slow', overMs: 60_000 }] }],
    ['resets before it has read', { outcomes: [{ outcome: 'drop-before-reading' }] }],
    ['takes them and resets', { outcomes: [{ outcome: 'drop-after-accept' }] }],
  ])(
    '%s, the circuit opens after a few dozen, and each goes out again under its id with its payload',
    async (_how, behaviour) => {
      await behave(behaviour);
      await insertMailing(database.pool);
      await start(400);
      await opened().toBeDefined();
      expect(new Set((await arrivals()).map(({ id }) => id)).size).toBeLessThan(CLIENTS / 2);
      await behave({});
      await done();
      expect(await one('select sent from mailing')).toEqual({ sent: CLIENTS });
      const payloads = (await arrivals()).filter(({ hash }) => hash != null).map(({ id, hash }) => `${id} ${hash}`);
      expect(new Set(payloads).size).toBe(CLIENTS);
    },
  );

  it('names a time to wait until (Retry-After), no message comes sooner; one beyond the end never comes', async () => {
    await insertClients(database.pool, 1, { phone: '79998887766', tags: ['two'] });
    await insertClients(database.pool, 1, { phone: '79998887767', tags: ['two'] });
    const mailing = await insertMailing(database.pool, { filter: { tagsAny: ['two'] }, endsIn: '20 seconds' });
    await behave({ outcomes: [{ outcome: '429', retryAfter: 'absurd' }] });
    await start();
    const ids = async () =>
      (await database.pool.query('select id, status from message where mailing_id = $1 order by id', [mailing])).rows;
    await expect
      .poll(async () => (await ids()).map(({ status }) => status), { timeout: 15_000 })
      .toEqual(['EXPIRED', 'EXPIRED']);
    expect(await arrivals()).toHaveLength(2);
    for (const retryAfter of [2, { dateIn: 3 }]) {
      const before = (await arrivals()).length;
      await behave({ outcomes: [{ outcome: '429', retryAfter }] });
      await insertMailing(database.pool, { filter: { tagsAny: ['two'] } });
      await expect.poll(async () => (await arrivals()).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(before + 2);
      await behave({});
      await expect.poll(async () => (await arrivals()).length, { timeout: 15_000 }).toBe(before + 4);
      const [a, b, ...later] = (await arrivals()).slice(before);
      for (const { id, at } of later)
        expect(at - [a!, b!].find((first) => first.id === id)!.at).toBeGreaterThanOrEqual(2_000);
    }
  });

  it('is behind half-open sockets, each attempt ends at its deadline as unknown, and the same id goes out again', async () => {
    const proxy = await startTcpProxy(simulator.url);
    await insertMailing(database.pool);
    await behave({ latency: { minMs: 20, maxMs: 20 } });
    await start(400, `http://127.0.0.1:${proxy.port}`);
    await expect.poll(async () => (await arrivals()).length, { timeout: 10_000 }).toBeGreaterThan(10);
    proxy.swallow();
    await opened().toContain('no answer in time');
    proxy.spit();
    await done();
    expect(await one('select sent, unknown from mailing')).toEqual({ sent: CLIENTS, unknown: 0 });
    expect((await one('select count(*)::int as n from message where uncertain')).n).toBeGreaterThan(0);
    const payloads = (await arrivals()).map(({ id, hash }) => `${id} ${hash}`);
    expect(new Set(payloads).size).toBe(CLIENTS);
    await stop?.();
    stop = undefined;
    await proxy.close();
  });
});
