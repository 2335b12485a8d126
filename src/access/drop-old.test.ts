import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { dropOldAudit, dropOldSessions } from './drop-old.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('drops rows of the audit log that are older than it is kept, in batches, and no other', async () => {
  const { pool } = database;
  await pool.query(`insert into audit_event (at, actor, actor_id, action)
    select clock_timestamp() - age * interval '1 day', 'admin', 'admin', 'clientCreate' from generate_series(1, 100) age, generate_series(1, 120)`);
  expect(await dropOldAudit(pool, 100.5)).toBe(0);
  expect(await dropOldAudit(pool, 10.5)).toBe(90 * 120);
  const { rows } = await pool.query(
    `select count(*)::int, max(clock_timestamp() - at) < interval '10.1 days' as young from audit_event`,
  );
  expect(rows).toEqual([{ count: 1_200, young: true }]);
});

it('drops sessions and links that are over', async () => {
  const { pool } = database;
  await pool.query(`insert into session (secret_hash, kind, expires_at) values
    ('a', 'SESSION', clock_timestamp() - interval '1 s'), ('b', 'LINK', clock_timestamp() - interval '1 s'),
    ('c', 'SESSION', clock_timestamp() + interval '1 day')`);
  expect(await dropOldSessions(pool)).toBe(2);
  expect((await pool.query('select secret_hash as hash from session')).rows).toEqual([{ hash: 'c' }]);
});
