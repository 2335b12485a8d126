import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { createPool } from './pool.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('cancels a statement that takes longer than its limit, and only then', async () => {
  const options = { databaseUrl: database.url, max: 1, name: 'limited', onError: () => {} };
  const limited = createPool({ ...options, statementTimeoutMs: 50 });
  const free = createPool(options);
  try {
    await expect(limited.query('select pg_sleep(1)')).rejects.toMatchObject({ code: '57014' });
    expect((await limited.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect((await free.query('select pg_sleep(0.2), 2 as two')).rows[0]).toMatchObject({ two: 2 });
  } finally {
    await Promise.all([limited.end(), free.end()]);
  }
});
