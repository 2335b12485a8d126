import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleChannel } from '../channel/console.js';
import { claimMessages } from '../message/claim-messages.js';
import { mergeLedgerLines } from '../simulator/ledger-entry.js';
import { createSimulator } from '../simulator/simulator.js';
import { readLedger } from '../simulator/simulator-client.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { launchedMailing } from '../testing/launched-mailing.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { recordingLog } from '../testing/running-api.js';
import { startWorker } from '../testing/start-worker.js';
import { beginLaunch, launchChunk } from './launch.js';
import { remindOfStop, resumeSending, stopSending } from './sending-switch.js';

const TIMEOUT_MS = 2_000;
const BY = { name: 'test' };
const STATE = 'stopped stoppedAt stoppedBy reason';

let api: TestApi;
beforeEach(async () => {
  api = await createTestApi();
});
afterEach(() => api.close());

interface State {
  stopped: boolean;
  stoppedAt: string | null;
  stoppedBy: string | null;
  reason: string | null;
}
const stop = async (reason: string | null = null) => {
  const mutation = `mutation ($reason: String) { sendingStop(reason: $reason) { sending { ${STATE} } userErrors { field code } } }`;
  const data = await api.run<{ sendingStop: { sending: State | null; userErrors: unknown[] } }>(mutation, { reason });
  return data.sendingStop;
};
const resume = () => api.run(`mutation { sendingResume { sending { ${STATE} } userErrors { field } } }`);

async function launched(): Promise<string> {
  const { pool } = api.database;
  const id = await insertMailing(pool);
  await beginLaunch(pool, id);
  await launchChunk(pool, id, () => TIMEOUT_MS);
  return id;
}

describe('the switch that stops everything', () => {
  it('keeps the first stop when it is turned again, and its history when it is turned back', async () => {
    const none = { stopped: false, stoppedAt: null, stoppedBy: null, reason: null };
    expect(await api.run(`{ sending { ${STATE} history { id } } }`)).toEqual({ sending: { ...none, history: [] } });
    const first = await stop('a wrong text');
    expect(first).toMatchObject({ sending: { stopped: true, stoppedBy: 'admin', reason: 'a wrong text' } });
    expect(await stop('another')).toEqual(first);
    const lifted = { sendingResume: { sending: none, userErrors: [] } };
    expect([await resume(), await resume()]).toEqual([lifted, lifted]);
    await stop();
    const { sending } = await api.run<{ sending: { history: { reason: string | null; resumedBy: string | null }[] } }>(
      '{ sending { history { reason resumedBy } } }',
    );
    expect(sending.history).toEqual([
      { reason: null, resumedBy: null },
      { reason: 'a wrong text', resumedBy: 'admin' },
    ]);
  });

  it('is one stop, however many turn it at once', async () => {
    const { pool } = api.database;
    const stops = await Promise.all(Array.from({ length: 8 }, (_, n) => stopSending(pool, BY, String(n))));
    expect(stops.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(stops.map(({ stop }) => stop.id)).size).toBe(1);
    const resumed = await Promise.all(Array.from({ length: 8 }, () => resumeSending(pool, BY)));
    expect(resumed.filter(Boolean)).toHaveLength(1);
  });

  it('takes no reason that no line could show', async () => {
    for (const reason of ['', 'two\nlines', 'a\0b', 'x'.repeat(501)]) {
      expect(await stop(reason)).toEqual({ sending: null, userErrors: [{ field: 'reason', code: 'BAD_USER_INPUT' }] });
    }
    expect((await api.run<{ sending: State }>(`{ sending { ${STATE} } }`)).sending.stopped).toBe(false);
  });

  it('has nothing claimed while it is in force, and every running mailing looked at once it is lifted', async () => {
    const { pool } = api.database;
    await insertClients(pool, 3);
    const [one, other] = [await launched(), await launched()];
    const claim = async () => {
      const { messages } = await claimMessages(pool, one, { limit: 1, timeoutMs: TIMEOUT_MS, leaseMs: 60_000 });
      return messages.length;
    };
    expect(await claim()).toBe(1);
    await stop();
    expect(await claim()).toBe(0);
    expect(api.takeRings()).toEqual([]);
    await resume();
    expect(await claim()).toBe(1);
    const rung = api.takeRings().map(({ payload }) => (payload as { mailingId: string }).mailingId);
    expect(new Set(rung)).toEqual(new Set([one, other]));
  });

  it('lets a lane end, rather than have it look whenever something of its mailing becomes due', async () => {
    const { pool } = api.database;
    await insertClients(pool, 1);
    const { runLane } = await launchedMailing(pool, new ConsoleChannel(process.stdout, TIMEOUT_MS));
    await pool.query(`update message set due_at = now() + interval '1 minute'`);
    expect(await runLane()).toBeInstanceOf(Date);
    await stopSending(pool, BY, null);
    expect(await runLane()).toBeUndefined();
  });

  it('is what a worker says at its start, and never where nothing is stopped', async () => {
    const { pool } = api.database;
    const { log, logged } = recordingLog();
    (await remindOfStop(pool, log))();
    expect(logged()).toBe('');
    await stopSending(pool, BY, 'a wrong text');
    (await remindOfStop(pool, log))();
    expect(logged()).toContain('"reason":"a wrong text","msg":"all sending is stopped by hand');
  });
});

describe('a worker', () => {
  it('sends nothing later than one time-out after a stop, launches and ends all the same, and goes on when it may', async () => {
    const { pool } = api.database;
    await insertClients(pool, 400);
    const dir = await mkdtemp(join(tmpdir(), 'heliograph-switch-'));
    const simulator = await createSimulator({ ledgerFile: join(dir, 'ledger.jsonl') });
    const stopWorker = await startWorker({
      databaseUrl: api.database.url,
      gatewayUrl: simulator.url,
      timeoutMs: TIMEOUT_MS,
      concurrency: 4,
    });
    try {
      await simulator.behave({ latency: { minMs: 50, maxMs: 50 } });
      const arrivals = async () => mergeLedgerLines((await readLedger(simulator.controlUrl)).lines).map(({ at }) => at);
      const row = async (id: string) => (await pool.query('select * from mailing where id = $1', [id])).rows[0];
      const first = await insertMailing(pool);
      await expect.poll(async () => (await arrivals()).length, { timeout: 10_000 }).toBeGreaterThan(20);
      const { stop: stopped } = await stopSending(pool, BY, null);
      const late = await insertMailing(pool, { endsIn: '2500 ms' });
      // It is launched, and its end comes, while nothing may be sent.
      await expect.poll(async () => (await row(late)).expired, { timeout: 15_000 }).toBe(400);
      expect(await row(first)).toMatchObject({ status: 'RUNNING' });
      const before = await arrivals();
      expect(Math.max(...before)).toBeLessThanOrEqual(stopped.stoppedAt.getTime() + TIMEOUT_MS);
      expect(before.length).toBeLessThan(400);

      await resumeSending(pool, BY);
      await simulator.behave({});
      await expect.poll(async () => (await row(first)).status, { timeout: 15_000 }).toBe('COMPLETED');
      expect(await row(first)).toMatchObject({ sent: 400 });
      const { rows } = await pool.query('select resumed_at from sending_stop');
      const between = (await arrivals()).filter(
        (at) => at > stopped.stoppedAt.getTime() + TIMEOUT_MS && at < rows[0].resumed_at.getTime(),
      );
      expect(between).toEqual([]);
    } finally {
      await stopWorker();
      await simulator.close();
      await rm(dir, { recursive: true });
    }
  });
});
