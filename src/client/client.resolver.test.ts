import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, CLIENT_FIELDS, type ClientAnswer, type ClientNode } from '../testing/api-calls.js';
import { Client } from './client.js';
import { findClient } from './clients.js';

interface Page {
  clients: {
    edges: { cursor: string; node: ClientNode }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string };
    totalCount: number;
  };
}

let api: TestApi;
let calls: ApiCalls;
let nextPhone = 79_000_000_000;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
});
afterAll(() => api.close());

const somebody = (more: object = {}) => ({ phone: String(nextPhone++), timeZone: 'Europe/Moscow', ...more });

async function created(more: object = {}): Promise<ClientNode> {
  const { client, userErrors } = await calls.createClient(somebody(more));
  expect(userErrors).toEqual([]);
  return client as ClientNode;
}
async function eventsOf(id: string): Promise<unknown[]> {
  const sql = 'select kind, by, details from client_event where client_id = $1 order by id';
  return (await api.database.pool.query(sql, [id])).rows;
}

describe('a client', () => {
  it('CLASSIC row 1: is made from phone, zone and a single tag, read, changed and deleted', async () => {
    const made = await calls.createClient({ phone: '8 (916) 123-45-67', timeZone: 'asia/yekaterinburg', tag: ' vip ' });
    expect(made.userErrors).toEqual([]);
    const { id } = made.client as ClientNode;
    expect(made.client).toMatchObject({
      phone: '79161234567',
      operatorCode: '916',
      tags: ['vip'],
      timeZone: 'Asia/Yekaterinburg',
      attributes: {},
      optedOutAt: null,
      revision: 1,
    });

    const changed = await calls.updateClient(id, { operatorCode: '925', tags: ['a', 'b', 'a'] });
    expect(changed.client).toMatchObject({ phone: '79161234567', operatorCode: '925', tags: ['a', 'b'], revision: 2 });
    const one = await api.run<{ client: ClientNode }>(`query ($id: ID!) { client(id: $id) { ${CLIENT_FIELDS} } }`, {
      id,
    });
    expect(one.client).toEqual(changed.client);

    expect(await calls.deleteClient(id)).toMatchObject({ client: { id }, userErrors: [] });
    const { errors } = await api.execute('query ($id: ID!) { client(id: $id) { id } }', { id });
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'NOT_FOUND', field: 'id' });
    expect((await calls.deleteClient(id)).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
    expect((await calls.updateClient(id, { tags: [] })).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
    expect(await eventsOf(id)).toEqual([{ kind: 'DELETED', by: 'admin', details: {} }]);
  });

  it('that is read past the ORM has all that its entity has', async () => {
    const { id } = await created({ tags: ['a, b', 'null'], attributes: { name: 'Anna', visits: 3 }, optedOut: true });
    const entity = await api.orm.em.fork().findOneOrFail(Client, id);
    expect(await findClient(api.database.pool, id)).toEqual({ ...entity });
  });

  it('CLASSIC row 1: localTime is the time now where the client lives', async () => {
    const { localTime } = await created({ timeZone: 'Asia/Kathmandu' });
    const { rows } = await api.database.pool.query<{ off: number }>(
      `select abs(extract(epoch from $1::time - (clock_timestamp() at time zone 'Asia/Kathmandu')::time)) as off`,
      [localTime],
    );
    const off = Number(rows[0]?.off);
    expect(Math.min(off, 86_400 - off)).toBeLessThan(120);
  });

  it.each([
    ['8 (916) 000-00-01', '79160000001'],
    ['+7 916 000 00 02', '79160000002'],
    ['9160000003', '79160000003'],
    ['7-916-000-00-04', '79160000004'],
    ['+7 (701) 000 00 05', '77010000005'],
  ])('takes the phone %s', async (phone, normalized) => {
    expect((await calls.createClient({ phone, timeZone: 'UTC' })).client?.phone).toBe(normalized);
  });

  it('takes a phone that is a number, as a variable and in the document', async () => {
    expect((await calls.createClient({ phone: 79_160_000_006, timeZone: 'UTC' })).client?.phone).toBe('79160000006');
    const { clientCreate } = await api.run<{ clientCreate: ClientAnswer }>(
      'mutation { clientCreate(input: { phone: 89160000007, timeZone: "UTC" }) { client { phone } userErrors { code } } }',
    );
    expect(clientCreate).toEqual({ client: { phone: '79160000007' }, userErrors: [] });
  });

  it('keeps emoji, right-to-left text and several kinds of attributes', async () => {
    const attributes = { name: 'Анна 👋', городок: 'Ура', שם: 'דנה', visits: 3, vip: true, empty: '' };
    const client = await created({ attributes, tags: ['  🎉 ', 'ВИП'] });
    expect(client).toMatchObject({ attributes, tags: ['🎉', 'ВИП'] });
  });

  it('gets the operator code of a new phone', async () => {
    const { id } = await created({ operatorCode: '999' });
    expect((await calls.updateClient(id, { tags: [] })).client?.operatorCode).toBe('999');
    expect((await calls.updateClient(id, { phone: '89250000001' })).client?.operatorCode).toBe('925');
  });

  it('writes down opting out, opting in and moving, each once', async () => {
    const { id } = await created({ optedOut: true });
    await calls.updateClient(id, { optedOut: true, timeZone: 'Europe/Moscow' });
    const back = await calls.updateClient(id, { optedOut: false, timeZone: 'Asia/Omsk' });
    expect(back.client?.optedOutAt).toBeNull();
    const gone = await calls.updateClient(id, { optedOut: true });
    expect(Date.parse(gone.client?.optedOutAt ?? '')).toBeGreaterThan(0);
    expect(await eventsOf(id)).toEqual([
      { kind: 'OPTED_OUT', by: 'admin', details: {} },
      { kind: 'TIME_ZONE_CHANGED', by: 'admin', details: { from: 'Europe/Moscow', to: 'Asia/Omsk' } },
      { kind: 'OPTED_IN', by: 'admin', details: {} },
      { kind: 'OPTED_OUT', by: 'admin', details: {} },
    ]);
  });

  it('that is sent back as it was shown is not changed', async () => {
    const { id, phone, operatorCode, tags, timeZone, attributes, updatedAt } = await created({
      tags: ['a', 'b'],
      attributes: { name: 'Anna', age: 30 },
      optedOut: true,
    });
    const same = { phone, operatorCode, tags, timeZone, attributes, optedOut: true, revision: 1 };
    expect((await calls.updateClient(id, same)).client).toMatchObject({ revision: 1, updatedAt });
    expect((await calls.updateClient(id, { ...same, attributes: { name: 'Anna' } })).client?.revision).toBe(2);
  });

  it('edited twenty times at once on one revision takes one edit', async () => {
    const { id } = await created();
    const edits = Array.from({ length: 20 }, (_, n) => calls.updateClient(id, { tags: [`edit ${n}`], revision: 1 }));
    const answers = await Promise.all(edits);
    expect(answers.filter(({ client }) => client !== null)).toHaveLength(1);
    expect((await calls.updateClient(id, {})).client?.revision).toBe(2);
  });

  it('refuses a change made on an older revision, and writes nothing of it', async () => {
    const { id } = await created({ tags: ['old'] });
    await calls.updateClient(id, { tags: ['new'], revision: 1 });
    const late = await calls.updateClient(id, { tags: ['late'], optedOut: true, revision: 1 });
    expect(late).toMatchObject({ client: null, userErrors: [{ field: 'revision', code: 'CONFLICT' }] });
    expect((await calls.updateClient(id, {})).client).toMatchObject({ tags: ['new'], optedOutAt: null });
    expect(await eventsOf(id)).toEqual([]);
  });

  it('has a phone that no other client has, until it is deleted', async () => {
    const first = await created();
    const second = await created();
    const taken = { client: null, userErrors: [{ field: 'phone', code: 'CONFLICT' }] };
    expect(await calls.createClient({ phone: first.phone, timeZone: 'UTC' })).toMatchObject(taken);
    expect(await calls.updateClient(second.id, { phone: first.phone })).toMatchObject(taken);
    await calls.deleteClient(first.id);
    expect((await calls.updateClient(second.id, { phone: first.phone })).client?.phone).toBe(first.phone);
  });

  it('is made once when several ask at the same moment', async () => {
    const input = somebody();
    const answers = await Promise.all(Array.from({ length: 5 }, () => calls.createClient(input)));
    expect(answers.filter((answer) => answer.client !== null)).toHaveLength(1);
    expect(answers.flatMap((answer) => answer.userErrors.map((error) => error.code))).toEqual(
      Array(4).fill('CONFLICT'),
    );
  });
});

describe('a list of clients', () => {
  it('gives every client once, newest first, page by page', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.unshift((await created({ tags: ['paged'] })).id);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { clients }: Page = await api.run(
        `query ($after: String) { clients(first: 3, after: $after, filter: { tagsAny: ["paged"] }) {
          edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }`,
        { after },
      );
      expect(clients.totalCount).toBe(7);
      expect(clients.edges.length).toBeLessThanOrEqual(3);
      expect(clients.pageInfo.hasPreviousPage).toBe(after !== null);
      expect(clients.edges.at(-1)?.cursor).toBe(clients.pageInfo.endCursor);
      seen.push(...clients.edges.map((edge) => edge.node.id));
      // One that comes meanwhile belongs before the first page.
      await created({ tags: ['paged', 'late'] });
      await api.database.pool.query(`update client set deleted_at = now() where tags @> '{late}'`);
      after = clients.pageInfo.hasNextPage ? clients.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(ids);
  });

  it.each([
    ['{ operatorCodes: ["977"] }', ['one', 'two']],
    ['{ operatorCodes: ["977"], tagsAny: ["f-b", "f-c"] }', ['one', 'two']],
    ['{ tagsAll: ["f-a", "f-b"] }', ['one']],
    ['{ timeZones: ["asia/anadyr"] }', ['two']],
    ['{ operatorCodes: ["977"], optedOut: true }', ['two']],
    ['{ operatorCodes: ["977"], optedOut: false }', ['one']],
    ['{ phone: "8 (977) 000-00-01" }', ['one']],
    ['{ tagsAny: ["nobody"] }', []],
  ])('finds clients by %s', async (filter, names) => {
    const known = await api.run<Page>('{ clients(filter: { tagsAny: ["filtered"] }) { totalCount } }');
    if (known.clients.totalCount === 0) {
      await calls.createClient({
        phone: '79770000001',
        timeZone: 'UTC',
        tags: ['filtered', 'f-a', 'f-b'],
        attributes: { is: 'one' },
      });
      const two = { attributes: { is: 'two' }, optedOut: true, timeZone: 'Asia/Anadyr', tags: ['filtered', 'f-c'] };
      await calls.createClient({ phone: '79770000002', ...two });
    }
    const { clients } = await api.run<Page>(
      `{ clients(filter: ${filter}) { edges { node { attributes } } totalCount } }`,
    );
    expect(clients.edges.map((edge) => edge.node.attributes['is']).toSorted()).toEqual(names);
    expect(clients.totalCount).toBe(names.length);
  });
});

describe('a sorted list of clients', () => {
  const list = async (args: string) => {
    const { clients } = await api.run<Page>(`{ clients(${args}) { edges { cursor node { id phone } }
      pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }`);
    return clients;
  };

  it.each(['NEWEST', 'OLDEST', 'PHONE', 'UPDATED'])('gives each client once, page by page: %s', async (order) => {
    const tag = `sorted ${order}`;
    const made: string[] = [];
    for (const phone of ['79310000002', '79310000001', '79310000004', '79310000003', '79310000005']) {
      made.push((await created({ phone, tags: [tag, 'sorted'] })).id);
    }
    // All within one millisecond, the last two within one microsecond.
    await api.database.pool.query(
      `update client set updated_at = '2026-01-01T00:00:00Z'::timestamptz + array_position('{3,1,5,2,4}', least(id - $1::bigint + 1, 4)::int) * interval '1 microsecond'
       where tags @> array[$2]`,
      [made[0], tag],
    );
    const expected = {
      NEWEST: made.toReversed(),
      OLDEST: made,
      PHONE: [1, 0, 3, 2, 4].map((at) => made[at]),
      UPDATED: [4, 3, 1, 0, 2].map((at) => made[at]),
    }[order];
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = await list(`first: 2, orderBy: ${order}, filter: { tagsAny: ["${tag}"] } ${after}`);
      seen.push(...page.edges.map(({ node }) => node.id));
      if (!page.pageInfo.hasNextPage) break;
      after = `after: "${page.pageInfo.endCursor}"`;
    }
    await api.database.pool.query(`update client set deleted_at = now() where tags @> '{sorted}'`);
    expect(seen).toEqual(expected);
  });

  it('can be jumped into: as many as are told are passed over, behind a cursor too', async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; i += 1) made.push((await created({ tags: ['jumped', `jumped ${i % 2}`] })).id);
    const jump = async (args: string) => await list(`filter: { tagsAny: ["jumped"] }, ${args}`);
    const page = await jump('first: 2, skip: 2, orderBy: OLDEST');
    expect(page.edges.map(({ node }) => node.id)).toEqual(made.slice(2, 4));
    expect(page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const farther = await jump(
      `first: 2, skip: 1, orderBy: OLDEST, after: "${(await jump('first: 1, orderBy: OLDEST')).pageInfo.endCursor}"`,
    );
    expect(farther.edges.map(({ node }) => node.id)).toEqual(made.slice(2, 4));
    expect((await jump('skip: 5')).edges).toEqual([]);
    const { errors } = await api.execute('{ clients(skip: -1) { totalCount } }');
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'skip' });
  });

  it('takes a cursor of its own order only', async () => {
    await created();
    const { pageInfo } = await list('first: 1, orderBy: PHONE');
    const { errors } = await api.execute(`{ clients(after: "${pageInfo.endCursor}") { totalCount } }`);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  });
});

describe('a filter of clients', () => {
  it.each([
    ['1 23-45', ['79321234567']],
    ['4567', ['79321234567']],
    ['932', ['79321234567', '79320000932']],
    ['+7 (932) 000-09-32', ['79320000932']],
    ['8 (932) 000-09-32', ['79320000932']],
    ['932123456789', null],
    ['93', null],
    ['45%7', null],
    ['45\0' + '7', null],
  ])('finds a part of a phone as people write it: %j', async (phoneContains, phones) => {
    for (const phone of ['79321234567', '79320000932']) await calls.createClient({ phone, timeZone: 'UTC' });
    const { data, errors } = await api.execute(
      'query ($filter: ClientFilterInput) { clients(orderBy: NEWEST, filter: $filter) { edges { node { phone } } totalCount } }',
      { filter: { phoneContains } },
    );
    if (phones === null) {
      expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'filter.phoneContains' });
    } else {
      const { clients } = JSON.parse(JSON.stringify(data)) as Page;
      expect(clients.edges.map(({ node }) => node.phone).toSorted()).toEqual(phones.toSorted());
      expect(clients.totalCount).toBe(phones.length);
    }
  });

  it.each(['operatorCodes', 'tagsAny', 'tagsAll', 'timeZones'])(
    'refuses too many values, and NUL, by name: %s',
    async (field) => {
      for (const values of [Array(10_000).fill('900'), ['a\0']]) {
        const { errors } = await api.execute(
          'query ($filter: ClientFilterInput) { clients(filter: $filter) { totalCount } }',
          { filter: { [field]: values } },
        );
        expect(errors?.[0]?.originalError).toMatchObject({
          code: 'BAD_USER_INPUT',
          field: expect.stringMatching(new RegExp(`^filter\\.${field}`)),
        });
      }
    },
  );
});
