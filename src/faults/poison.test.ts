import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import type { Delivery, Outcome } from '../channel/channel.js';
import { ConsoleChannel } from '../channel/console.js';
import { launchedMailing } from '../testing/launched-mailing.js';
import { insertClients } from '../testing/rows.js';
import { createTestDatabase } from '../testing/test-database.js';

const POISON = '79998887766';

/** Falls over one message each time, after it has written who knows what; takes the others unless it is away. */
class FallingChannel extends ConsoleChannel {
  isAway = false;

  constructor() {
    super(new Writable({ write: (_chunk, _encoding, done) => done() }), 2_000);
  }

  override async send(delivery: Delivery): Promise<Outcome> {
    if (delivery.phone === POISON) throw new TypeError('the channel has a fault');
    if (!this.isAway) return await super.send(delivery);
    return {
      kind: 'retry',
      gatewayCode: null,
      reason: 'no connection',
      charged: false,
      fault: 'definite',
      answer: 'noConnection',
    };
  }
}

/** A launched mailing to thirty clients and the one over which the channel falls. */
async function poisoned() {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { pool } = database;
  await insertClients(pool, 30);
  await insertClients(pool, 1, { phone: POISON });
  const channel = new FallingChannel();
  return { pool, channel, ...(await launchedMailing(pool, channel, { maxAttempts: 2 })) };
}

test('FAULTS 5: a message over which its channel throws each time is the only one that suffers: the rest of its batch is SENT', async () => {
  const { pool, id, runLane, logged } = await poisoned();
  const status = async () => {
    await runLane();
    return (await pool.query('select status, sent, open, unknown from mailing where id = $1', [id])).rows[0];
  };
  // It may have been sent, so nobody says FAILED.
  await expect.poll(status).toEqual({ status: 'COMPLETED', sent: 30, open: 0, unknown: 1 });
  const { rows } = await pool.query('select tries_used, reason from message where phone = $1', [POISON]);
  expect(rows).toEqual([{ tries_used: 2, reason: 'a fault of the program while it was being sent' }]);
  expect(logged()).toContain('a channel threw');
  expect(logged()).not.toContain(POISON);
});

test('FAULTS 5: a channel that throws is not taken for the other side: what is away is still left alone', async () => {
  const { pool, channel, runLane } = await poisoned();
  const onlyDue = (whom: 'phone = $1' | 'phone <> $1') =>
    pool.query(
      `update message set due_at = clock_timestamp() + case when ${whom} then interval '0' else interval '1 hour' end`,
      [POISON],
    );
  const circuit = async () => (await pool.query('select reason from channel_circuit')).rows;
  const tries = async () => {
    await runLane();
    return (await pool.query('select tries_used from message where phone = $1', [POISON])).rows[0].tries_used;
  };
  channel.isAway = true;
  await onlyDue('phone <> $1');
  await runLane();
  await expect.poll(circuit).toEqual([{ reason: 'no connection' }]);
  await onlyDue('phone = $1');
  await expect.poll(tries).toBe(1);
  expect(await circuit()).toEqual([{ reason: 'no connection' }]);
});
