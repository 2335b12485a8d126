import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertClients, insertMailing } from '../testing/rows.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { readWaiting } from './demo.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('tells messages that wait for another attempt from those that a lost process holds', async () => {
  const { pool } = database;
  const clients = await insertClients(pool, 5);
  const mailing = await insertMailing(pool, { status: 'RUNNING' });
  // What it waits for, when it is due, until when it is in hand, and since when; relative to now.
  const rows: [string | null, string, string | null, string | null][] = [
    ['RETRY', '1 minute', null, null],
    ['RETRY', '-1 minute', null, null],
    ['WINDOW', '1 minute', null, null],
    [null, '-1 minute', '20 seconds', '-15 seconds'],
    [null, '-1 minute', '20 seconds', '-5 seconds'],
  ];
  for (const [n, row] of rows.entries()) {
    await pool.query(
      `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, plan, window_ends_at,
         waiting_for, due_at, lease_until, claimed_at)
       values ($1, $2, $3, '79000000000', 'UTC', '{}', 'OPEN', 1, now() + interval '1 hour',
         $4, now() + $5::interval, now() + $6::interval, now() + $7::interval)`,
      [mailing, n + 1, clients[n], ...row],
    );
  }
  expect(await readWaiting(pool, mailing, 10)).toEqual({ retry: 1, lost: 1, stopped: false });
  await pool.query(`insert into sending_stop (stopped_by) values ('test')`);
  expect(await readWaiting(pool, mailing, 10)).toEqual({ retry: 1, lost: 1, stopped: true });
});
