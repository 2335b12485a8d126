import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import type { Channel, Delivery, Outcome } from '../channel/channel.js';
import { ConsoleChannel } from '../channel/console.js';
import { ChangeBell } from '../live/change-bell.js';
import { TemplateCache } from '../mailing/template.js';
import { Dispatcher } from '../sending/dispatch.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { recordingLog } from '../testing/running-api.js';
import { createTestDatabase } from '../testing/test-database.js';

const POISON = '79998887766';

/** Takes everything but one message, over which it falls each time, after it has written who knows what. */
class FallingChannel extends ConsoleChannel {
  override async send(delivery: Delivery): Promise<Outcome> {
    if (delivery.phone === POISON) throw new TypeError('the channel has a fault');
    return await super.send(delivery);
  }
}

test('FAULTS 5: a message over which its channel throws each time is the only one that suffers: the rest of its batch is SENT', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { pool } = database;
  await insertClients(pool, 30);
  await insertClients(pool, 1, { phone: POISON });
  const id = await insertMailing(pool, { channel: 'console', maxAttempts: 2 });
  await beginLaunch(pool, id);
  await launchChunk(pool, id, () => 2_000);
  const { log, logged } = recordingLog();
  const bell = new ChangeBell(pool);

  const channel: Channel = new FallingChannel(new Writable({ write: (_chunk, _encoding, done) => done() }), 2_000);
  const dispatcher = new Dispatcher({
    pool,
    channels: { console: channel },
    templates: new TemplateCache(),
    bell,
    log,
  });
  const status = async () => {
    await dispatcher.runLane(id, new AbortController().signal);
    return (await pool.query('select status, sent, open, unknown from mailing where id = $1', [id])).rows[0];
  };
  // It may have been sent, so nobody says FAILED.
  await expect.poll(status, { timeout: 10_000 }).toEqual({ status: 'COMPLETED', sent: 30, open: 0, unknown: 1 });
  const { rows } = await pool.query('select tries_used, reason from message where phone = $1', [POISON]);
  expect(rows).toEqual([{ tries_used: 2, reason: 'a fault of the program while it was being sent' }]);
  expect(logged()).toContain('a channel threw');
  expect(logged()).not.toContain(POISON);
  await bell.flush();
});
