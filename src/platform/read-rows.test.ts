import { expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '../testing/test-database.js';
import { createPool } from './pool.js';
import { readRows } from './read-rows.js';

it('leaves no transaction open for whoever comes next, though its reader went away before it had a connection', async () => {
  const database = await createTestDatabase();
  const pool = createPool({ databaseUrl: database.url, max: 1, name: 'files', onError: () => {} });
  onTestFinished(() => pool.end().then(() => database.drop()));
  const first = await pool.connect();
  const reading = new AbortController();
  const rows = readRows(pool, { text: 'select 1', values: [] }, reading.signal).next();
  reading.abort();
  first.release();
  expect(await rows).toEqual({ done: true, value: undefined });
  expect((await pool.query('show transaction_isolation')).rows).toEqual([{ transaction_isolation: 'read committed' }]);
});
