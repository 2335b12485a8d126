import type { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { dropOldKeys, Idempotency, makeOnce } from './idempotency.js';
import { createOrm } from './orm.js';

let database: TestDatabase;
let orm: MikroORM;
let made = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  orm = await createOrm({ databaseUrl: database.url, entities: [Idempotency] });
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

const make = (key: string, input: unknown, what = async () => String(++made), actor = 'admin') =>
  orm.em.fork().transactional((tx) => makeOnce(tx, { actor, operation: 'test', key, input }, what));

it('takes input for the same in whatever order its fields come, and for another one when a list does', async () => {
  const first = await make('order', { a: 1, b: { d: [1, 2], c: null } });
  expect(first.isNew).toBe(true);
  expect(await make('order', { b: { c: null, d: [1, 2] }, a: 1, e: undefined })).toEqual({ ...first, isNew: false });
  await expect(make('order', { a: 1, b: { d: [2, 1], c: null } })).rejects.toMatchObject({ code: 'CONFLICT' });
});

it('takes a field that is null for one that was left out, at any depth', async () => {
  const first = await make('null', { a: 1, b: [{ c: 2, d: null }], e: null });
  expect(await make('null', { a: 1, b: [{ c: 2 }] })).toEqual({ ...first, isNew: false });
  await expect(make('null', { b: [{ c: 2 }] })).rejects.toMatchObject({ code: 'CONFLICT' });
});

it('keeps the keys of one apart from those of another', async () => {
  const mine = await make('shared', { a: 1 });
  const others = await make('shared', { a: 2 }, undefined, 'token:1');
  expect([mine.isNew, others.isNew]).toEqual([true, true]);
  expect(await make('shared', { a: 1 })).toEqual({ ...mine, isNew: false });
});

it('leaves a key free when nothing came of its call', async () => {
  const fails = make('failed', {}, async () => {
    throw new Error('no luck');
  });
  await expect(fails).rejects.toThrow('no luck');
  expect(await make('failed', 'other input')).toMatchObject({ isNew: true });
});

it('keeps a key for three days', async () => {
  await make('old', {});
  const age = (days: number) =>
    database.pool.query(
      `update idempotency set created_at = clock_timestamp() - $1 * interval '1 day' where key = 'old'`,
      [days],
    );
  await age(2.9);
  expect(await dropOldKeys(database.pool)).toBe(0);
  await age(3.1);
  expect(await dropOldKeys(database.pool)).toBe(1);
  expect(await make('old', {})).toMatchObject({ isNew: true });
});
