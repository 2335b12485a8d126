import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelMailing } from '../mailing/lifecycle.js';
import { createLogger } from '../platform/log.js';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { partitionMessages } from '../testing/partition-messages.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { startWorker } from '../testing/start-worker.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { verify } from '../verify/verify.js';

const CLIENTS = 300;
const PARTS = 8;
const TIMEOUT = 2_000;

describe('with messages parted by their mailing', () => {
  let dir: string;
  let database: TestDatabase;
  let simulator: Simulator;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'heliograph-parted-'));
    database = await createTestDatabase();
    await partitionMessages(database.pool, PARTS);
    await insertClients(database.pool, CLIENTS);
    simulator = await createSimulator({ ledgerFile: join(dir, 'ledger.jsonl') });
    stop = await startWorker({ databaseUrl: database.url, gatewayUrl: simulator.url, timeoutMs: TIMEOUT });
  });
  afterAll(async () => {
    await stop?.();
    await simulator?.close();
    await database?.drop();
    await rm(dir, { recursive: true });
  });

  const cancel = (id: string) => {
    const nobody = { ring: async () => {} };
    const log = createLogger({ level: 'silent', pretty: false });
    const parts = { pool: database.pool, scheduler: nobody, bell: { ring: () => {} }, log, timeoutMs: () => TIMEOUT };
    return cancelMailing(parts, id, { name: 'test' });
  };
  const mailing = async (id: string) =>
    (
      await database.pool.query(
        'select status, total, sent, open, expired, cancelled, failed from mailing where id = $1',
        [id],
      )
    ).rows[0];

  it('mailings are launched, sent, tried again, ended and cancelled, and the judge finds nothing', async () => {
    simulator.behave({
      outcomes: [
        { outcome: 'ok', weight: 18 },
        { outcome: '503', weight: 1 },
        { outcome: '400', weight: 1 },
      ],
    });
    const whole = await insertMailing(database.pool);
    await expect.poll(() => mailing(whole)).toMatchObject({ status: 'COMPLETED', total: CLIENTS, open: 0 });
    simulator.behave({ latency: { minMs: 300, maxMs: 300 } });
    const [ended, cancelled] = [
      await insertMailing(database.pool, { endsIn: '3 seconds', rateLimit: 20 }),
      await insertMailing(database.pool, { rateLimit: 20 }),
    ];
    await expect.poll(async () => (await mailing(cancelled)).sent).toBeGreaterThan(0);
    await cancel(cancelled);
    await expect.poll(() => mailing(cancelled)).toMatchObject({ open: 0 });
    await expect.poll(() => mailing(ended)).toMatchObject({ status: 'COMPLETED', open: 0 });
    expect((await mailing(ended)).expired).toBeGreaterThan(0);
    const findings = await verify(database.pool, join(dir, 'ledger.jsonl'), { timeoutMs: TIMEOUT });
    expect(findings.filter(({ broken }) => broken > 0)).toEqual([]);
    const { rows } = await database.pool.query('select count(distinct tableoid)::int as parts from message');
    expect(rows[0].parts).toBeGreaterThan(1);
  });
});
