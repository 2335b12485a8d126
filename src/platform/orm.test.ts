import { expect, it } from 'vitest';
import { createTestDatabase } from '../testing/test-database.js';
import { createOrm } from './orm.js';

const POOL_SIZE = 2;

it('cancels a statement that takes longer than its limit', async () => {
  const database = await createTestDatabase();
  const orm = await createOrm({ databaseUrl: database.url, entities: [], statementTimeoutMs: 50 });
  await expect(orm.em.fork().execute('select pg_sleep(1)')).rejects.toMatchObject({ code: '57014' });
  expect(await orm.em.fork().execute('select 1 as one')).toEqual([{ one: 1 }]);
  await orm.close();
  await database.drop();
});

it('has all its connections again after they died in the middle of transactions', async () => {
  const database = await createTestDatabase();
  const orm = await createOrm({ databaseUrl: database.url, poolSize: POOL_SIZE, entities: [] });
  for (let time = 0; time <= POOL_SIZE; time += 1) {
    const lost = orm.em.fork().transactional(async (tx) => {
      const [row] = await tx.execute<{ pid: number }[]>('select pg_backend_pid() as pid');
      await database.pool.query('select pg_terminate_backend($1)', [row?.pid]);
      await tx.execute('select 1');
    });
    await expect(lost).rejects.toThrow(/terminat|connection/);
  }
  // With one left out for good, this would wait for ever, and so would the end.
  expect(await Promise.all([1, 2, 3].map(() => orm.em.fork().execute('select 1 as one')))).toHaveLength(3);
  await orm.close();
  await database.drop();
}, 10_000);
