import { describe, expect, it } from 'vitest';
import { entities } from '../src/entities.js';
import { createOrm } from '../src/platform/orm.js';
import { createTestDatabase } from '../src/testing/test-database.js';

describe('the migrations', () => {
  it('make just the tables that the entities describe', async () => {
    const database = await createTestDatabase();
    const orm = await createOrm({ databaseUrl: database.url, entities });
    try {
      expect((await orm.schema.getUpdateSchemaSQL({ wrap: false })).trim()).toBe('');
      // The comparison is no empty promise: a column that nobody described is noticed.
      await database.pool.query('alter table client add column stray text');
      expect(await orm.schema.getUpdateSchemaSQL({ wrap: false })).toContain('stray');
    } finally {
      await orm.close();
      await database.drop();
    }
  });

  it('can be run again, and then do nothing', async () => {
    const database = await createTestDatabase();
    const orm = await createOrm({ databaseUrl: database.url, entities });
    expect(await orm.migrator.up()).toEqual([]);
    await orm.close();
    await database.drop();
  });
});
