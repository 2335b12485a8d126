import { expect, it } from 'vitest';
import { createTestApi } from '../testing/api.js';
import { insertClients } from '../testing/rows.js';
import { ClientOrder, listClients } from './list-clients.js';

it('to pass over clients takes no longer than it may, and says what to do instead', async () => {
  const api = await createTestApi();
  await insertClients(api.database.pool, 3);
  const skipped = (withinMs: number) =>
    listClients(api.orm.em.fork(), {}, { first: 1, after: null, skip: 1 }, ClientOrder.OLDEST, withinMs);
  expect(await skipped(5_000)).toHaveLength(2);
  // What waits takes as long as one likes.
  const holder = await api.database.pool.connect();
  await holder.query('begin');
  await holder.query('lock table client in access exclusive mode');
  await expect(skipped(50)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    field: 'skip',
    message: expect.stringMatching(/narrow the filter/),
  });
  await holder.query('rollback');
  holder.release();
  await api.close();
});
