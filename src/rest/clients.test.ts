import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToken } from '../testing/credentials.js';
import { rest } from '../testing/rest.js';
import { insertClients } from '../testing/rows.js';
import { type Answer, type RunningApi, startApi } from '../testing/running-api.js';

let running: RunningApi;
beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());

const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  rest(running, method, path, body, headers);

let phones = 79160000000;
const somebody = (more: object = {}) => ({ phone: String(++phones), timeZone: 'Europe/Moscow', ...more });
const make = async (more: object = {}) => (await ask('POST', 'clients', somebody(more))).body;

it('CLASSIC row 1: a client is made, shown alone and among all, edited and deleted, with a tag of its own and its local time', async () => {
  const made = await ask('POST', 'clients/', { phone: 79161234567, tag: 'vip', timeZone: 'europe/moscow' });
  expect([made.status, made.headers.get('location'), made.headers.get('etag')]).toEqual([
    201,
    `/api/v1/clients/${made.body.id}`,
    '"1"',
  ]);
  const client = { phone: '79161234567', operatorCode: '916', tag: 'vip', tags: ['vip'], timeZone: 'Europe/Moscow' };
  expect(made.body).toMatchObject(client);
  expect(made.body.localTime).toMatch(/^\d\d:\d\d$/);
  const one = await ask('GET', `clients/${made.body.id}`);
  expect([one.status, one.body]).toEqual([200, expect.objectContaining(client)]);
  expect((await ask('GET', 'clients')).body.map(({ id }: { id: string }) => id)).toContain(made.body.id);

  const replaced = await ask('PUT', `clients/${made.body.id}`, { phone: '8 (926) 123-45-67', timeZone: 'Asia/Omsk' });
  expect([replaced.status, replaced.body]).toEqual([
    200,
    expect.objectContaining({ phone: '79261234567', operatorCode: '926', tag: null, tags: [], timeZone: 'Asia/Omsk' }),
  ]);
  const changed = await ask('PATCH', `clients/${made.body.id}`, { tags: ['a', 'b'] });
  expect(changed.body).toMatchObject({ phone: '79261234567', tag: 'a', tags: ['a', 'b'] });
  const deleted = await ask('DELETE', `clients/${made.body.id}`);
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  expect((await ask('GET', `clients/${made.body.id}`)).status).toBe(404);
});

describe('a request that does not fit', () => {
  it.each([
    ['no phone', {}, 400, ['phone', 'timeZone'], 'BAD_USER_INPUT'],
    ['a field nobody knows', { ...somebody(), colour: 'red' }, 400, ['colour'], 'BAD_USER_INPUT'],
    ['a phone that is none', { ...somebody(), phone: '8 916 123' }, 422, ['phone'], 'BAD_USER_INPUT'],
    ['an unknown zone', { ...somebody(), timeZone: 'Mars/Olympus' }, 422, ['timeZone'], 'BAD_USER_INPUT'],
    ['a NUL', { ...somebody(), tags: ['a\0'] }, 422, ['tags.0'], 'BAD_USER_INPUT'],
    ['an empty tag', { ...somebody(), tag: '' }, 400, ['tag'], 'BAD_USER_INPUT'],
    ['a tag that only JavaScript finds blank', { ...somebody(), tag: '\uFEFF' }, 422, ['tag'], 'BAD_USER_INPUT'],
    ['a tag that is too long', { ...somebody(), tag: '😀'.repeat(65) }, 400, ['tag'], 'BAD_USER_INPUT'],
    ['a list', [], 400, [null], 'BAD_USER_INPUT'],
    ['nothing', '', 400, [null], 'BAD_USER_INPUT'],
    ['half of JSON', '{', 400, [], 'BAD_USER_INPUT'],
  ])('is a problem that names each field: %s', async (_what, body, status, fields, code) => {
    const answer = await ask('POST', 'clients', body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(answer.body).toMatchObject({ type: 'about:blank', status, code, detail: expect.any(String) });
    expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
    expect(answer.text).not.toContain('916 123');
  });

  it('is told by its status what kind of trouble it is', async () => {
    const { phone, id } = await make();
    const trouble = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) => {
      const { status, body: problem } = await ask(method, path, body, headers);
      return [status, problem.status, problem.code];
    };
    expect(await trouble('POST', 'clients', { phone, timeZone: 'UTC' })).toEqual([409, 409, 'CONFLICT']);
    expect(await trouble('GET', 'clients/0')).toEqual([404, 404, 'NOT_FOUND']);
    expect(await trouble('GET', `clients/${'1'.repeat(5_000)}`)).toEqual([404, 404, 'NOT_FOUND']);
    expect(await trouble('GET', 'nothing')).toEqual([404, 404, 'NOT_FOUND']);
    expect(await trouble('GET', 'clients?colour=red')).toEqual([400, 400, 'BAD_USER_INPUT']);
    expect(await trouble('GET', 'clients?limit=0')).toEqual([400, 400, 'BAD_USER_INPUT']);
    expect(await trouble('GET', 'clients?cursor=x')).toEqual([422, 422, 'BAD_USER_INPUT']);
    expect(await trouble('GET', 'clients', undefined, { authorization: 'Bearer x' })).toEqual([
      401,
      401,
      'UNAUTHENTICATED',
    ]);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await trouble('POST', 'clients', 'a=b', form)).toEqual([415, 415, 'BAD_USER_INPUT']);
    expect(await trouble('POST', 'clients', { name: 'x'.repeat(1_100_000) })).toEqual([413, 413, 'BAD_USER_INPUT']);
    expect((await ask('POST', 'clients', [])).body.detail).toBe('The body must be of type object.');
    const other = await ask('PUT', 'clients');
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect(await trouble('PATCH', `clients/${id}`, { revision: 7 })).toEqual([409, 409, 'CONFLICT']);
    expect(running.logged()).not.toContain('"level":"error"');
  });
});

describe('ETag', () => {
  it('lets an edit through only on the state that was read, be it a change, a replacement or a deletion', async () => {
    const { id, phone } = await make();
    const tag = (await ask('GET', `clients/${id}`)).headers.get('etag') ?? '';
    expect((await ask('PATCH', `clients/${id}`, { tags: ['b'] }, { 'if-match': `"9", W/${tag}` })).status).toBe(200);
    const stale = { 'if-match': tag };
    for (const [method, body] of [
      ['PATCH', { tags: ['c'] }],
      ['PUT', { phone, timeZone: 'UTC' }],
      ['DELETE'],
    ] as const) {
      const answer = await ask(method, `clients/${id}`, body, stale);
      expect([answer.status, answer.body.errors]).toEqual([412, [expect.objectContaining({ field: 'revision' })]]);
    }
    const read = await ask('GET', `clients/${id}`);
    expect(read.body).toMatchObject({ tags: ['b'], revision: 2 });
    const fresh = { 'if-match': read.headers.get('etag') ?? '' };
    expect((await ask('DELETE', `clients/${id}`, undefined, fresh)).status).toBe(204);
  });

  it('saves reading what is known', async () => {
    const { id } = await make();
    const tag = (await ask('GET', `clients/${id}`)).headers.get('etag') ?? '';
    const known = await ask('GET', `clients/${id}`, undefined, { 'if-none-match': tag });
    expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', tag]);
    await ask('PATCH', `clients/${id}`, { tags: ['new'] });
    expect((await ask('GET', `clients/${id}`, undefined, { 'if-none-match': tag })).status).toBe(200);
  });
});

it('a replacement that says nothing of an opt-out takes none back', async () => {
  const { id, phone } = await make({ optedOut: true });
  const { body } = await ask('PUT', `clients/${id}`, { phone, timeZone: 'UTC' });
  expect(body).toMatchObject({ timeZone: 'UTC', optedOutAt: expect.any(String) });
  expect((await ask('PUT', `clients/${id}`, { phone, timeZone: 'UTC', optedOut: false })).body.optedOutAt).toBeNull();
});

it('who opted out, was deleted and is created or given the phone again is opted out still, unless that is taken back', async () => {
  const { id, phone, optedOutAt } = await make({ optedOut: true });
  await ask('DELETE', `clients/${id}`);
  const again = await make({ phone });
  expect(again).toMatchObject({ phone, optedOutAt });
  await ask('DELETE', `clients/${again.id}`);
  const { id: other } = await make();
  expect((await ask('PUT', `clients/${other}`, { phone, timeZone: 'UTC' })).body).toMatchObject({ phone, optedOutAt });
  await ask('DELETE', `clients/${other}`);
  expect(await make({ phone, optedOut: false })).toMatchObject({ phone, optedOutAt: null });
});

describe('a list', () => {
  it('is walked through page by page by its links, and counted only when asked', async () => {
    await insertClients(running.database.pool, 7, { tags: ['page'] });
    const found: string[] = [];
    let next: string | undefined = '/api/v1/clients?tagsAny=page&limit=3';
    for (let pages = 0; next !== undefined; pages += 1) {
      const answer = await ask('GET', next);
      found.push(...answer.body.map(({ id }: { id: string }) => id));
      const link = answer.headers.get('link') ?? '';
      expect(link).toContain('</api/v1/clients?tagsAny=page&limit=3>; rel="first"');
      expect([pages < 3, answer.headers.get('total-count')]).toEqual([true, null]);
      next = /<([^>]+)>; rel="next"/.exec(link)?.[1];
    }
    expect(new Set(found).size).toBe(7);
    expect(found).toEqual(found.toSorted((a, b) => Number(b) - Number(a)));
    expect((await ask('GET', 'clients?tagsAny=page&limit=1&count=true')).headers.get('total-count')).toBe('7');
  });

  it('takes what GraphQL takes for a filter, a list as one name several times', async () => {
    const a = await make({ tags: ['x', 'y'], timeZone: 'Asia/Omsk' });
    const b = await make({ tags: ['x'], optedOut: true });
    const idsOf = async (query: string) =>
      (await ask('GET', `clients?${query}`)).body.map(({ id }: { id: string }) => id);
    expect(await idsOf('tagsAny=x')).toEqual([b.id, a.id]);
    expect(await idsOf('tagsAny=x&orderBy=OLDEST')).toEqual([a.id, b.id]);
    expect(await idsOf('tagsAll=x&tagsAll=y')).toEqual([a.id]);
    expect(await idsOf('tagsAny=x&optedOut=true')).toEqual([b.id]);
    expect(await idsOf('tagsAny=x&timeZones=asia/omsk')).toEqual([a.id]);
    expect(await idsOf(`phone=${a.phone}`)).toEqual([a.id]);
    const wrong = await ask('GET', 'clients?timeZones=UTC&timeZones=x&optedOut=maybe');
    expect(wrong.body.errors.map(({ field }: { field: string }) => field)).toEqual(['optedOut']);
    expect((await ask('GET', 'clients?timeZones=UTC&timeZones=x')).body.errors[0].field).toBe('timeZones.1');
  });
});

it('a person is erased by who holds access:admin, on record, and whoever asks later is told so', async () => {
  const { id, phone } = await make();
  const { headers } = await makeToken(running, ['clients:read', 'clients:write', 'clients:phones']);
  expect((await ask('POST', `clients/erase/${id}`, undefined, headers)).status).toBe(403);
  expect((await ask('POST', 'clients/erase/999999')).status).toBe(404);
  const erased = await ask('POST', `clients/erase/${id}`);
  expect([erased.status, erased.body]).toEqual([200, { clients: 1, messages: 0 }]);
  const later = await ask('GET', `clients/${id}`);
  expect([later.status, later.body.detail]).toEqual([
    404,
    expect.stringMatching(/^The personal data of this client was erased on \d{4}-\d\d-\d\d\.$/),
  ]);
  const { rows } = await running.database.pool.query(
    `select actor, details->'fields' as fields, outcome from audit_event where action = 'clientErase' and subject_id = $1`,
    [id],
  );
  expect(rows).toEqual([{ actor: 'admin', fields: [], outcome: 'DONE' }]);
  expect((await make({ phone })).id).not.toBe(id);
});
