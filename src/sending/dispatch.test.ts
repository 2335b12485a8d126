import { expect, onTestFinished, test } from 'vitest';
import type { Channel, Outcome } from '../channel/channel.js';
import { launchedMailing } from '../testing/launched-mailing.js';
import { insertClients } from '../testing/rows.js';
import { createTestDatabase } from '../testing/test-database.js';

const CONCURRENCY = 20;
const TIMEOUT_MS = 20_000;

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

/** Holds all answers back until the test says what they are. */
class HeldChannel implements Channel {
  readonly name = 'console';
  readonly concurrency = CONCURRENCY;
  readonly timeoutMs = TIMEOUT_MS;
  readonly outcome = Promise.withResolvers<Outcome>();
  asked = 0;

  async send(): Promise<Outcome> {
    this.asked += 1;
    return await this.outcome.promise;
  }

  async close(): Promise<void> {}
}

/** A launched mailing to so many clients, on a channel that holds its answers back. */
async function held(clients: number) {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { pool } = database;
  await insertClients(pool, clients);
  const channel = new HeldChannel();
  return { pool, channel, ...(await launchedMailing(pool, channel)) };
}

test('a lane that finds nothing more comes again when what it tried is due', async () => {
  const { channel, runLane } = await held(CONCURRENCY);
  const lane = runLane();
  await expect.poll(() => channel.asked).toBe(CONCURRENCY);
  channel.outcome.resolve(LATER);
  expect(await lane).toBeInstanceOf(Date);
});

test('a lane that finds no room in its process comes again, so that another process can have it', async () => {
  const { channel, runLane } = await held(3 * CONCURRENCY);
  const lanes = [runLane(), runLane()];
  expect(await runLane()).toEqual({ inMs: expect.any(Number) });
  channel.outcome.resolve({ kind: 'accepted', gatewayCode: null });
  await Promise.all(lanes);
});

test('a lane whose batch came too late for its windows leaves the others to the replan', async () => {
  const { runLane, pool } = await held(3 * CONCURRENCY);
  await pool.query(`update message set window_ends_at = clock_timestamp() - interval '1 minute'`);
  expect(await runLane()).toBeUndefined();
  const { rows } = await pool.query('select count(*)::int as claimed from message where fence > 0');
  expect(rows).toEqual([{ claimed: CONCURRENCY }]);
  expect((await pool.query('select replan_cursor is not null as wanted from mailing')).rows).toEqual([
    { wanted: true },
  ]);
});
