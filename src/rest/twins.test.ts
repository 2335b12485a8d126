import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToken } from '../testing/credentials.js';
import { rest } from '../testing/rest.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { type Answer, type RunningApi, startApi } from '../testing/running-api.js';

let running: RunningApi;
let clients: string[];
let mailing: string;
beforeAll(async () => {
  running = await startApi();
  const { pool } = running.database;
  clients = [
    ...(await insertClients(pool, 2, { phone: '79160000001', tags: ['a', 'b'] })),
    ...(await insertClients(pool, 1, { phone: '79260000009', tags: ['a'], timeZone: 'Asia/Omsk' })),
  ];
  mailing = await insertMailing(pool, { text: 'Hello!', status: 'RUNNING' });
  await pool.query(
    `insert into message (mailing_id, id, kind, client_id, phone, time_zone, attributes, text, status, due_at, window_ends_at, plan, fence, sent_at)
     select $1, n, 'CAMPAIGN', ($2::bigint[])[n], '79160000001', 'Europe/Moscow', '{}', null, case n when 1 then 'SENT' else 'FAILED' end, now(), now(), 0, 1,
       case n when 1 then timestamptz '2026-03-01T10:00:00Z' end from generate_series(1, 3) n`,
    [mailing, clients],
  );
  await pool.query('insert into message_range (first, last, mailing_id) values (1, 3, $1)', [mailing]);
  await pool.query('update mailing set total = 3, sent = 1, failed = 2, launched_at = now() where id = $1', [mailing]);
});
afterAll(() => running.close());

const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  rest(running, method, path, body, headers);
const graphql = async (query: string) => (await running.ask(query)).body.data;
const idsOf = ({ body }: Answer) => body.map(({ id }: { id: string }) => id);

describe('REST says what GraphQL says', () => {
  it('of what clients have in common', async () => {
    const { clientFacets } = await graphql(
      `{ clientFacets(filter: { tagsAny: ["b"] }) { totalCount operatorCodes { value count } tags { value count } timeZones { value count } } }`,
    );
    expect(clientFacets).toMatchObject({ totalCount: 2, tags: [{ value: 'a', count: 2 }, expect.anything()] });
    expect((await ask('GET', 'clients/facets?tagsAny=b')).body).toEqual(clientFacets);
  });

  it('of an audience: how many it has exactly, some of them, and what is probably a slip', async () => {
    const { status, body } = await ask('POST', 'audience', { filter: { tagsAny: ['a', 'nobody'] }, first: 1 });
    expect([status, body.count, idsOf({ body: body.sample } as Answer)]).toEqual([200, 3, [clients[2]]]);
    expect(body.warnings).toEqual([expect.objectContaining({ field: 'filter.tagsAny.1', code: 'UNUSED_VALUE' })]);
    expect((await ask('POST', 'audience', {})).body.count).toBe(3);
    const wrong = await ask('POST', 'audience', { filter: { timeZones: ['Mars/Olympus'] } });
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([422, 'filter.timeZones.0']);
  });

  it('of messages in groups and in a stretch of time', async () => {
    const { body } = await ask('GET', 'statistics?groupBy=MAILING');
    expect(body.groups).toEqual([
      { key: mailing, name: 'test', messages: expect.objectContaining({ total: 3, failed: 2 }) },
    ]);
    const march = await ask('GET', 'statistics?from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z&groupBy=HOUR');
    expect(march.body).toMatchObject({
      messages: { total: 1, sent: 1 },
      groups: [{ key: '13', messages: { sent: 1 } }],
    });
    const inOmsk = await ask('GET', 'statistics?to=2026-04-01T00:00:00Z&groupBy=HOUR&timeZone=Asia/Omsk');
    expect(inOmsk.body.groups[0].key).toBe('16');
    const wrong = await ask('GET', 'statistics?from=2026-03-01T00:00:00Z&to=2026-03-01T00:00:00Z');
    expect([wrong.status, wrong.body.errors[0].field]).toEqual([422, 'to']);
    expect((await ask('GET', 'statistics')).body).toMatchObject({ groups: null, messages: { total: 3 } });
  });

  it('of the messages of all mailings, page by page', async () => {
    const first = await ask('GET', `messages?limit=2&count=true&statuses=FAILED&statuses=SENT&mailingId=${mailing}`);
    expect([idsOf(first), first.headers.get('total-count'), first.body[0].text]).toEqual([['3', '2'], '3', 'Hello!']);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    expect(idsOf(await ask('GET', next))).toEqual(['1']);
    expect(idsOf(await ask('GET', 'messages?orderBy=OLDEST'))).toEqual(['1', '2', '3']);
  });
});

describe('many clients', () => {
  it('are changed by a job that can be looked at and stopped', async () => {
    const made = await ask('POST', 'clients/bulk/tag', { filter: { tagsAny: ['a'] }, tags: ['c'] });
    const { id } = made.body;
    expect([made.status, made.headers.get('location')]).toEqual([202, `/api/v1/clients/jobs/${id}`]);
    expect(made.body).toMatchObject({ kind: 'TAG', status: 'QUEUED', createdBy: 'admin' });
    const key = { 'idempotency-key': 'once' };
    const same = [1, 2].map(() => ask('POST', 'clients/bulk/untag', { ids: [clients[0]], tags: ['c'] }, key));
    const [one, two] = await Promise.all(same);
    expect([one?.status, one?.body.id]).toEqual([202, two?.body.id]);
    expect(running.rings).toContainEqual({ name: 'client.job', payload: { jobId: id } });
    expect(await graphql(`{ clientJob(id: "${id}") { kind } }`)).toEqual({ clientJob: { kind: 'TAG' } });
    const { rows } = await running.database.pool.query(
      `select action from audit_event where subject_kind = 'clientJob' and subject_id = $1`,
      [id],
    );
    expect(rows).toEqual([{ action: 'clientsTag' }]);
    expect((await ask('GET', `clients/jobs/${id}`)).body.status).toBe('QUEUED');
    expect((await ask('POST', `clients/jobs/${id}/cancel`)).body.status).toBe('CANCELLED');
    for (const [name, kind] of [
      ['untag', 'UNTAG'],
      ['opt-out', 'OPT_OUT'],
      ['delete', 'DELETE'],
    ]) {
      const body = { ids: [clients[0]], ...(name === 'untag' && { tags: ['c'] }) };
      expect((await ask('POST', `clients/bulk/${name}`, body)).body.kind).toBe(kind);
    }
    const list = await ask('GET', 'clients/jobs?limit=3&count=true');
    expect([list.body.map(({ kind }: { kind: string }) => kind), list.headers.get('total-count')]).toEqual([
      ['DELETE', 'OPT_OUT', 'UNTAG'],
      '5',
    ]);
  });

  it.each([
    ['tag', { filter: { tagsAny: ['a'] } }, 400, 'tags'],
    ['delete', { filter: { tagsAny: ['a'] }, tags: ['b'] }, 400, 'tags'],
    ['delete', { filter: {} }, 422, 'filter'],
    ['delete', {}, 422, 'filter'],
    ['delete', { ids: ['x'] }, 404, 'ids'],
    ['opt-out', { filter: { timeZones: ['Mars/Olympus'] } }, 422, 'filter.timeZones.0'],
  ])('are not changed by what does not fit: %s %j', async (name, body, status, field) => {
    const answer = await ask('POST', `clients/bulk/${name}`, body);
    expect([answer.status, answer.body.errors[0].field]).toEqual([status, field]);
  });
});

describe('tokens', () => {
  it('are made with a secret that is shown once, listed and revoked', async () => {
    const made = await ask('POST', 'tokens', { name: 'script', scopes: ['clients:read'] });
    const { id, secret } = made.body;
    expect([made.status, made.headers.get('location')]).toEqual([201, `/api/v1/tokens/${id}`]);
    const headers = { authorization: `Bearer ${secret}` };
    expect((await ask('GET', 'clients', undefined, headers)).status).toBe(200);
    expect((await ask('GET', 'mailings', undefined, headers)).status).toBe(403);
    const { body, text } = await ask('GET', 'tokens');
    expect([body[0].id, body[0].scopes, text.includes(secret)]).toEqual([id, ['clients:read'], false]);
    expect([(await ask('DELETE', `tokens/${id}`)).status, (await ask('DELETE', 'tokens/999')).status]).toEqual([
      204, 404,
    ]);
    expect((await ask('GET', 'clients', undefined, headers)).status).toBe(401);
    expect((await ask('GET', 'tokens?everybodys=true')).body[0]).toMatchObject({ id, revokedAt: expect.any(String) });
    const { rows } = await running.database.pool.query(
      `select action from audit_event where subject_kind = 'token' and subject_id = $1 order by id`,
      [id],
    );
    expect(rows.map(({ action }) => action)).toEqual(['tokenCreate', 'tokenRevoke']);
  });

  it('are made by people, with no more than they may do themselves', async () => {
    const { headers } = await makeToken(running, ['clients:read', 'clients:write']);
    for (const answer of [
      await ask('POST', 'tokens', { name: 'child', scopes: ['clients:read'] }, headers),
      await ask('GET', 'tokens', undefined, headers),
    ]) {
      expect(answer.status).toBe(403);
    }
    const wrong = await ask('POST', 'tokens', {
      name: 'x',
      scopes: ['clients:all'],
      expiresAt: '2020-01-01T00:00:00Z',
    });
    expect([wrong.status, wrong.body.errors.map(({ field }: { field: string }) => field)]).toEqual([
      400,
      ['scopes.0', 'expiresAt'],
    ]);
  });
});
