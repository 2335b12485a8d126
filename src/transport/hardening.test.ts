import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { LiveStream } from '../testing/live-stream.js';
import { ADMIN_TOKEN, type RunningApi, send, startApi } from '../testing/running-api.js';

let running: RunningApi;
beforeAll(async () => {
  running = await startApi({ config: { production: true } });
});
afterAll(() => running.close());

interface Refusal {
  message: string;
  extensions: { code: string };
}

/** What is said against an operation; it is never executed. */
const transports: Record<string, (query: string) => Promise<Refusal>> = {
  HTTP: async (query) => {
    const { status, body } = await running.ask(query);
    expect([status, body.data]).toEqual([400, undefined]);
    return body.errors[0];
  },
  WebSocket: async (query) => {
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', query);
    const { type, payload } = await live.next('1');
    await live.close();
    expect(type).toBe('error');
    return payload[0];
  },
  'an event stream': async (query) => {
    const stream = await LiveStream.open(running.url, query);
    const { event, data } = await stream.next();
    expect([event, data.data]).toEqual(['next', undefined]);
    return data.errors[0];
  },
};

const times = (count: number, each: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => each(n)).join(' ');

describe.each(Object.entries(transports))('over %s it is refused before it is executed:', (_transport, refusalOf) => {
  it.each([
    ['a document of more than 1,000 tokens', `{ ${times(350, () => 'viewer { name }')} }`, /token/],
    [
      'fields nested too deep',
      `{ mailing(id: "1") { ${'messages(first: 1) { edges { node { mailing { '.repeat(4)} id ${'} '.repeat(16)} } }`,
      /deep/,
    ],
    ['more than 15 aliases', `{ ${times(16, (n) => `a${n}: viewer { name }`)} }`, /16 aliases/],
    ['more than 50 directives', `{ viewer { ${times(51, () => 'name @include(if: true)')} } }`, /51 directives/],
    ['a directive given twice', '{ viewer { name @include(if: true) @include(if: true) } }', /only be used once/],
    [
      'fragments that go in circles',
      '{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...a }',
      /within itself/,
    ],
    [
      'what may cost too much',
      '{ mailings(first: 99999999) { edges { node { messages(first: 99999999) { edges { node { id } } } } } } }',
      /more than 10000 entries/,
    ],
    ['introspection in production', '{ __schema { types { name } } }', /introspection/i],
    [
      'SQL in the place of an order',
      `{ clients(orderBy: "id; drop table client") { totalCount } }`,
      /cannot represent|Enum/,
    ],
  ])('%s', async (_what, query, said) => {
    const { message, extensions } = await refusalOf(query);
    expect(message).toMatch(said);
    expect(extensions).not.toHaveProperty('stacktrace');
    expect(extensions.code).toMatch(/^(BAD_USER_INPUT|GRAPHQL_\w+_FAILED)$/);
  });
});

it('a list that is asked for more than a hundred entries at once says so, and gives none', async () => {
  const { body } = await running.ask('{ clients(first: 99999999) { edges { node { id } } } }');
  expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT', field: 'first' } }] });
});

it('a body that is packed is not unpacked, so that a small one can not become a huge one', async () => {
  const bomb = gzipSync(JSON.stringify({ query: '{ viewer { name } }', variables: { x: 'x'.repeat(50_000_000) } }));
  expect(bomb.length).toBeLessThan(1_000_000);
  const headers = {
    authorization: `Bearer ${ADMIN_TOKEN}`,
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  };
  const answer = await send(`${running.url}/graphql`, { method: 'POST', headers, body: new Uint8Array(bomb) });
  expect(answer.status).toBe(400);
  expect(answer.body.errors[0].message).toContain('not valid JSON');
});

it('messages on a WebSocket are never packed, so that none can grow on arrival', async () => {
  const live = await LiveSocket.admitted(running.url);
  expect(live.socket.extensions).toBe('');
  await live.close();
});
