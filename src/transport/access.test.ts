import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../access/secret.js';
import { LiveSocket } from '../testing/live-socket.js';
import { ADMIN_TOKEN, enter, expire, type RunningApi, send, startApi } from '../testing/running-api.js';

const WHO = '{ viewer { name } }';
let running: RunningApi;

beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());

/** Everybody who is to be kept out, and what each brings along. */
const strangers: Record<string, () => Promise<Record<string, string>>> = {
  nobody: async () => ({}),
  'a wrong token': async () => ({ authorization: `Bearer ${ADMIN_TOKEN}x` }),
  'a token that is a beginning of the right one': async () => ({ authorization: `Bearer ${ADMIN_TOKEN.slice(0, -1)}` }),
  'the token without its scheme': async () => ({ authorization: ADMIN_TOKEN }),
  'a made-up cookie': async () => ({ cookie: `heliograph_session=${'A'.repeat(43)}` }),
  'an expired session': async () => {
    const cookie = await enter(running);
    await expire(running, cookie);
    return { cookie };
  },
  'a session that signed out': async () => {
    const cookie = await enter(running);
    await send(`${running.url}/sign-out`, { method: 'POST', headers: { cookie } });
    return { cookie };
  },
  'the secret of a link as a session': async () => {
    const secret = (await running.api.adminLink()).split('/').at(-1);
    return { cookie: `heliograph_session=${secret}` };
  },
  'a good session with a wrong token': async () => ({ cookie: await enter(running), authorization: 'Bearer nonsense' }),
};

describe.each(Object.entries(strangers))('%s', (_who, bring) => {
  it('is kept out of queries over HTTP, whatever the query', async () => {
    const headers = await bring();
    for (const query of [WHO, '{ __typename }', '{ __schema { types { name } } }', 'not even graphql {']) {
      const answer = await running.ask(query, {}, headers);
      expect(answer.status).toBe(401);
      expect(answer.body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
      expect(answer.body.data).toBeUndefined();
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it('is kept out of GET and of the schema file', async () => {
    const headers = { 'apollo-require-preflight': 'yes', ...(await bring()) };
    expect((await send(`${running.url}/graphql?query=${encodeURIComponent(WHO)}`, { headers })).status).toBe(401);
    expect((await send(`${running.url}/schema.graphql`, { headers })).status).toBe(401);
  });

  it('is sent away from the WebSocket with 4401 before it is acknowledged', async () => {
    const { authorization, ...headers } = await bring();
    const live = new LiveSocket(running.url, { headers });
    await live.opened();
    live.say({ type: 'connection_init', ...(authorization && { payload: { authorization } }) });
    expect(await live.closed()).toEqual({ code: 4401, reason: 'Unauthorized' });
    await expect(live.next()).rejects.toThrow('closed');
  });
});

describe('the way in', () => {
  it('takes the admin token over HTTP and over WebSocket', async () => {
    expect((await running.ask(WHO)).body.data).toEqual({ viewer: { name: 'admin' } });
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', WHO);
    expect((await live.next('1')).payload.data).toEqual({ viewer: { name: 'admin' } });
    await live.close();
  });

  it('opens a session by the link, in a cookie that scripts and other sites do not get', async () => {
    const link = await running.api.adminLink();
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/enter\/[\w-]{43}$/);
    const { status, headers } = await send(link);
    expect([status, headers.get('location'), headers.get('cache-control')]).toEqual([302, '/', 'no-store']);
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^heliograph_session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    const days = (Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '') - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    const session = { cookie: cookie.split(';')[0] ?? '' };
    expect((await running.ask(WHO, {}, session)).body.data).toEqual({ viewer: { name: 'session' } });
    const live = new LiveSocket(running.url, { headers: session });
    await live.opened();
    live.say({ type: 'connection_init' });
    expect((await live.next()).type).toBe('connection_ack');
    await live.close();
  });

  it('ends the session that the browser had before, and its live sockets', async () => {
    const before = await enter(running);
    const live = new LiveSocket(running.url, { headers: { cookie: before } });
    await live.opened();
    live.say({ type: 'connection_init' });
    await live.next();
    await send(await running.api.adminLink(), { headers: { cookie: before } });
    expect((await live.closed()).code).toBe(4401);
    expect((await running.ask(WHO, {}, { cookie: before })).status).toBe(401);
  });

  it('takes a link once, also when two come at the same time', async () => {
    const link = await running.api.adminLink();
    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await send(link)).status));
    expect(statuses.filter((status) => status === 302)).toHaveLength(1);
    expect(statuses.filter((status) => status === 410)).toHaveLength(9);
    expect((await send(link)).headers.get('set-cookie')).toBeNull();
  });

  it('lets whoever opens the used link again in the same browser through', async () => {
    const link = await running.api.adminLink();
    const cookie = (await send(link)).headers.get('set-cookie')?.split(';')[0] ?? '';
    const again = await send(link, { headers: { cookie } });
    expect([again.status, again.headers.get('location')]).toEqual([302, '/']);
  });

  it('refuses a link whose hour is over', async () => {
    const link = await running.api.adminLink();
    const hash = hashSecret(link.split('/').at(-1) ?? '');
    const { rows } = await running.database.pool.query(
      `update session set expires_at = clock_timestamp() where secret_hash = $1
       returning extract(epoch from expires_at - created_at) as lived`,
      [hash],
    );
    expect(rows).toHaveLength(1);
    const answer = await send(link);
    expect(answer.status).toBe(410);
    expect(answer.text).toContain('a new one, good for one hour: npm run cli -- link');
  });

  it('does not use a link up by HEAD, as previews of links do', async () => {
    const link = await running.api.adminLink();
    await send(link, { method: 'HEAD' });
    expect((await send(link)).status).toBe(302);
  });

  it('keeps no secret of a link or session in the database, and none in the log', async () => {
    const link = await running.api.adminLink();
    const secret = link.split('/').at(-1) ?? '';
    await send(`${link}/`);
    await send(`${running.url}/enter/${secret}/x`);
    await send(`${running.url}/enter/${secret}?again=%zz`);
    await send(`${running.url}/enter/%zz${secret}`);
    await send(link, { method: 'POST' });
    const cookie = await enter(running);
    const { rows } = await running.database.pool.query<{ row: string }>('select session::text as row from session');
    const stored = rows.map(({ row }) => row).join();
    for (const hidden of [secret, cookie.split('=')[1] ?? 'none', ADMIN_TOKEN]) {
      expect(running.logged()).not.toContain(hidden);
      expect(stored).not.toContain(hidden);
    }
    expect(running.logged()).toContain('/enter/:secret');
  });
});
