import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { ADMIN_TOKEN, enter, type RunningApi, startApi } from '../testing/running-api.js';

const AUTHORIZATION = `Bearer ${ADMIN_TOKEN}`;

let running: RunningApi;
beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());

function dial(url: string, options: { allowHalfOpen: boolean } = { allowHalfOpen: false }): Socket {
  const { hostname, port } = new URL(url);
  return connect({ host: hostname, port: Number(port), ...options });
}

/** A WebSocket's handshake, as a browser sends it. */
function handshake(path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'host: x',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n');
}

/** What the peer says until it ends its half. */
async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data) => {
    text += String(data);
  });
  await once(socket, 'end');
  return text;
}

describe('an upgrade', () => {
  it('that is refused leaves nothing open, even of a peer that never ends its half', async () => {
    const stopping = await startApi();
    const peer = dial(stopping.url, { allowHalfOpen: true });
    peer.on('error', () => {});
    const closed = new Promise((resolve) => peer.once('close', resolve));
    peer.write(handshake('/nowhere'));
    expect(await readAll(peer)).toMatch(/^HTTP\/1\.1 404 [\s\S]*"NOT_FOUND"/);
    // Writing is answered with a reset once there is nobody at the other end.
    const writing = setInterval(() => peer.write('x'), 10);
    await closed;
    clearInterval(writing);
    const other = dial(stopping.url, { allowHalfOpen: true });
    other.on('error', () => {});
    other.write(handshake('/nowhere'));
    await readAll(other);
    await stopping.close();
    other.destroy();
  });

  it.each(['h2c', 'TLS/1.0, websocket'])('to %s is passed over, and the request answered as any other', async (to) => {
    const peer = dial(running.url);
    const body = JSON.stringify({ query: '{ viewer { name } }' });
    const head = [
      'POST /graphql HTTP/1.1',
      'host: x',
      'connection: Upgrade, HTTP2-Settings, close',
      `upgrade: ${to}`,
      'http2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      `authorization: ${AUTHORIZATION}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    peer.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    const answer = await readAll(peer);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(answer).toContain('{"data":{"viewer":{"name":"admin"}},');
  });

  it.each(['/graphql', '/graphql/', '/graphql/?x=1'])('to a WebSocket is taken at %s', async (path) => {
    const peer = dial(running.url);
    peer.write(handshake(path));
    const [answer] = await once(peer, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /);
    peer.destroy();
  });
});

describe('a server that stops', () => {
  it('takes nobody back while it waits for one who does not read', { timeout: 10_000 }, async () => {
    const stopping = await startApi();
    const silent = await LiveSocket.admitted(stopping.url);
    silent.socket.pause();
    const eager = await LiveSocket.admitted(stopping.url);
    const back = eager.closed().then(async ({ code }) => {
      const again = new LiveSocket(stopping.url);
      return [code, await again.opened().catch((error: Error) => error.message)];
    });
    await stopping.close();
    expect(await back).toEqual([1001, 'Unexpected server response: 503']);
  });
});

describe('what connection_init brings', () => {
  const init = async (payload: object, headers: Record<string, string> = {}) => {
    const live = new LiveSocket(running.url, { headers });
    await live.opened();
    live.say({ type: 'connection_init', payload });
    return live;
  };

  it.each([
    ['an object', { authorization: { toString: 1 } }],
    ['a number', { authorization: 1 }],
    ['null', { authorization: null }],
    ['a list', { authorization: [AUTHORIZATION] }],
    ['two of it', { authorization: AUTHORIZATION, Authorization: AUTHORIZATION }],
    ['a wrong token, with a capital', { Authorization: `${AUTHORIZATION}x` }],
  ])('is refused with 4401 as authorization, whatever the cookie: %s', async (_what, payload) => {
    const live = await init(payload, { cookie: await enter(running) });
    expect(await live.closed()).toEqual({ code: 4401, reason: 'Unauthorized' });
    expect(running.logged()).not.toContain('"level":"error"');
  });

  it('may be spelled as the header is', async () => {
    const live = await init({ Authorization: AUTHORIZATION });
    expect((await live.next()).type).toBe('connection_ack');
    await live.close();
  });
});
