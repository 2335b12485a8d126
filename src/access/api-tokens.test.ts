import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToken, type Person, signedIn } from '../testing/credentials.js';
import { LiveSocket } from '../testing/live-socket.js';
import { ADMIN_TOKEN, type Answer, enter, type RunningApi, startApi } from '../testing/running-api.js';
import { ALL_PERMISSIONS, ROLES } from './permission.js';

const WHO = '{ viewer { name role permissions } }';
const TOKENS =
  '{ tokens(first: 100) { edges { node { id name prefix scopes lastUsedAt revokedAt createdBy } } totalCount } }';
const CREATE = `mutation ($input: TokenInput!) {
  tokenCreate(input: $input) { token { id } secret userErrors { field message code } } }`;
const REVOKE = 'mutation ($id: ID!) { tokenRevoke(id: $id) { token { id revokedAt } userErrors { field code } } }';

let running: RunningApi;
let operator: Person;
beforeAll(async () => {
  running = await startApi();
  operator = await signedIn(running, 'operator');
});
afterAll(() => running.close());

const codeOf = ({ body }: Answer) => body.errors?.[0]?.extensions.code;
const sql = (text: string, values: unknown[]) => running.database.pool.query(text, values);

describe('a token', () => {
  it('is shown once, opens what it was made for, and is stored as a hash only', async () => {
    const { id, secret, headers } = await makeToken(running, ['clients:read', 'mailings:read'], operator.headers);
    expect(secret).toMatch(/^hg_[\w-]{43}$/);
    expect((await running.ask(WHO, {}, headers)).body.data.viewer).toEqual({
      name: 'token:script',
      role: 'OPERATOR',
      permissions: ['CLIENTS_READ', 'MAILINGS_READ'],
    });
    expect((await running.ask('{ clients { totalCount } }', {}, headers)).body.data).toEqual({
      clients: { totalCount: 0 },
    });
    expect(codeOf(await running.ask('mutation { sendingStop { sending { stopped } } }', {}, headers))).toBe(
      'FORBIDDEN',
    );
    const { text, body } = await running.ask(TOKENS, {}, operator.headers);
    expect(body.data.tokens.edges[0].node).toMatchObject({
      id,
      prefix: secret.slice(0, 11),
      createdBy: `user:${operator.email}`,
    });
    const { rows } = await sql('select t::text as row from api_token t', []);
    for (const shown of [text, running.logged(), JSON.stringify(rows)]) expect(shown).not.toContain(secret.slice(11));
  });

  it('opens nothing when a character of it is wrong, in its name or in its secret', async () => {
    const { secret } = await makeToken(running, ['clients:read']);
    for (const at of [4, 20, 45]) {
      const wrong = secret.slice(0, at) + (secret[at] === 'A' ? 'B' : 'A') + secret.slice(at + 1);
      expect((await running.ask(WHO, {}, { authorization: `Bearer ${wrong}` })).status).toBe(401);
    }
    for (const wrong of [secret.slice(0, -1), `${secret}A`, secret.slice(3), 'hg_']) {
      expect((await running.ask(WHO, {}, { authorization: `Bearer ${wrong}` })).status).toBe(401);
    }
  });

  it('can not be given what its maker may not do, nor nothing, nor a name of two lines, nor an end that has passed', async () => {
    const make = async (input: object) =>
      (await running.ask(CREATE, { input }, operator.headers)).body.data.tokenCreate;
    const beyond = await make({ name: 'a', scopes: ['CLIENTS_READ', 'ACCESS_ADMIN'] });
    expect(beyond).toMatchObject({
      token: null,
      secret: null,
      userErrors: [{ field: 'scopes', code: 'BAD_USER_INPUT' }],
    });
    const wrong = await make({ name: 'a\nb', scopes: [], expiresAt: '2020-01-01T00:00:00Z' });
    const fields = wrong.userErrors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(['name', 'scopes', 'expiresAt']);
  });

  it('never does more than its owner may by now', async () => {
    const person = await signedIn(running, 'admin');
    const { headers } = await makeToken(running, ALL_PERMISSIONS, person.headers);
    await sql(`update user_account set role = 'viewer' where id = $1`, [person.id]);
    const { viewer } = (await running.ask(WHO, {}, headers)).body.data;
    expect(viewer).toMatchObject({ role: 'VIEWER', permissions: ['CLIENTS_READ', 'MAILINGS_READ'] });
  });

  it('notes its use once a minute at the most', async () => {
    const { id, headers } = await makeToken(running, ['clients:read']);
    const used = async () => (await sql('select last_used_at, xmin from api_token where id = $1', [id])).rows[0];
    expect((await used()).last_used_at).toBeNull();
    await running.ask(WHO, {}, headers);
    const first = await used();
    expect(first.last_used_at).toBeInstanceOf(Date);
    await Promise.all(Array.from({ length: 5 }, () => running.ask(WHO, {}, headers)));
    expect(await used()).toEqual(first);
    await sql(`update api_token set last_used_at = last_used_at - interval '61 seconds' where id = $1`, [id]);
    await running.ask(WHO, {}, headers);
    expect((await used()).last_used_at.getTime()).toBeGreaterThan(first.last_used_at.getTime());
  });
});

describe('tokens', () => {
  it('are not made, listed or revoked by a token, which may end itself all the same', async () => {
    const { id, headers } = await makeToken(running, ROLES.operator, operator.headers);
    const other = await makeToken(running, ['clients:read'], operator.headers);
    expect(codeOf(await running.ask(CREATE, { input: { name: 'a', scopes: ['CLIENTS_READ'] } }, headers))).toBe(
      'FORBIDDEN',
    );
    expect(codeOf(await running.ask(TOKENS, {}, headers))).toBe('FORBIDDEN');
    const refused = await running.ask(REVOKE, { id: other.id }, headers);
    expect(refused.body.data.tokenRevoke).toEqual({ token: null, userErrors: [{ field: 'id', code: 'NOT_FOUND' }] });
    expect((await running.ask(REVOKE, { id }, headers)).body.data.tokenRevoke.userErrors).toEqual([]);
    expect((await running.ask(WHO, {}, headers)).status).toBe(401);
  });

  it('are seen and revoked by their owner and by who holds access:admin', async () => {
    const [mine, viewer] = [
      await makeToken(running, ['clients:read'], operator.headers),
      await signedIn(running, 'viewer'),
    ];
    expect((await running.ask(TOKENS, {}, viewer.headers)).body.data.tokens).toEqual({ edges: [], totalCount: 0 });
    expect((await running.ask(REVOKE, { id: mine.id }, viewer.headers)).body.data.tokenRevoke.userErrors).toHaveLength(
      1,
    );
    const everybodys = TOKENS.replace('first', 'everybodys: true, first');
    expect(codeOf(await running.ask(everybodys, {}, operator.headers))).toBe('FORBIDDEN');
    expect((await running.ask(everybodys)).text).toContain(mine.secret.slice(0, 11));
    const first = (await running.ask(REVOKE, { id: mine.id })).body.data.tokenRevoke.token;
    expect(first.revokedAt).not.toBeNull();
    expect((await running.ask(REVOKE, { id: mine.id }, operator.headers)).body.data.tokenRevoke.token).toEqual(first);
    for (const id of ['0', '9999999', 'x']) {
      expect((await running.ask(REVOKE, { id })).body.data.tokenRevoke.userErrors).toEqual([
        { field: 'id', code: 'NOT_FOUND' },
      ]);
    }
  });

  it('of the admin token and of the one-time link are listed to both, and to no user', async () => {
    const { secret } = await makeToken(running, ['clients:read']);
    const link = { cookie: await enter(running) };
    expect((await running.ask(TOKENS, {}, link)).text).toContain(secret.slice(0, 11));
    expect((await running.ask(TOKENS, {}, operator.headers)).text).not.toContain(secret.slice(0, 11));
  });
});

describe('the end of a token', () => {
  const endings: [string, string, number][] = [
    ['is revoked', 'update api_token set revoked_at = clock_timestamp() where id = $1', 4401],
    ['expires', 'update api_token set expires_at = clock_timestamp() where id = $1', 4401],
    [
      'loses its owner',
      'update user_account set disabled_at = clock_timestamp() where id = (select user_id from api_token where id = $1)',
      4401,
    ],
    [
      'may do less than it did',
      `update user_account set role = 'viewer' where id = (select user_id from api_token where id = $1)`,
      4403,
    ],
  ];
  it.each(endings)('closes its live sockets within five seconds when it %s', async (_how, statement, code) => {
    const person = await signedIn(running, 'operator');
    const { id, secret, headers } = await makeToken(running, ['mailings:read', 'mailings:write'], person.headers);
    const live = await LiveSocket.admitted(running.url, secret);
    const admin = await LiveSocket.admitted(running.url, ADMIN_TOKEN);
    live.subscribe('1', 'subscription { mailingChanged { version } }');
    expect((await live.next('1')).type).toBe('next');
    const since = performance.now();
    await sql(statement, [id]);
    expect((await live.closed()).code).toBe(code);
    expect(performance.now() - since).toBeLessThan(5_000);
    expect((await running.ask(WHO, {}, headers)).status).toBe(code === 4401 ? 401 : 200);
    admin.subscribe('1', WHO);
    expect((await admin.next('1')).type).toBe('next');
    await admin.close();
  });
});
