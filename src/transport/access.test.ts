import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../access/secret.js';
import { LiveSocket } from '../testing/live-socket.js';
import { insertMailing } from '../testing/rows.js';
import { ADMIN_TOKEN, type RunningApi, send, startApi } from '../testing/running-api.js';

const JSON_BODY = { 'content-type': 'application/json' };
const WHO = '{ viewer { name } }';
let running: RunningApi;

beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());

/** Opens a session by a fresh link; gives the Cookie header. */
async function enter(): Promise<string> {
  const { headers } = await send(await running.api.adminLink());
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function expire(cookie: string): Promise<void> {
  const hash = hashSecret(cookie.split('=')[1] ?? '');
  await running.database.pool.query('update session set expires_at = clock_timestamp() where secret_hash = $1', [hash]);
}

/** Everybody who is to be kept out, and what each brings along. */
const strangers: Record<string, () => Promise<Record<string, string>>> = {
  nobody: async () => ({}),
  'a wrong token': async () => ({ authorization: `Bearer ${ADMIN_TOKEN}x` }),
  'a token that is a beginning of the right one': async () => ({ authorization: `Bearer ${ADMIN_TOKEN.slice(0, -1)}` }),
  'the token without its scheme': async () => ({ authorization: ADMIN_TOKEN }),
  'a made-up cookie': async () => ({ cookie: `heliograph_session=${'A'.repeat(43)}` }),
  'an expired session': async () => {
    const cookie = await enter();
    await expire(cookie);
    return { cookie };
  },
  'a session that signed out': async () => {
    const cookie = await enter();
    await send(`${running.url}/sign-out`, { method: 'POST', headers: { cookie } });
    return { cookie };
  },
  'the secret of a link as a session': async () => {
    const secret = (await running.api.adminLink()).split('/').at(-1);
    return { cookie: `heliograph_session=${secret}` };
  },
  'a good session with a wrong token': async () => ({ cookie: await enter(), authorization: 'Bearer nonsense' }),
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
    expect(answer.text).toContain('new one');
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
    const cookie = await enter();
    const { rows } = await running.database.pool.query<{ row: string }>('select session::text as row from session');
    const stored = rows.map(({ row }) => row).join();
    for (const hidden of [secret, cookie.split('=')[1] ?? 'none', ADMIN_TOKEN]) {
      expect(running.logged()).not.toContain(hidden);
      expect(stored).not.toContain(hidden);
    }
    expect(running.logged()).toContain('/enter/:secret');
  });
});

describe('the end of a session', () => {
  it.each([
    [
      'signs out',
      async (cookie: string) => void (await send(`${running.url}/sign-out`, { method: 'POST', headers: { cookie } })),
    ],
    ['expires', expire],
  ])('closes its live sockets when it %s, and no others', async (_how, end) => {
    const mailing = await insertMailing(running.database.pool);
    const cookie = await enter();
    const mine = new LiveSocket(running.url, { headers: { cookie } });
    await mine.opened();
    mine.say({ type: 'connection_init' });
    await mine.next();
    mine.subscribe('1', 'subscription ($id: ID!) { mailingProgress(mailingId: $id) { version } }', { id: mailing });
    expect((await mine.next('1')).type).toBe('next');
    const others = await LiveSocket.admitted(running.url);
    const since = performance.now();
    await end(cookie);
    expect(await mine.closed()).toEqual({ code: 4401, reason: 'Unauthorized' });
    // The promise itself, with a wide margin on the usual two seconds.
    expect(performance.now() - since).toBeLessThan(5_000);
    others.subscribe('1', WHO);
    expect((await others.next('1')).type).toBe('next');
    await others.close();
  });

  it('is not brought about by another site', async () => {
    const cookie = await enter();
    const answer = await send(`${running.url}/sign-out`, {
      method: 'POST',
      headers: { cookie, origin: 'https://evil.example' },
    });
    expect(answer.status).toBe(403);
    expect((await running.ask(WHO, {}, { cookie })).status).toBe(200);
  });
});

describe('pages of other origins', () => {
  const upgrade = async (origin: string) => {
    const live = new LiveSocket(running.url, { headers: { origin } });
    return await new Promise((resolve) => {
      live.socket.once('open', () => resolve('open'));
      live.socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
    }).finally(() => live.socket.terminate());
  };

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'http://localhost', 'file://'])(
    'get no WebSocket: %s',
    async (origin) => {
      expect(await upgrade(origin)).toBe(403);
    },
  );

  it('get one when they are our own', async () => {
    expect(await upgrade(running.url)).toBe('open');
  });

  it('are not let read an answer by CORS', async () => {
    const preflight = await send(`${running.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'null', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    const answer = await running.ask(WHO, {}, { ...JSON_BODY, origin: 'null', authorization: `Bearer ${ADMIN_TOKEN}` });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a public address with https', () => {
  it('makes links and a Secure cookie for it, and takes its origin', async () => {
    const behindProxy = await startApi({ config: { publicUrl: 'https://mail.example' } });
    try {
      const link = new URL(await behindProxy.api.adminLink());
      expect(link.origin).toBe('https://mail.example');
      const { headers } = await send(`${behindProxy.url}${link.pathname}`);
      expect(headers.get('set-cookie')).toMatch(
        /^__Host-heliograph=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
      );
      expect(headers.get('strict-transport-security')).toContain('max-age');
      const live = new LiveSocket(behindProxy.url, { headers: { origin: 'https://mail.example' } });
      await live.opened();
      live.socket.terminate();
    } finally {
      await behindProxy.close();
    }
  });

  it('opens nothing by a bearer token where none is set', async () => {
    const closed = await startApi({ config: { adminToken: null } });
    try {
      for (const token of ['', 'null', 'undefined', ADMIN_TOKEN]) {
        expect((await closed.ask(WHO, {}, { authorization: `Bearer ${token}` })).status).toBe(401);
      }
    } finally {
      await closed.close();
    }
  });
});
