import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertMailing } from '../testing/rows.js';

interface Page {
  mailings: {
    edges: { node: { name: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
    totalCount: number;
  };
}

let api: TestApi;

/** Name, text, status, and start and end as microseconds after the beginning of 2026, an hour apart. */
const MAILINGS: readonly (readonly [string, string, string, number, number])[] = [
  ['Autumn 100%', 'Leaves fall', 'COMPLETED', 2, 5],
  ['Winter_sale', 'Snow and ICE', 'RUNNING', 1, 9],
  ['Spring', 'Autumn is over', 'DRAFT', 3, 7],
  ['Summer', 'Sun', 'RUNNING', 2, 6],
];

beforeAll(async () => {
  api = await createTestApi();
  const { pool } = api.database;
  for (const [name, text, status, start, end] of MAILINGS) {
    const id = await insertMailing(pool, { text, status });
    const moment = (micros: number) => `'2026-01-01T00:00:00Z'::timestamptz + interval '${micros} microseconds'`;
    await pool.query(
      `update mailing set name = $2, starts_at = ${moment(start)}, ends_at = ${moment(end)} + interval '1 hour' where id = $1`,
      [id, name],
    );
  }
  const gone = await insertMailing(pool, { text: 'Autumn' });
  await pool.query('update mailing set deleted_at = now() where id = $1', [gone]);
});
afterAll(() => api.close());

async function page(args: string): Promise<Page['mailings']> {
  const { mailings } = await api.run<Page>(
    `{ mailings(${args}) { edges { node { name } } pageInfo { hasNextPage endCursor } totalCount } }`,
  );
  return mailings;
}

describe('mailings', () => {
  it.each([
    ['statuses: [RUNNING]', ['Summer', 'Winter_sale']],
    ['textContains: "AUTUMN"', ['Spring', 'Autumn 100%']],
    ['textContains: "0%"', ['Autumn 100%']],
    ['textContains: "r_s"', ['Winter_sale']],
    ['textContains: "r%s"', []],
    ['textContains: "ice", statuses: [RUNNING, DRAFT]', ['Winter_sale']],
    [
      'startsAt: { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" }',
      ['Summer', 'Spring', 'Winter_sale', 'Autumn 100%'],
    ],
    ['startsAt: { to: "2026-01-01T00:00:00Z" }', []],
    ['endsAt: { from: "2026-01-01T01:00:00.001Z" }', []],
    ['createdAt: { from: "2026-01-01T00:00:00+03:00" }', ['Summer', 'Spring', 'Winter_sale', 'Autumn 100%']],
  ])('are found by %s', async (filter, names) => {
    const { edges, totalCount } = await page(`filter: { ${filter} }`);
    expect(edges.map(({ node }) => node.name)).toEqual(names);
    expect(totalCount).toBe(names.length);
  });

  it('are found by the old argument as well', async () => {
    expect((await page('statuses: [DRAFT]')).edges.map(({ node }) => node.name)).toEqual(['Spring']);
  });

  it.each([
    ['NEWEST', [3, 2, 1, 0]],
    ['OLDEST', [0, 1, 2, 3]],
    ['STARTS_EARLIEST', [1, 0, 3, 2]],
    ['STARTS_LATEST', [2, 3, 0, 1]],
    ['ENDS_EARLIEST', [0, 3, 2, 1]],
    ['ENDS_LATEST', [1, 2, 3, 0]],
  ])('come each once, page by page, to the microsecond: %s', async (order, expected) => {
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const { edges, pageInfo } = await page(`first: 1, orderBy: ${order} ${after}`);
      seen.push(...edges.map(({ node }) => node.name));
      if (!pageInfo.hasNextPage) break;
      after = `after: "${pageInfo.endCursor}"`;
    }
    expect(seen).toEqual(expected.map((at) => MAILINGS[at]?.[0]));
  });

  it.each([
    ['filter: { textContains: "" }', 'filter.textContains'],
    ['filter: { textContains: "a\\u0000" }', 'filter.textContains'],
    ['filter: { startsAt: { to: "soon" } }', 'filter.startsAt.to'],
    [`filter: { statuses: [${Array(10_000).fill('DRAFT').join(' ')}] }`, 'filter.statuses'],
  ])('are refused by name: %.50s', async (args, field) => {
    const { errors } = await api.execute(`{ mailings(${args}) { totalCount } }`);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });
});
