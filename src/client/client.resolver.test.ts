import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';

const FIELDS = 'id phone operatorCode tags timeZone localTime attributes optedOutAt createdAt updatedAt revision';
const CREATE = `mutation ($input: ClientInput!) {
  clientCreate(input: $input) { client { ${FIELDS} } userErrors { field message code } } }`;
const UPDATE = `mutation ($id: ID!, $input: ClientInput!) {
  clientUpdate(id: $id, input: $input) { client { ${FIELDS} } userErrors { field message code } } }`;
const DELETE = `mutation ($id: ID!) { clientDelete(id: $id) { client { id } userErrors { field message code } } }`;

interface UserError {
  field: string | null;
  message: string;
  code: string;
}
interface ClientNode {
  id: string;
  phone: string;
  operatorCode: string;
  tags: string[];
  timeZone: string;
  localTime: string;
  attributes: Record<string, unknown>;
  optedOutAt: string | null;
  updatedAt: string;
  revision: number;
}
interface Payload {
  client: ClientNode | null;
  userErrors: UserError[];
}
interface Page {
  clients: {
    edges: { cursor: string; node: ClientNode }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string };
    totalCount: number;
  };
}

let api: TestApi;
let nextPhone = 79_000_000_000;

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

const somebody = (more: object = {}) => ({ phone: String(nextPhone++), timeZone: 'Europe/Moscow', ...more });

async function create(input: object): Promise<Payload> {
  return (await api.run<{ clientCreate: Payload }>(CREATE, { input })).clientCreate;
}
async function created(more: object = {}): Promise<ClientNode> {
  const { client, userErrors } = await create(somebody(more));
  expect(userErrors).toEqual([]);
  return client as ClientNode;
}
async function update(id: string, input: object): Promise<Payload> {
  return (await api.run<{ clientUpdate: Payload }>(UPDATE, { id, input })).clientUpdate;
}
async function remove(id: string): Promise<Payload> {
  return (await api.run<{ clientDelete: Payload }>(DELETE, { id })).clientDelete;
}
async function eventsOf(id: string): Promise<unknown[]> {
  const sql = 'select kind, by, details from client_event where client_id = $1 order by id';
  return (await api.database.pool.query(sql, [id])).rows;
}

describe('a client', () => {
  it('CLASSIC row 1: is made from phone, zone and a single tag, read, changed and deleted', async () => {
    const made = await create({ phone: '8 (916) 123-45-67', timeZone: 'asia/yekaterinburg', tag: ' vip ' });
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

    const changed = await update(id, { operatorCode: '925', tags: ['a', 'b', 'a'] });
    expect(changed.client).toMatchObject({ phone: '79161234567', operatorCode: '925', tags: ['a', 'b'], revision: 2 });
    const one = await api.run<{ client: ClientNode }>(`query ($id: ID!) { client(id: $id) { ${FIELDS} } }`, { id });
    expect(one.client).toEqual(changed.client);

    expect(await remove(id)).toEqual({ client: { id }, userErrors: [] });
    expect((await remove(id)).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
    expect((await update(id, { tags: [] })).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
    expect(await eventsOf(id)).toEqual([{ kind: 'DELETED', by: 'admin', details: {} }]);
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
    expect((await create({ phone, timeZone: 'UTC' })).client?.phone).toBe(normalized);
  });

  it('takes a phone that is a number, as a variable and in the document', async () => {
    expect((await create({ phone: 79_160_000_006, timeZone: 'UTC' })).client?.phone).toBe('79160000006');
    const { clientCreate } = await api.run<{ clientCreate: Payload }>(
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
    expect((await update(id, { tags: [] })).client?.operatorCode).toBe('999');
    expect((await update(id, { phone: '89250000001' })).client?.operatorCode).toBe('925');
  });

  it('writes down opting out, opting in and moving, each once', async () => {
    const { id } = await created({ optedOut: true });
    await update(id, { optedOut: true, timeZone: 'Europe/Moscow' });
    const back = await update(id, { optedOut: false, timeZone: 'Asia/Omsk' });
    expect(back.client?.optedOutAt).toBeNull();
    const gone = await update(id, { optedOut: true });
    expect(Date.parse(gone.client?.optedOutAt ?? '')).toBeGreaterThan(0);
    expect(await eventsOf(id)).toEqual([
      { kind: 'OPTED_OUT', by: 'admin', details: {} },
      { kind: 'TIME_ZONE_CHANGED', by: 'admin', details: { from: 'Europe/Moscow', to: 'Asia/Omsk' } },
      { kind: 'OPTED_IN', by: 'admin', details: {} },
      { kind: 'OPTED_OUT', by: 'admin', details: {} },
    ]);
  });

  it('refuses a change made on an older revision, and writes nothing of it', async () => {
    const { id } = await created({ tags: ['old'] });
    await update(id, { tags: ['new'], revision: 1 });
    const late = await update(id, { tags: ['late'], optedOut: true, revision: 1 });
    expect(late).toMatchObject({ client: null, userErrors: [{ field: 'revision', code: 'CONFLICT' }] });
    expect((await update(id, {})).client).toMatchObject({ tags: ['new'], optedOutAt: null });
    expect(await eventsOf(id)).toEqual([]);
  });

  it('has a phone that no other client has, until it is deleted', async () => {
    const first = await created();
    const second = await created();
    const taken = { client: null, userErrors: [{ field: 'phone', code: 'CONFLICT' }] };
    expect(await create({ phone: first.phone, timeZone: 'UTC' })).toMatchObject(taken);
    expect(await update(second.id, { phone: first.phone })).toMatchObject(taken);
    await remove(first.id);
    expect((await update(second.id, { phone: first.phone })).client?.phone).toBe(first.phone);
  });

  it('is made once when several ask at the same moment', async () => {
    const input = somebody();
    const answers = await Promise.all(Array.from({ length: 5 }, () => create(input)));
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
      await create({
        phone: '79770000001',
        timeZone: 'UTC',
        tags: ['filtered', 'f-a', 'f-b'],
        attributes: { is: 'one' },
      });
      const two = { attributes: { is: 'two' }, optedOut: true, timeZone: 'Asia/Anadyr', tags: ['filtered', 'f-c'] };
      await create({ phone: '79770000002', ...two });
    }
    const { clients } = await api.run<Page>(
      `{ clients(filter: ${filter}) { edges { node { attributes } } totalCount } }`,
    );
    expect(clients.edges.map((edge) => edge.node.attributes['is']).toSorted()).toEqual(names);
    expect(clients.totalCount).toBe(names.length);
  });
});

describe('bad input', () => {
  const zone = 'Europe/Moscow';
  const phone = '79031112233';
  it.each<[string, object, string]>([
    ['no phone', { timeZone: zone }, 'phone'],
    ['an empty phone', { phone: '', timeZone: zone }, 'phone'],
    ['letters for a phone', { phone: 'call me', timeZone: zone }, 'phone'],
    ['a phone that is too short', { phone: '8916123456', timeZone: zone }, 'phone'],
    ['a phone of another country', { phone: '+1 202 555 0143', timeZone: zone }, 'phone'],
    ['a phone with an extension', { phone: '89161234567 ext. 5', timeZone: zone }, 'phone'],
    ['a phone with a NUL', { phone: '7903111223\0', timeZone: zone }, 'phone'],
    ['a phone of a million digits', { phone: '7'.repeat(1_000_000), timeZone: zone }, 'phone'],
    ['an operator code of two digits', { phone, timeZone: zone, operatorCode: '91' }, 'operatorCode'],
    ['an operator code of letters', { phone, timeZone: zone, operatorCode: 'abc' }, 'operatorCode'],
    ['no zone', { phone }, 'timeZone'],
    ['an unknown zone', { phone, timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['an offset for a zone', { phone, timeZone: '+03:00' }, 'timeZone'],
    ['a zone that only PostgreSQL has', { phone, timeZone: 'posix/Europe/Moscow' }, 'timeZone'],
    ['a zone with a NUL', { phone, timeZone: 'UTC\0' }, 'timeZone'],
    ['an empty tag', { phone, timeZone: zone, tags: ['a', '  '] }, 'tags.1'],
    ['a tag with a NUL', { phone, timeZone: zone, tags: ['a\0'] }, 'tags.0'],
    ['a tag with half of a surrogate pair', { phone, timeZone: zone, tag: 'a\ud83d' }, 'tag'],
    ['a long tag', { phone, timeZone: zone, tag: 'a'.repeat(65) }, 'tag'],
    ['too many tags', { phone, timeZone: zone, tags: Array.from({ length: 51 }, String) }, 'tags'],
    ['an attribute with a bad name', { phone, timeZone: zone, attributes: { '89031112233': 1 } }, 'attributes'],
    [
      'an attribute named like a part of an object',
      { phone, timeZone: zone, attributes: { phone: 'x' } },
      'attributes',
    ],
    ['a nested attribute', { phone, timeZone: zone, attributes: { name: { first: 'A' } } }, 'attributes.name'],
    ['a list for an attribute', { phone, timeZone: zone, attributes: { name: ['A'] } }, 'attributes.name'],
    ['null for an attribute', { phone, timeZone: zone, attributes: { name: null } }, 'attributes.name'],
    ['an attribute with a NUL', { phone, timeZone: zone, attributes: { name: 'A\0' } }, 'attributes.name'],
    ['half of a surrogate pair', { phone, timeZone: zone, attributes: { name: '\udc00' } }, 'attributes.name'],
    ['a long attribute', { phone, timeZone: zone, attributes: { name: 'a'.repeat(1_001) } }, 'attributes.name'],
    [
      'too many attributes',
      { phone, timeZone: zone, attributes: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`a${i}`, i])) },
      'attributes',
    ],
  ])('of a client: %s', async (_, input, field) => {
    const { client, userErrors } = await create(input);
    expect(client).toBeNull();
    expect(userErrors).toMatchObject([{ field, code: 'BAD_USER_INPUT' }]);
    expect(userErrors[0]?.message).toMatch(new RegExp(`^${field} (must|is) `));
    expect(JSON.stringify(userErrors)).not.toMatch(/\d{6}/);
  });

  it('of a client: says everything that is wrong at once', async () => {
    const { userErrors } = await create({ phone: 'x', timeZone: 'y', tags: [''] });
    expect(userErrors.map((error) => error.field)).toEqual(['phone', 'tags.0', 'timeZone']);
  });

  it('of a client that exists: null for what it must have', async () => {
    const { id } = await created();
    const { userErrors } = await update(id, { phone: null, timeZone: null });
    expect(userErrors.map((error) => error.field)).toEqual(['phone', 'timeZone']);
  });

  it.each([
    'abc',
    '',
    '0',
    '-1',
    '1.5',
    '1e3',
    '999999999',
    '9223372036854775807',
    '9223372036854775808',
    '18446744073709551616',
    '1\0',
  ])('of an id: %j is not found, by query, update and deletion', async (id) => {
    const { data, errors } = await api.execute('query ($id: ID!) { client(id: $id) { id } }', { id });
    expect(data).toEqual({ client: null });
    expect(errors?.map((error) => error.originalError)).toMatchObject([{ code: 'NOT_FOUND', field: 'id' }]);
    const notFound = [{ field: 'id', code: 'NOT_FOUND' }];
    expect((await update(id, {})).userErrors).toMatchObject(notFound);
    expect((await remove(id)).userErrors).toMatchObject(notFound);
  });

  it.each([
    ['first: 0', 'first'],
    ['first: 101', 'first'],
    ['first: -5', 'first'],
    ['after: "x"', 'after'],
    ['after: ""', 'after'],
    ['after: "bWVzc2FnZTox"', 'after'],
    ['after: "Y2xpZW50Ojk5OTk5OTk5OTk5OTk5OTk5OTk5"', 'after'],
    ['filter: { phone: "1" }', 'filter.phone'],
    ['filter: { operatorCodes: ["916", "x"] }', 'filter.operatorCodes.1'],
    ['filter: { tagsAny: [""] }', 'filter.tagsAny.0'],
    ['filter: { timeZones: ["Nowhere/Land"] }', 'filter.timeZones.0'],
  ])('of a list: %s', async (args, field) => {
    const { errors } = await api.execute(`{ clients(${args}) { totalCount } }`);
    expect(errors?.map((error) => error.originalError)).toMatchObject([{ code: 'BAD_USER_INPUT', field }]);
  });
});
