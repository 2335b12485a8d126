import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Actor } from '../access/actor.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { LOOK_AT } from './list-messages.js';
import { MESSAGE_BLOCK } from './message-range.js';

interface Page {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
}

let api: TestApi;
let clients: string[];
/** Message ids of two mailings to four clients, the oldest first. */
let first: string[];
let second: string[];
let mailings: string[];

beforeAll(async () => {
  api = await createTestApi();
  clients = await insertClients(api.database.pool, 4, { phone: '79000000001' });
  mailings = [await launched(), await launched()];
  [first, second] = (await Promise.all(mailings.map(idsOf))) as [string[], string[]];
  await set(
    first[0],
    `status = 'SENT', sent_at = '2026-01-01T10:00:00Z', gateway_code = 200, created_at = '2026-01-01T09:00:00Z'`,
  );
  await set(first[1], `status = 'FAILED', gateway_code = 400, reason = 'HTTP 400: 100%_sure'`);
  await set(first[2], `status = 'UNKNOWN', reason = 'no answer'`);
  await set(second[1], `status = 'FAILED', gateway_code = 422, reason = 'http 422'`);
  await api.database.pool.query(
    `update mailing set open = case when id = $1 then 1 else 3 end, failed = 1, sent = case when id = $1 then 1 else 0 end,
       unknown = case when id = $1 then 1 else 0 end`,
    [mailings[0]],
  );
});
afterAll(() => api.close());

async function launched(): Promise<string> {
  const id = await insertMailing(api.database.pool);
  await beginLaunch(api.database.pool, id);
  await launchChunk(api.database.pool, id, () => 1_000);
  return id;
}

async function idsOf(mailingId: string): Promise<string[]> {
  const sql = 'select id from message where mailing_id = $1 order by id';
  return (await api.database.pool.query<{ id: string }>(sql, [mailingId])).rows.map(({ id }) => id);
}

const set = (id: string | undefined, assignments: string) =>
  api.database.pool.query(`update message set ${assignments} where id = $1`, [id]);

const PAGE = 'edges { cursor node { id } } pageInfo { hasNextPage endCursor } totalCount';

async function page(args: string): Promise<Page> {
  return (await api.run<{ messages: Page }>(`{ messages(${args}) { ${PAGE} } }`)).messages;
}

async function walk(args: string): Promise<string[]> {
  const seen: string[] = [];
  for (let after = ''; ; ) {
    const { edges, pageInfo } = await page(`first: 3 ${args} ${after}`);
    seen.push(...edges.map(({ node }) => node.id));
    if (!pageInfo.hasNextPage) return seen;
    after = `after: "${pageInfo.endCursor}"`;
  }
}

describe('messages of all mailings', () => {
  it('come newest or oldest first, each once, page by page', async () => {
    const oldest = [...first, ...second];
    expect(await walk('')).toEqual(oldest.toReversed());
    expect(await walk('orderBy: OLDEST')).toEqual(oldest);
    expect((await page('first: 1')).totalCount).toBe(8);
  });

  it.each<[string, () => (string | undefined)[]]>([
    ['statuses: FAILED', () => [second[1], first[1]]],
    ['statuses: [FAILED, SENT, UNKNOWN]', () => [second[1], first[2], first[1], first[0]]],
    ['statuses: [ENQUEUED, DELAYED, SENDING]', () => [second[3], second[2], second[0], first[3]]],
    ['statuses: ENQUEUED', () => [second[3], second[2], second[0], first[3]]],
    ['gatewayCodes: [400, 422]', () => [second[1], first[1]]],
    ['reasonContains: "HTTP"', () => [second[1], first[1]]],
    ['reasonContains: "100%_"', () => [first[1]]],
    ['reasonContains: "1__"', () => []],
    ['sentAt: { from: "2026-01-01T10:00:00Z", to: "2026-01-01T10:00:00.001Z" }', () => [first[0]]],
    ['sentAt: { to: "2026-01-01T10:00:00Z" }', () => []],
    ['createdAt: { to: "2026-01-02T00:00:00Z" }', () => [first[0]]],
    ['phone: "8 900 000-00-02"', () => [second[1], first[1]]],
    ['phone: "8 900 000-00-02", gatewayCodes: 400', () => [first[1]]],
    ['phone: "79990000000"', () => []],
  ])('are found by %s', async (filter, ids) => {
    // All were launched just now, by the rows; as far as the lists know, long ago.
    await api.database.pool.query(`update mailing set launched_at = '2026-01-01T08:00:00Z'`);
    const { edges, totalCount } = await page(`orderBy: NEWEST, filter: { ${filter} }`);
    expect(edges.map(({ node }) => node.id)).toEqual(ids());
    expect(totalCount).toBe(ids().length);
  });

  it('are found by mailing and client, and by what no row can have', async () => {
    const found = async (filter: string) => (await page(`filter: { ${filter} }`)).edges.map(({ node }) => node.id);
    expect(await found(`mailingId: "${mailings[0]}"`)).toEqual(first.toReversed());
    expect(await found(`clientId: "${clients[2]}"`)).toEqual([second[2], first[2]]);
    expect(await found(`clientId: "${clients[2]}", mailingId: "${mailings[0]}"`)).toEqual([first[2]]);
    expect(await found('clientId: "nobody"')).toEqual([]);
    expect(await found('mailingId: "99999999999999999999"')).toEqual([]);
  });

  it('are not those of a deleted mailing, and no test sends', async () => {
    const gone = await launched();
    await api.database.pool.query('update mailing set deleted_at = now() where id = $1', [gone]);
    const tried = await launched();
    await api.database.pool.query(`update message set kind = 'TEST', text = 'Hi' where mailing_id = $1`, [tried]);
    expect(await walk('')).toEqual([...first, ...second].toReversed());
    expect((await page(`filter: { mailingId: "${gone}" }`)).totalCount).toBe(0);
    expect((await page(`filter: { clientId: "${clients[0]}" }`)).totalCount).toBe(2);
    await api.database.pool.query('delete from message_range where mailing_id = any ($1)', [[gone, tried]]);
    await api.database.pool.query('delete from message where mailing_id = any ($1)', [[gone, tried]]);
    await api.database.pool.query('delete from mailing where id = any ($1)', [[gone, tried]]);
  });

  it('that no index finds are looked for among so many, and the next page goes on from there', async () => {
    const blocks = (2 * LOOK_AT) / MESSAGE_BLOCK;
    await api.database.pool.query(
      `insert into message_range (first, last, mailing_id)
       select (1000000 + n) * ${MESSAGE_BLOCK}, (1000001 + n) * ${MESSAGE_BLOCK} - 1, $1 from generate_series(1, ${blocks}::bigint) n`,
      [mailings[0]],
    );
    const found = await page('filter: { gatewayCodes: [400] }');
    expect(found).toMatchObject({ edges: [], pageInfo: { hasNextPage: true }, totalCount: 1 });
    expect(await walk('filter: { gatewayCodes: [400] }')).toEqual([first[1]]);
    await api.database.pool.query(`delete from message_range where first >= ${1_000_000 * MESSAGE_BLOCK}`);
  });

  it.each([
    ['filter: { reasonContains: "a\\u0000b" }', 'filter.reasonContains'],
    [`filter: { gatewayCodes: [${Array(10_000).fill(1).join(' ')}] }`, 'filter.gatewayCodes'],
    ['filter: { phone: "12" }', 'filter.phone'],
    ['filter: { sentAt: { from: "yesterday" } }', 'filter.sentAt.from'],
    ['filter: { sentAt: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" } }', 'filter.sentAt.to'],
    ['orderBy: DUE', 'orderBy'],
  ])('are refused by name: %.60s', async (args, field) => {
    const { errors } = await api.execute(`{ messages(${args}) { totalCount } }`);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });

  it('are not found by phone by those who may not see phones', async () => {
    const viewer = new Actor({ id: 'user:1', name: 'user:viewer@example.com', role: 'viewer' });
    for (const [query, field] of [
      ['messages(filter: { phone: "79000000001" }) { totalCount }', 'filter.phone'],
      ['messages(filter: { reasonContains: "0001" }) { totalCount }', 'filter.reasonContains'],
      ['clients(filter: { phone: "79000000001" }) { totalCount }', 'filter.phone'],
      ['clients(filter: { phoneContains: "0001" }) { totalCount }', 'filter.phoneContains'],
      ['clients(orderBy: PHONE) { totalCount }', 'orderBy'],
    ]) {
      const { errors } = await api.execute(`{ ${query} }`, {}, viewer);
      expect(errors?.[0]?.originalError).toMatchObject({ code: 'FORBIDDEN', field });
    }
  });
});

describe('the messages of a client', () => {
  it('come from all mailings, newest first, with an exact count', async () => {
    const { client } = await api.run<{ client: { messages: Page } }>(
      `query ($id: ID!) { client(id: $id) { messages(first: 1) { ${PAGE} } } }`,
      { id: clients[3] },
    );
    expect(client.messages.edges.map(({ node }) => node.id)).toEqual([second[3]]);
    expect(client.messages).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    const { client: next } = await api.run<{ client: { messages: Page } }>(
      `query ($id: ID!, $after: String) { client(id: $id) { messages(first: 1, after: $after) { ${PAGE} } } }`,
      { id: clients[3], after: client.messages.pageInfo.endCursor },
    );
    expect(next.messages.edges.map(({ node }) => node.id)).toEqual([first[3]]);
    expect(next.messages.pageInfo.hasNextPage).toBe(false);
  });
});

describe('what belongs to many comes with as many statements as for few:', () => {
  // What is read once and kept, as the time zones are, is in no count.
  beforeAll(() =>
    api.run('{ clients(first: 1) { edges { node { messages { edges { node { text waitingFor } } } } } } }'),
  );

  /** Statements of both pools for an operation. Samples of open messages are taken every few seconds, for all who ask. */
  async function statements(source: string, variables: Record<string, unknown>): Promise<number> {
    const spies = [vi.spyOn(api.orm.em.getConnection(), 'execute'), vi.spyOn(api.database.pool, 'query')];
    await api.run(source, variables);
    const calls = spies.flatMap((spy) => spy.mock.calls as unknown[][]);
    const count = calls.filter(([asked]) => (asked as { name?: string }).name !== 'open-sample').length;
    for (const spy of spies) spy.mockRestore();
    return count;
  }

  it('mailings with their progress, history, messages, and the clients of these with their messages', async () => {
    const source = `query ($n: Int!) { mailings(first: $n) { totalCount edges { node {
      progress { sent } waiting { reason } events { totalCount edges { node { kind } } }
      messages(first: $n, filter: { statuses: [ENQUEUED, FAILED] }) { totalCount edges { node {
        text timeline { number } mailing { name }
        client { localTime messages(first: $n) { totalCount edges { node { text timeline { number } mailing { name progress { sent } } } } } }
      } } } } } } }`;
    for (let more = 0; more < 3; more++) await launched();
    await api.database.pool.query('update message set fence = 2');
    // Four are in each list of messages: that does not fill a page of either size.
    const few = await statements(source, { n: 4 });
    expect(few).toBeGreaterThan(15);
    expect(await statements(source, { n: 5 })).toBe(few);
  });

  it('mailings with what failed of them, and what went through', async () => {
    const source =
      'query ($n: Int!) { mailings(first: $n, orderBy: OLDEST) { edges { node { failures { reason count } } } } }';
    const forOne = await statements(source, { n: 1 });
    expect(forOne).toBeGreaterThan(1);
    expect(await statements(source, { n: 2 })).toBe(forOne);
  });

  it.each([
    [
      'clients with their messages',
      `clients(first: $n, orderBy: OLDEST) { edges { node { localTime
        messages(first: $n, filter: { statuses: FAILED }) { totalCount edges { node { text mailing { name } } } } } } }`,
    ],
    [
      'messages of all mailings',
      `messages(first: $n) { totalCount edges { node { text waitingFor timeline { number }
        mailing { progress { sent } waiting { reason } events { totalCount } } client { localTime } } } }`,
    ],
    [
      'test sends of mailings',
      `mailings(first: $n) { edges { node {
        testSends(first: $n) { totalCount edges { node { text waitingFor timeline { number } client { localTime } } } } } } }`,
    ],
    [
      'statistics of mailings',
      `statistics { mailings(first: $n) { totalCount edges { node { went messages { sent } mailing { progress { sent } } } } } }`,
    ],
  ])('%s', async (_what, list) => {
    const source = `query ($n: Int!) { ${list} }`;
    const forTwo = await statements(source, { n: 2 });
    expect(forTwo).toBeGreaterThan(1);
    expect(await statements(source, { n: 4 })).toBe(forTwo);
  });
});
