import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { insertMailing } from '../testing/rows.js';
import { ADMIN_TOKEN, type RunningApi, startApi } from '../testing/running-api.js';

const INIT = { type: 'connection_init', payload: { authorization: `Bearer ${ADMIN_TOKEN}` } };
const PROGRESS = 'subscription ($id: ID!) { mailingProgress(mailingId: $id) { version } }';

let running: RunningApi;
let mailing: string;

beforeAll(async () => {
  running = await startApi();
  mailing = await insertMailing(running.database.pool);
});
afterAll(() => running.close());

async function opened(options?: ConstructorParameters<typeof LiveSocket>[1]): Promise<LiveSocket> {
  const live = new LiveSocket(running.url, options);
  await live.opened();
  return live;
}

describe('a WebSocket is closed', () => {
  it('with 4408 when nobody says who they are for three seconds', async () => {
    const live = await opened();
    expect(await live.closed()).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  it('with 4429 on a second connection_init', async () => {
    const live = await opened();
    live.say(INIT);
    live.say(INIT);
    expect((await live.closed()).code).toBe(4429);
  });

  it('with 4401 when an operation comes before connection_init', async () => {
    const live = await opened();
    live.subscribe('1', '{ viewer { name } }');
    expect((await live.closed()).code).toBe(4401);
  });

  it.each([
    ['text that is no JSON', '{"type":'],
    ['a message of no known type', '{"type":"start"}'],
    ['a number', '42'],
    ['an operation with no query', '{"type":"subscribe","id":"1","payload":{}}'],
  ])('with 4400 on %s', async (_what, text) => {
    const live = await opened();
    live.say(INIT);
    await live.next();
    live.socket.send(text);
    expect((await live.closed()).code).toBe(4400);
  });

  it('with 4406 when it speaks the older protocol', async () => {
    const live = new LiveSocket(running.url, { protocol: 'graphql-ws' });
    const { code } = await live.closed();
    // Without a protocol in common our client ends the handshake itself.
    expect([4406, 1006]).toContain(code);
  });

  it('with 4409 when an operation takes the id of one under way', async () => {
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', PROGRESS, { id: mailing });
    await live.next('1');
    live.subscribe('1', PROGRESS, { id: mailing });
    expect((await live.closed()).code).toBe(4409);
  });

  it('with 1009 on a message of more than 64 KB', async () => {
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', `{ viewer { name } } #${'x'.repeat(70_000)}`);
    expect((await live.closed()).code).toBe(1009);
  });
});

describe('on a WebSocket', () => {
  it('what is wrong with an operation is said, and the socket lives on', async () => {
    const live = await LiveSocket.admitted(running.url);
    const errorOf = async (query: string, variables?: object) => {
      live.subscribe('1', query, variables);
      const { type, payload } = await live.next('1');
      if (type === 'next') expect((await live.next('1')).type).toBe('complete');
      return (type === 'error' ? payload : payload.errors)[0];
    };
    expect((await errorOf('subscription {')).extensions.code).toBe('GRAPHQL_PARSE_FAILED');
    expect((await errorOf('subscription { nothing }')).extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((await errorOf(`{ ${'a: viewer { name } '.repeat(400)} }`)).message).toContain('token');
    expect((await errorOf(PROGRESS)).message).toContain('$id');
    expect((await errorOf('{ client(id: "1") { id } }')).extensions).toEqual({ code: 'NOT_FOUND', field: 'id' });
    live.subscribe('2', '{ viewer { name } }');
    expect((await live.next('2')).payload.data.viewer.name).toBe('admin');
    await live.close();
  });

  it('at most a hundred operations run at the same time', async () => {
    const live = await LiveSocket.admitted(running.url);
    for (let n = 1; n <= 101; n++) live.subscribe(String(n), PROGRESS, { id: mailing });
    const refused = await live.next('101');
    expect([refused.type, refused.payload[0].extensions.code]).toEqual(['error', 'RATE_LIMITED']);
    expect((await live.next('100')).type).toBe('next');
    await live.close();
  });

  it('nothing stays behind when operations end, by word or by cut', async () => {
    const quiet = async () => {
      while (running.live.watched > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await quiet();
    const polite = await LiveSocket.admitted(running.url);
    polite.subscribe('1', PROGRESS, { id: mailing });
    await polite.next('1');
    polite.say({ id: '1', type: 'complete' });
    await quiet();
    const cut = await LiveSocket.admitted(running.url);
    cut.subscribe('1', PROGRESS, { id: mailing });
    cut.subscribe('2', 'subscription ($id: ID!) { messageStatusChanged(mailingId: $id) { version } }', { id: mailing });
    await cut.next('1');
    await cut.next('2');
    expect(running.live.watched).toBe(1);
    cut.socket.terminate();
    await quiet();
    await polite.close();
  });

  it('subscribers are sent away when the server stops, so that they come back elsewhere', async () => {
    const stopping = await startApi();
    const live = await LiveSocket.admitted(stopping.url);
    live.subscribe('1', PROGRESS, { id: await insertMailing(stopping.database.pool) });
    await live.next('1');
    await stopping.close();
    expect((await live.closed()).code).toBe(1001);
  });
});
