import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertMailing } from '../testing/rows.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { drawPermits, dropOldPaces, type PaceScope } from './draw-permits.js';

describe('a draw of permits', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const limitTo = (rate: number | null) =>
    database.pool.query(`insert into channel_limit (channel, by, rate_limit) values ('gateway', 'test', $1)`, [rate]);
  const channel = { kind: 'channel', name: 'gateway', ceiling: null } satisfies PaceScope;
  const draw = (count: number, scope: PaceScope = channel) =>
    drawPermits(database.pool, scope, { count, stretchMs: 200, horizonMs: 250 });
  const startAnew = () => database.pool.query('delete from pace');

  it('gives nobody what another has, in whatever order they come', async () => {
    await startAnew();
    await limitTo(1_000);
    const drawn = await Promise.all(Array.from({ length: 8 }, () => draw(30)));
    const stretches = drawn
      .filter(({ count }) => count > 0)
      .map(({ firstAt, count }) => [firstAt, firstAt + count])
      .sort((a, b) => a[0]! - b[0]!);
    expect(stretches.length).toBeGreaterThan(4);
    for (const [n, [from]] of stretches.entries())
      if (n > 0) expect(from).toBeGreaterThan(stretches[n - 1]![1]! - 0.01);
  });

  it('takes no more than a stretch, but always one, and nothing that lies far ahead', async () => {
    await startAnew();
    await limitTo(100);
    expect(await draw(1_000)).toMatchObject({ rate: 100, count: 20 });
    await startAnew();
    await limitTo(1);
    expect(await draw(1_000)).toMatchObject({ rate: 1, count: 1 });
    const none = await draw(1);
    expect(none).toMatchObject({ rate: 1, count: 0 });
    expect(none.nextAt - none.now).toBeGreaterThan(250);
  });

  it('makes nothing up for permits that nobody drew in time', async () => {
    await startAnew();
    await limitTo(10);
    await database.pool.query(`insert into pace values ('channel:gateway', clock_timestamp() - interval '1 hour')`);
    const { firstAt, now } = await draw(1);
    expect(firstAt).toBeGreaterThan(now - 10_000);
  });

  it('does not wait for what a lower limit, or a clock that was set back, left far ahead', async () => {
    await startAnew();
    await limitTo(1_000);
    await database.pool.query(`insert into pace values ('channel:gateway', clock_timestamp() + interval '10 minutes')`);
    const { count, firstAt, now } = await draw(10);
    expect(count).toBe(10);
    expect(firstAt - now).toBeLessThan(251);
  });

  it('goes by the newest row and the ceiling, the lower of the two, and by neither when there is none', async () => {
    await startAnew();
    await limitTo(50);
    await limitTo(20);
    expect(await draw(1)).toMatchObject({ rate: 20 });
    expect(await draw(1, { ...channel, ceiling: 7 })).toMatchObject({ rate: 7 });
    await limitTo(null);
    expect(await draw(1)).toMatchObject({ rate: null, count: 0 });
    expect(await draw(1, { ...channel, ceiling: 7 })).toMatchObject({ rate: 7 });
  });

  it('goes by the row of a mailing', async () => {
    const id = await insertMailing(database.pool, { rateLimit: 3 });
    expect(await draw(5, { kind: 'mailing', id })).toMatchObject({ rate: 3, count: 1 });
  });

  it('leaves nothing behind for good', async () => {
    await startAnew();
    await limitTo(10);
    await draw(1);
    await database.pool.query(`insert into pace values ('mailing:1', clock_timestamp() - interval '2 hours')`);
    await dropOldPaces(database.pool);
    expect((await database.pool.query('select scope from pace')).rows).toEqual([{ scope: 'channel:gateway' }]);
  });
});
