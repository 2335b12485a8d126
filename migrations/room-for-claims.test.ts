import { expect, it, onTestFinished } from 'vitest';
import { entities } from '../src/entities.js';
import { createOrm } from '../src/platform/orm.js';
import { partitionMessages } from '../src/testing/partition-messages.js';
import { createTestDatabase } from '../src/testing/test-database.js';

it('leaves room for claims in a plain table of messages, and in each part of one that is parted', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { pool } = database;
  const settings = async () =>
    (
      await pool.query(
        `select reloptions from pg_class where relname in ('message', 'message_0', 'message_1') and relkind = 'r'`,
      )
    ).rows;
  expect(await settings()).toEqual([{ reloptions: expect.arrayContaining(['fillfactor=50']) }]);
  await partitionMessages(pool, 2);
  for (const part of [0, 1]) await pool.query(`alter table message_${part} set (fillfactor = 70)`);
  await pool.query(`delete from mikro_orm_migrations where name like '%room-for-claims'`);
  const orm = await createOrm({ databaseUrl: database.url, entities });
  onTestFinished(() => orm.close());
  await orm.migrator.up();
  const room = { reloptions: expect.arrayContaining(['fillfactor=50']) };
  expect(await settings()).toEqual([room, room]);
});
