import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients } from '../testing/rows.js';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
  const { pool } = api.database;
  await insertClients(pool, 3, { operatorCode: '916', tags: ['vip', 'a b'], timeZone: 'Asia/Omsk' });
  await insertClients(pool, 2, { operatorCode: '900', tags: ['vip'] });
  const [deleted, optedOut] = await insertClients(pool, 2, { operatorCode: '900', tags: ['vip', 'gone'] });
  await pool.query('update client set deleted_at = now() where id = $1', [deleted]);
  await pool.query('update client set opted_out_at = now() where id = $1', [optedOut]);
});
afterAll(() => api.close());

describe('facets of clients', () => {
  const facets = async (args = '') =>
    (
      await api.run<{ clientFacets: object }>(
        `{ clientFacets${args} { totalCount operatorCodes { value count } tags { value count } timeZones { value count } } }`,
      )
    ).clientFacets;

  it('count operator codes, tags and time zones, the most common first, without those who were deleted', async () => {
    expect(await facets()).toEqual({
      totalCount: 6,
      operatorCodes: [
        { value: '900', count: 3 },
        { value: '916', count: 3 },
      ],
      tags: [
        { value: 'vip', count: 6 },
        { value: 'a b', count: 3 },
        { value: 'gone', count: 1 },
      ],
      timeZones: [
        { value: 'Asia/Omsk', count: 3 },
        { value: 'Europe/Moscow', count: 3 },
      ],
    });
  });

  it('count only whom the filter means', async () => {
    expect(await facets('(filter: { operatorCodes: "900", optedOut: false })')).toEqual({
      totalCount: 2,
      operatorCodes: [{ value: '900', count: 2 }],
      tags: [{ value: 'vip', count: 2 }],
      timeZones: [{ value: 'Europe/Moscow', count: 2 }],
    });
  });
});

describe('an audience', () => {
  const AUDIENCE = `query ($filter: AudienceFilterInput, $first: Int! = 2) { audience(filter: $filter) {
    count sample(first: $first) { id operatorCode } warnings { field code } } }`;
  interface Answer {
    audience: { count: number; sample: { id: string; operatorCode: string }[]; warnings: object[] };
  }

  it('is counted exactly, without those who opted out, with a sample and what is probably a slip', async () => {
    const { audience } = await api.run<Answer>(AUDIENCE, { filter: { tagsAny: ['vip', 'vip', 'nobody'] } });
    expect(audience).toMatchObject({ count: 5, warnings: [{ field: 'filter.tagsAny.2', code: 'UNUSED_VALUE' }] });
    expect(audience.sample.map(({ operatorCode }) => operatorCode)).toEqual(['900', '900']);
    expect((await api.run<Answer>(AUDIENCE)).audience.count).toBe(5);
    const nobody = await api.run<Answer>(AUDIENCE, { filter: { tagsAll: ['gone'] } });
    expect(nobody.audience).toMatchObject({ count: 0, sample: [], warnings: [{ code: 'EMPTY_AUDIENCE' }] });
  });

  it.each([
    [{ filter: { timeZones: ['Mars/Olympus'] } }, 'filter.timeZones.0'],
    [{ filter: { tagsAny: Array(10_000).fill('a') } }, 'filter.tagsAny'],
    [{ first: 101 }, 'first'],
  ])('is refused by name: %#', async (variables, field) => {
    const { errors } = await api.execute(AUDIENCE, variables);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });
});
