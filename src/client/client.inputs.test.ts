import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls } from '../testing/api-calls.js';

let api: TestApi;
let calls: ApiCalls;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
});
afterAll(() => api.close());

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
    ['a zone that only PostgreSQL has', { phone, timeZone: 'Factory' }, 'timeZone'],
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
    const { client, userErrors } = await calls.createClient(input);
    expect(client).toBeNull();
    expect(userErrors).toMatchObject([{ field, code: 'BAD_USER_INPUT' }]);
    expect(userErrors[0]?.message).toMatch(new RegExp(`^${field} (must|is) `));
    expect(JSON.stringify(userErrors)).not.toMatch(/\d{6}/);
  });

  it('of a client: says everything that is wrong at once', async () => {
    const { userErrors } = await calls.createClient({ phone: 'x', timeZone: 'y', tags: [''] });
    expect(userErrors.map((error) => error.field)).toEqual(['phone', 'tags.0', 'timeZone']);
  });

  it('of a client that exists: null for what it must have', async () => {
    const { client } = await calls.createClient({ phone, timeZone: zone });
    const id = client?.id ?? expect.fail('no client');
    const { userErrors } = await calls.updateClient(id, { phone: null, timeZone: null });
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
    expect((await calls.updateClient(id, {})).userErrors).toMatchObject(notFound);
    expect((await calls.deleteClient(id)).userErrors).toMatchObject(notFound);
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
