import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import type { Channel, Outcome } from '../channel/channel.js';
import { ChangeBell } from '../live/change-bell.js';
import { TemplateCache } from '../mailing/template.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { recordingLog } from '../testing/running-api.js';
import { createTestDatabase } from '../testing/test-database.js';
import { Dispatcher } from './dispatch.js';
import { beginLaunch, launchChunk } from './launch.js';
import { SendingMetrics } from './sending-metrics.js';

const CONCURRENCY = 20;
const TIMEOUT_MS = 20_000;

const ACCEPTED: Outcome = { kind: 'accepted', gatewayCode: null };
/** Not before a minute from now. */
const LATER: Outcome = {
  kind: 'retry',
  gatewayCode: 429,
  reason: 'busy',
  afterMs: 60_000,
  charged: false,
  fault: 'none',
  answer: 'tooMany',
};

/** Answers when the test says so. */
class HeldChannel implements Channel {
  readonly name = 'console';
  readonly concurrency = CONCURRENCY;
  readonly timeoutMs = TIMEOUT_MS;
  asked = 0;
  #waiting: ((outcome: Outcome) => void)[] = [];
  #isOpen = false;

  async send(): Promise<Outcome> {
    this.asked += 1;
    if (this.#isOpen) return ACCEPTED;
    return await new Promise((resolve) => this.#waiting.push(resolve));
  }

  answer(count: number, outcome: Outcome = ACCEPTED): void {
    for (const resolve of this.#waiting.splice(0, count)) resolve(outcome);
  }

  /** Everybody is answered at once from here on. */
  open(): void {
    this.#isOpen = true;
    this.answer(this.#waiting.length);
  }

  async close(): Promise<void> {}
}

/** A launched mailing to so many clients, and a worker's dispatcher whose channel holds every answer back. */
async function held(clients: number) {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { pool } = database;
  await insertClients(pool, clients);
  const id = await insertMailing(pool, { channel: 'console' });
  await beginLaunch(pool, id);
  await launchChunk(pool, id, () => TIMEOUT_MS);
  const bell = new ChangeBell(pool);
  onTestFinished(() => bell.flush());
  const channel = new HeldChannel();
  const { log } = recordingLog();
  const metrics = new SendingMetrics(new Registry());
  const parts = { pool, channels: { console: channel }, templates: new TemplateCache(), bell, metrics, log };
  const dispatcher = new Dispatcher(parts);
  const runLane = () => dispatcher.runLane(id, new AbortController().signal);
  const count = async (where: string) =>
    (await pool.query(`select count(*)::int as n from message where ${where}`)).rows[0].n;
  return { channel, runLane, count, pool };
}

test('a lane that finds nothing more comes again when what it tried is due', async () => {
  const { channel, runLane } = await held(CONCURRENCY);
  const lane = runLane();
  await expect.poll(() => channel.asked).toBe(CONCURRENCY);
  channel.answer(CONCURRENCY, LATER);
  expect(await lane).toBeInstanceOf(Date);
});

test('a lane that finds no room in its process comes again, so that another process can have it', async () => {
  const { channel, runLane } = await held(3 * CONCURRENCY);
  const lanes = [runLane(), runLane()];
  expect(await runLane()).toEqual({ inMs: expect.any(Number) });
  channel.open();
  await Promise.all(lanes);
});

test('a lane whose batch came too late for its windows leaves the others to the replan', async () => {
  const { runLane, count, pool } = await held(3 * CONCURRENCY);
  await pool.query(`update message set window_ends_at = clock_timestamp() - interval '1 minute'`);
  expect(await runLane()).toBeUndefined();
  expect(await count('fence > 0')).toBe(CONCURRENCY);
  expect((await pool.query('select replan_cursor is not null as wanted from mailing')).rows).toEqual([
    { wanted: true },
  ]);
});
