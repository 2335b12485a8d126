import { type GraphQLObjectType, getNamedType, isLeafType, isObjectType, isRequiredArgument } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Actor, ADMIN } from '../access/actor.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { makeToken } from '../testing/credentials.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { type RunningApi, send, startApi } from '../testing/running-api.js';
import { buildHeliographSchema } from './schema.js';

const PHONE = '79161234567';
const SPARE = '79261234568';
/** Any spelling of either. */
const EITHER = /9[12]6\D{0,3}123\D?45\D?6[78]/g;
const VIEWER = new Actor({ id: 'user:1', name: 'user:v@example.org', role: 'viewer' });
const NOT_PHONES = ['clients:read', 'clients:write', 'mailings:read', 'mailings:write', 'sending:control'] as const;
/** Somebody who may change mailings and yet see no phones. */
const NO_PHONES = new Actor({ id: 'token:1', name: 'token:t', role: 'operator', scopes: NOT_PHONES });

/** A client, a mailing and two messages with phones wherever one may be. */
async function fill({ pool }: TestApi['database']) {
  const attributes = { spare: '+7 (926) 123-45-68', number: Number(SPARE) };
  const [client] = await insertClients(pool, 1, { phone: PHONE, attributes, tags: [`friend of ${SPARE}`] });
  const text = 'Dear {{ phone }}, is it still {{ spare }}? Or call 8 800 555 35 35.';
  const mailing = await insertMailing(pool, { text, status: 'RUNNING' });
  const columns = `mailing_id, id, kind, client_id, phone, time_zone, attributes, text, status, due_at, window_ends_at, plan,
    fence, reason, attempt_fence, attempt_started_at, attempt_outcome`;
  for (const [id, kind, own] of [
    [1, 'CAMPAIGN', null],
    [2, 'TEST', `Try ${PHONE}`],
  ] as const) {
    await pool.query(
      `insert into message (${columns}) values
       ($1, $2, $3, $4, $5, 'Europe/Moscow', $6, $7, 'FAILED', now(), now(), 0, 2, $8, 2, now(), 'rejected')`,
      [mailing, id, kind, client, PHONE, attributes, own, `no such number: 8-916-123-45-67`],
    );
    await pool.query(
      `insert into message_attempt (mailing_id, message_id, fence, started_at, outcome, reason) values ($1, $2, 1, now(), 'retry', $3)`,
      [mailing, id, `${PHONE} is busy`],
    );
  }
  await pool.query(`insert into message_range (first, last, mailing_id) values (0, 10, $1)`, [mailing]);
  await pool.query('update mailing set total = 1, failed = 1, launched_at = now() where id = $1', [mailing]);
  return { client: client!, mailing };
}

const schema = buildHeliographSchema({ get: () => undefined as never }, null);

/** A selection of everything below a type that needs no argument, so deep; nothing twice on one way. */
function everything(type: GraphQLObjectType, depth: number, above: readonly string[] = []): string {
  const parts = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return [];
    const next = getNamedType(field.type);
    if (isLeafType(next)) return [field.name];
    if (!isObjectType(next) || depth === 0 || above.includes(next.name)) return [];
    const inner = everything(next, depth - 1, [...above, type.name]);
    return inner === '' ? [] : [`${field.name} { ${inner} }`];
  });
  return parts.join(' ');
}

describe('a phone, through every field of GraphQL', () => {
  let api: TestApi;
  let ids: { client: string; mailing: string };
  beforeAll(async () => {
    api = await createTestApi();
    ids = await fill(api.database);
  });
  afterAll(() => api.close());

  it.each([
    ['client', () => `client(id: ${ids.client})`],
    ['clients', () => 'clients'],
    ['mailing', () => `mailing(id: ${ids.mailing})`],
    ['mailings', () => 'mailings'],
    ['message', () => 'message(id: 1)'],
    ['message', () => 'message(id: 2)'],
  ])('is whole for who may see it and masked for who may not: %s', async (field, asked) => {
    const type = getNamedType(schema.getQueryType()!.getFields()[field]!.type) as GraphQLObjectType;
    const source = `{ ${asked()} { ${everything(type, 6)} } }`;
    const [whole, masked] = [await api.execute(source, {}, ADMIN), await api.execute(source, {}, VIEWER)];
    expect([whole.errors, masked.errors]).toEqual([undefined, undefined]);
    const found = JSON.stringify(whole.data).match(EITHER) ?? [];
    expect(found.length).toBeGreaterThan(3);
    expect(JSON.stringify(masked.data)).not.toMatch(EITHER);
    // Nothing else is taken away: the text as it was written has its own number still.
    expect(JSON.stringify(masked.data).match(/79\*{5}456[78]/g)).toHaveLength(found.length);
    if (field.startsWith('mailing')) expect(JSON.stringify(masked.data)).toContain('8 800 555 35 35');
  });

  it.each([
    ['by the whole of it', 'clients(filter: { phone: "8 916 123-45-67" }) { totalCount }', 'filter.phone'],
    ['by a part of it', 'clients(filter: { phoneContains: "4567" }) { totalCount }', 'filter.phoneContains'],
    ['by the order of them', 'clients(orderBy: PHONE) { totalCount }', 'orderBy'],
    [
      'by facets of those who have it',
      'clientFacets(filter: { phoneContains: "4567" }) { __typename }',
      'filter.phoneContains',
    ],
    ['by messages to it', 'messages(filter: { phone: "79161234567" }) { totalCount }', 'filter.phone'],
    [
      'by what the gateway said of it',
      'messages(filter: { reasonContains: "4567" }) { totalCount }',
      'filter.reasonContains',
    ],
    [
      'by which messages would be tried again',
      'mailingRetryFailed(id: "1", filter: { reasonContains: ": 8-9" }) { retriedCount }',
      'filter.reasonContains',
    ],
    [
      'by the whole reason of a group that is tried again',
      'mailingRetryFailed(id: "1", filter: { group: { reason: "no such phone: 8-916-123-45-67" } }) { retriedCount }',
      'filter.group.reason',
    ],
    [
      'by what it said, digit by digit',
      'messages(filter: { reasonContains: ": 8-9" }) { totalCount }',
      'filter.reasonContains',
    ],
  ])('is not to be found out %s', async (_how, asked, field) => {
    const source = `${asked.startsWith('mailingRetry') ? 'mutation' : ''} { ${asked} }`;
    const { errors } = await api.execute(source, {}, NO_PHONES);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'FORBIDDEN', field });
    expect((await api.execute(source, {}, ADMIN)).errors).toBeUndefined();
  });

  it('need not be seen to try again those of a reason that holds none', async () => {
    const asked = (reason: string) =>
      `mutation { mailingRetryFailed(id: "1", filter: { group: { reason: "${reason}" } }) { retriedCount } }`;
    expect((await api.execute(asked('the gateway answered 422'), {}, NO_PHONES)).errors).toBeUndefined();
    // It was shown masked, and no message has it like that.
    const { errors } = await api.execute(asked('no such phone: 79*****4567'), {}, NO_PHONES);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'FORBIDDEN', field: 'filter.group.reason' });
  });

  it('is not to be found out by the names of mailings either, where other digits are found', async () => {
    const { pool } = api.database;
    const id = await insertMailing(pool, { text: 'Hello' });
    await pool.query(`update mailing set name = 'Spring 2031, ring 8 (916) 123-45-67' where id = $1`, [id]);
    const count = async (part: string, actor: Actor) => {
      const asked = `{ mailings(filter: { textContains: "${part}" }) { totalCount } }`;
      return ((await api.execute(asked, {}, actor)).data as { mailings: { totalCount: number } }).mailings.totalCount;
    };
    for (const part of ['8 (916) 1', '3-45', 'ring 8']) {
      expect([part, await count(part, ADMIN), await count(part, VIEWER)]).toEqual([part, 1, 0]);
    }
    expect(await count('Spring 2031', VIEWER)).toBe(1);
  });
});

describe('a phone, through every address of REST', () => {
  let running: RunningApi;
  beforeAll(async () => {
    running = await startApi();
  });
  afterAll(() => running.close());

  it('is whole for who may see it and masked for who may not', async () => {
    const { client, mailing } = await fill(running.database);
    const { headers } = await makeToken(running, NOT_PHONES);
    const admin = (await makeToken(running, [...NOT_PHONES, 'clients:phones'])).headers;
    const { body: document } = await send(`${running.url}/openapi.json`, { headers });
    let shown = 0;
    for (const [path, methods] of Object.entries<object>(document.paths)) {
      if (!('get' in methods)) continue;
      const id = path.includes('/mailings/') ? mailing : path.includes('/messages/') ? '1' : client;
      const url = running.url + path.replaceAll(/\{\w+\}/g, id);
      const [whole, masked] = [await send(url, { headers: admin }), await send(url, { headers })];
      shown += whole.text.match(EITHER)?.length ?? 0;
      expect([path, masked.text.match(EITHER)]).toEqual([path, null]);
    }
    expect(shown).toBeGreaterThan(10);
  });
});
