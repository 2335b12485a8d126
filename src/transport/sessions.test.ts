import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { insertMailing } from '../testing/rows.js';
import { ADMIN_TOKEN, enter, expire, type RunningApi, send, startApi } from '../testing/running-api.js';

const WHO = '{ viewer { name } }';
let running: RunningApi;

beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());

describe('the end of a session', () => {
  it.each([
    [
      'signs out',
      async (cookie: string) => void (await send(`${running.url}/sign-out`, { method: 'POST', headers: { cookie } })),
    ],
    ['expires', (cookie: string) => expire(running, cookie)],
  ])('closes its live sockets when it %s, and no others', async (_how, end) => {
    const mailing = await insertMailing(running.database.pool);
    const cookie = await enter(running);
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
    const cookie = await enter(running);
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
    const answer = await running.ask(WHO, {}, { origin: 'null', authorization: `Bearer ${ADMIN_TOKEN}` });
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
