import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BehaviourInput } from './simulator/behaviour.js';
import { mergeLedgerLines } from './simulator/ledger-entry.js';
import { createSimulator, type Simulator } from './simulator/simulator.js';
import { readLedger } from './simulator/simulator-client.js';
import { insertClients, insertMailing } from './testing/rows.js';
import { startWorker } from './testing/start-worker.js';
import { createTestDatabase, type TestDatabase } from './testing/test-database.js';

const CLIENTS = 600;

describe('a worker', () => {
  let dir: string;
  let database: TestDatabase;
  let simulator: Simulator;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'heliograph-worker-'));
  });
  afterAll(() => rm(dir, { recursive: true }));
  beforeEach(async () => {
    database = await createTestDatabase();
    await insertClients(database.pool, CLIENTS, { attributes: { name: 'Anna' } });
    simulator = await createSimulator({ ledgerFile: join(dir, `${Math.random()}.jsonl`) });
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await simulator.close();
    await database.drop();
  });

  async function start(gateway: { timeoutMs?: number; concurrency?: number } = {}): Promise<() => Promise<void>> {
    const stop = await startWorker({ databaseUrl: database.url, gatewayUrl: simulator.url, ...gateway });
    stops.push(stop);
    return stop;
  }

  const mailing = async (id: string) =>
    (await database.pool.query('select * from mailing where id = $1', [id])).rows[0];

  /** Resolves with the mailing once the condition holds: looks at every change of it. */
  async function when(id: string, holds: (row: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (;;) {
      const row = await mailing(id);
      if (holds(row)) return row;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const completed = (id: string) => when(id, (row) => row['status'] === 'COMPLETED');
  const requests = async () => mergeLedgerLines((await readLedger(simulator.controlUrl)).lines);
  const behave = (behaviour: BehaviourInput) => simulator.behave(behaviour);

  it('drops what is kept too long, without being told', async () => {
    const { pool } = database;
    await pool.query(`insert into audit_event (at, actor, actor_id, action)
      select clock_timestamp() - age * interval '1 day', 'admin', 'admin', 'clientCreate' from unnest('{399, 401}'::int[]) age`);
    await pool.query(`insert into session (secret_hash, kind, expires_at) values ('a', 'SESSION', now())`);
    await start();
    const left = async () =>
      (await pool.query('select count(*)::int from audit_event union all select count(*)::int from session')).rows;
    await expect.poll(left).toEqual([{ count: 1 }, { count: 0 }]);
  });

  it('CLASSIC row 6: launches a mailing whose start has come without being told, and sends each message once', async () => {
    const id = await insertMailing(database.pool, { text: 'Hello, {{ name }}!' });
    await start();
    expect(await completed(id)).toMatchObject({ total: CLIENTS, sent: CLIENTS, open: 0 });
    const seen = await requests();
    expect(seen).toHaveLength(CLIENTS);
    expect(new Set(seen.map((r) => r.id)).size).toBe(CLIENTS);
  });

  it('starts a mailing by itself at its start, not before', async () => {
    await start();
    const id = await insertMailing(database.pool, { startsIn: '1 second' });
    const done = await completed(id);
    const first = Math.min(...(await requests()).map((r) => r.at));
    const startsAt = (done['starts_at'] as Date).getTime();
    expect(first).toBeGreaterThanOrEqual(startsAt);
    expect((done['launched_at'] as Date).getTime() - startsAt).toBeLessThan(1_000);
  });

  it('tries again what the gateway refused for now, never what it refused for good', async () => {
    await behave({
      outcomes: [
        { outcome: 'ok', weight: 80 },
        { outcome: '503', weight: 10 },
        { outcome: '400', weight: 10 },
      ],
    });
    const id = await insertMailing(database.pool);
    await start();
    await when(id, (row) => (row['sent'] as number) + (row['failed'] as number) > CLIENTS / 2);
    await behave({});
    const row = await completed(id);
    const seen = await requests();
    const refused = new Set(seen.filter((r) => r.status === 400).map((r) => r.id));
    expect(row).toMatchObject({ failed: refused.size, sent: CLIENTS - refused.size });
    expect(refused.size).toBeGreaterThan(0);
    for (const refusedId of refused) expect(seen.filter((r) => r.id === refusedId).at(-1)?.status).toBe(400);
  });

  it('sends the same id with the same payload after an outcome that was never known, even when the client was edited', async () => {
    await behave({ outcomes: [{ outcome: 'drop-after-accept', weight: 1 }] });
    const id = await insertMailing(database.pool, { text: '{{ name }}', filter: { tagsAny: ['one'] } });
    await insertClients(database.pool, 1, { phone: '79998887766', tags: ['one'], attributes: { name: 'before' } });
    await start();
    await when(id, () => true);
    while ((await requests()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await database.pool.query(
      `update client set attributes = '{"name":"after"}', phone = '79998887755' where tags = '{one}'`,
    );
    await behave({});
    expect(await completed(id)).toMatchObject({ sent: 1 });
    const seen = await requests();
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen.map((r) => `${r.id} ${r.hash} ${r.phone}`)).size).toBe(1);
    const { rows } = await database.pool.query('select uncertain from message where mailing_id = $1', [id]);
    expect(rows).toEqual([{ uncertain: true }]);
  });

  it('shares a mailing with another worker, and neither sends what the other has', async () => {
    await behave({ latency: { minMs: 20, maxMs: 40 } });
    const id = await insertMailing(database.pool);
    await start({ concurrency: 8 });
    await start({ concurrency: 8 });
    await completed(id);
    const seen = await requests();
    expect(seen).toHaveLength(CLIENTS);
    expect(new Set(seen.map((r) => r.id)).size).toBe(CLIENTS);
  });

  it('pauses, resumes and cancels in mid-batch with nobody lost and nobody doubled', async () => {
    await behave({ latency: { minMs: 30, maxMs: 30 } });
    const id = await insertMailing(database.pool);
    await start({ concurrency: 8 });
    await when(id, (row) => (row['sent'] as number) > 20);
    await database.pool.query(`update mailing set status = 'PAUSED' where id = $1`, [id]);
    const quiet = async () => {
      for (let before = -1; ; ) {
        const { rows } = await database.pool.query(
          'select count(*)::int as n from message where mailing_id = $1 and lease_until is not null',
          [id],
        );
        const now = (await requests()).length;
        if (rows[0].n === 0 && now === before) return now;
        before = now;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const whilePaused = await quiet();
    expect(whilePaused).toBeLessThan(CLIENTS);
    await database.pool.query(`update mailing set status = 'RUNNING' where id = $1`, [id]);
    await when(id, (row) => (row['sent'] as number) > whilePaused + 20);
    await database.pool.query(`update mailing set status = 'CANCELLED' where id = $1`, [id]);
    const row = await when(id, (r) => r['open'] === 0);
    const seen = await requests();
    expect(row).toMatchObject({ sent: seen.length, cancelled: CLIENTS - seen.length });
    expect(new Set(seen.map((r) => r.id)).size).toBe(seen.length);
  });

  it('CLASSIC row 5: sends nothing at or after the end; the rest is EXPIRED', async () => {
    await behave({ latency: { minMs: 100, maxMs: 100 } });
    const id = await insertMailing(database.pool, { endsIn: '3 seconds' });
    await start({ concurrency: 8, timeoutMs: 1_000 });
    const row = await completed(id);
    const seen = await requests();
    expect(Math.max(...seen.map((r) => r.at))).toBeLessThan((row['ends_at'] as Date).getTime());
    expect(row).toMatchObject({ sent: seen.length, expired: CLIENTS - seen.length, unknown: 0 });
    expect(row['expired']).toBeGreaterThan(0);
  });

  it('fails a message whose text cannot be rendered alone, with the reason', async () => {
    await insertClients(database.pool, 1, { phone: '79998887766', attributes: { name: 'Anna', n: 1_000_000 } });
    const loop = '{% assign m = n | default: 2 %}{% for i in (1..m) %}x{% endfor %}';
    const id = await insertMailing(database.pool, { text: loop });
    await start();
    expect(await completed(id)).toMatchObject({ failed: 1, sent: CLIENTS });
    const { rows } = await database.pool.query(
      `select reason from message where mailing_id = $1 and status = 'FAILED'`,
      [id],
    );
    expect(rows[0].reason).toContain('cannot be rendered');
  });

  it('leaves a gateway that is away alone, but for a message now and then, and goes on when it is back', async () => {
    await behave({ down: 'refuse' });
    const id = await insertMailing(database.pool);
    await start({ concurrency: 8 });
    const tried = async () => {
      const { rows } = await database.pool.query(
        'select count(*)::int as n from message where mailing_id = $1 and fence > 0',
        [id],
      );
      return rows[0].n as number;
    };
    while ((await tried()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await tried()).toBeLessThan(CLIENTS / 2);
    await behave({});
    expect(await completed(id)).toMatchObject({ sent: CLIENTS, failed: 0 });
    const { rows } = await database.pool.query('select max(tries_used) as tries from message where mailing_id = $1', [
      id,
    ]);
    expect(rows[0].tries).toBe(0);
  });

  it('begins a mailing on another channel at once while the gateway answers nobody', async () => {
    await behave({ outcomes: [{ outcome: 'hang' }] });
    for (let n = 0; n < 10; n += 1) await insertMailing(database.pool);
    await start({ timeoutMs: 10_000 });
    await expect.poll(async () => (await requests()).length, { timeout: 10_000 }).toBeGreaterThan(10);
    const id = await insertMailing(database.pool, { channel: 'console' });
    expect(await completed(id)).toMatchObject({ sent: CLIENTS });
  });

  it('has no more in hand than it can send soon, however many mailings there are', async () => {
    await behave({ latency: { minMs: 200, maxMs: 300 } });
    for (let n = 0; n < 30; n += 1) await insertMailing(database.pool);
    await start({ timeoutMs: 10_000, concurrency: 16 });
    await expect.poll(async () => (await requests()).length, { timeout: 20_000 }).toBeGreaterThan(150);
    const { rows } = await database.pool.query('select sum(fence)::int as claims from message');
    // At most one for each of two lanes of each mailing waits beside those under way.
    expect(rows[0].claims).toBeLessThan((await requests()).length + 2 * 30 + 2 * 16);
  });

  it('hands back what it has not started when it is stopped, and another goes on at once', async () => {
    await behave({ latency: { minMs: 50, maxMs: 50 } });
    const id = await insertMailing(database.pool);
    const stop = await start({ concurrency: 4 });
    await when(id, (row) => (row['sent'] as number) > 10);
    await stop();
    stops.splice(0);
    const { rows } = await database.pool.query(
      'select count(*)::int as leased from message where mailing_id = $1 and lease_until is not null',
      [id],
    );
    expect(rows[0].leased).toBe(0);
    await behave({});
    await start();
    expect(await completed(id)).toMatchObject({ sent: CLIENTS });
    expect(await requests()).toHaveLength(CLIENTS);
  });
});
