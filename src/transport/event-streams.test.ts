import { buildSchema } from 'graphql';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBareServer } from '../testing/bare-server.js';
import { makeToken, signedIn } from '../testing/credentials.js';
import { LiveStream } from '../testing/live-stream.js';
import { insertMailing } from '../testing/rows.js';
import { ADMIN_TOKEN, enter, type RunningApi, send, startApi } from '../testing/running-api.js';
import { launchedMailing, STATUS_QUERY, writeVersions } from '../testing/status-events.js';

const PROGRESS = 'subscription ($id: ID!) { mailingProgress(mailingId: $id) { version } }';
const ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}` };

let running: RunningApi;
let mailing: string;
beforeAll(async () => {
  running = await startApi();
  mailing = await insertMailing(running.database.pool);
});
afterAll(() => running.close());

const watching = (headers?: Record<string, string>) => LiveStream.open(running.url, PROGRESS, { id: mailing }, headers);
const inAddress = (query: string, variables: string) =>
  `${running.url}/graphql/stream?${new URLSearchParams({ query, variables })}`;

describe('an event stream', () => {
  it('tells the state first and then what happens, and nothing stays behind when its reader goes away', async () => {
    const launched = await launchedMailing(running);
    const stream = await LiveStream.open(running.url, STATUS_QUERY, { mailing: launched });
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect((await stream.data()).messageStatusChanged).toMatchObject({ snapshot: true, version: '0' });
    await writeVersions(running, launched, 1, 1);
    expect((await stream.data()).messageStatusChanged).toMatchObject({
      snapshot: false,
      changes: [{ messageId: '1' }],
    });
    expect(running.live.watched).toBe(1);
    stream.close();
    await expect.poll(() => running.live.watched).toBe(0);
  });

  it('is what the client of graphql-sse reads', async () => {
    const client = createClient({ url: `${running.url}/graphql/stream`, headers: ADMIN, retryAttempts: 0 });
    for await (const result of client.iterate({ query: PROGRESS, variables: { id: mailing } })) {
      expect(result.data).toEqual({ mailingProgress: { version: '0' } });
      break;
    }
    await expect(client.iterate({ query: '{ viewer { name } }' }).next()).resolves.toMatchObject({
      value: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    });
    client.dispose();
  });

  it('says in the stream what is wrong with the operation, as browsers tell nothing else', async () => {
    const errorOf = async (query: string, variables?: object) => {
      const stream = await LiveStream.open(running.url, query, variables);
      const { event, data } = await stream.next();
      expect([stream.status, event, await stream.next(), await stream.next()]).toEqual([
        200,
        'next',
        { event: 'complete', data: undefined },
        { event: 'end' },
      ]);
      return data.errors[0].extensions;
    };
    expect(await errorOf('subscription {')).toEqual({ code: 'GRAPHQL_PARSE_FAILED' });
    expect(await errorOf('subscription { nothing }')).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
    expect(await errorOf('mutation { sendingResume { userErrors { code } } }')).toEqual({ code: 'BAD_USER_INPUT' });
    expect(await errorOf(PROGRESS)).toEqual({ code: 'BAD_USER_INPUT' });
    expect(await errorOf(PROGRESS, { id: '999999999' })).toEqual({ code: 'NOT_FOUND', field: 'mailingId' });
  });

  it.each<[string, number, RequestInit & { at?: string }]>([
    ['no stream is wanted', 406, { headers: ADMIN }],
    ['there is no query', 400, { headers: { ...ADMIN, accept: 'text/event-stream' }, at: '' }],
    [
      'variables are no JSON',
      400,
      { headers: { ...ADMIN, accept: 'text/event-stream' }, at: '?query=x&variables=%7B' },
    ],
    ['nobody asks', 401, { headers: { accept: 'text/event-stream' } }],
    [
      'the body is too large',
      413,
      {
        method: 'POST',
        headers: { ...ADMIN, accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'x', variables: { x: 'x'.repeat(70_000) } }),
      },
    ],
    [
      'the body is a form of another site',
      415,
      { method: 'POST', headers: { ...ADMIN, accept: 'text/event-stream', 'content-type': 'text/plain' }, body: '{}' },
    ],
  ])('is not begun when %s', async (_why, status, { at = '?query=x', ...init }) => {
    const answer = await send(`${running.url}/graphql/stream${at}`, init);
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([
      status,
      status === 401 ? 'UNAUTHENTICATED' : 'BAD_USER_INPUT',
    ]);
  });

  it('ends within seconds of its token’s end and says so, and no other does', async () => {
    const token = await makeToken(running, ['mailings:read']);
    const launched = await launchedMailing(running);
    const [mine, other] = [
      await watching(token.headers),
      await LiveStream.open(running.url, STATUS_QUERY, { mailing: launched }),
    ];
    await Promise.all([mine.data(), other.data()]);
    await running.ask('mutation ($id: ID!) { tokenRevoke(id: $id) { userErrors { code } } }', { id: token.id });
    const { event, data } = await mine.next();
    expect([event, data.errors[0].extensions.code]).toEqual(['next', 'UNAUTHENTICATED']);
    expect([(await mine.next()).event, (await mine.next()).event]).toEqual(['complete', 'end']);
    expect((await watching(token.headers)).status).toBe(401);
    await writeVersions(running, launched, 1, 1);
    expect((await other.next()).event).toBe('next');
    other.close();
  });

  it('ends once its reader may do other things than before', async () => {
    const person = await signedIn(running, 'operator');
    const stream = await watching(person.headers);
    await stream.data();
    await running.database.pool.query(`update user_account set role = 'viewer' where id = $1`, [person.id]);
    const { data } = await stream.next();
    expect(data.errors[0].extensions.code).toBe('FORBIDDEN');
    expect([(await stream.next()).event, (await stream.next()).event]).toEqual(['complete', 'end']);
  });

  it.each<[number, Record<string, string>]>([
    [403, { origin: 'https://evil.example' }],
    [403, { origin: 'null' }],
    [403, { 'sec-fetch-site': 'same-site' }],
    [403, { 'sec-fetch-site': 'cross-site' }],
    [200, { 'sec-fetch-site': 'same-origin' }],
    [200, {}],
  ])('is answered with %i to a cookie that came with %o', async (status, headers) => {
    const own = { cookie: await enter(running), accept: 'text/event-stream', ...headers };
    const stop = new AbortController();
    const get = await fetch(inAddress(PROGRESS, JSON.stringify({ id: mailing })), {
      headers: own,
      signal: stop.signal,
    });
    const post = await watching(own);
    expect([get.status, post.status]).toEqual([status, status]);
    stop.abort();
    post.close();
  });

  it('is one of a hundred that somebody may have at the same time; one that goes away frees its place', async () => {
    const token = await makeToken(running, ['mailings:read']);
    const streams = await Promise.all(Array.from({ length: 100 }, () => watching(token.headers)));
    expect(streams.every(({ status }) => status === 200)).toBe(true);
    expect((await watching(token.headers)).status).toBe(429);
    const other = await watching();
    expect(other.status).toBe(200);
    streams[0]?.close();
    const again = async () => {
      const stream = await watching(token.headers);
      if (stream.status === 200) streams.push(stream);
      return stream.status;
    };
    await expect.poll(again).toBe(200);
    expect((await watching(token.headers)).status).toBe(429);
    for (const stream of [...streams, other]) stream.close();
    await expect.poll(() => running.live.watched).toBe(0);
  });

  it('is cut off without a last word when the server stops, so that its reader comes back elsewhere', async () => {
    const stopping = await startApi();
    const id = await insertMailing(stopping.database.pool);
    const stream = await LiveStream.open(stopping.url, PROGRESS, { id });
    await stream.data();
    await stopping.close();
    expect((await stream.next()).event).toBe('cut');
  });
});

it('asks for no event before the one before it was taken, so one who does not read costs next to nothing', async () => {
  const total = 32;
  const asked: number[] = [];
  const schema = buildSchema('type Query { a: Int } type Subscription { large(nr: Int!): String }');
  schema.getSubscriptionType()!.getFields()['large']!.subscribe = async function* (_root, { nr }) {
    for (let n = 0; n < total; n++) {
      asked[nr] = n + 1;
      yield { large: `${n}:${'x'.repeat(1_000_000)}` };
    }
  };
  const server = await startBareServer(schema);
  const open = (nr: number) => LiveStream.open(server.url, 'subscription ($nr: Int!) { large(nr: $nr) }', { nr });
  const readAll = async (stream: LiveStream) => {
    for (let n = 0; n < total; n++) expect((await stream.data()).large).toMatch(new RegExp(`^${n}:x`));
    expect((await stream.next()).event).toBe('complete');
  };
  const [stuck, reader] = [await open(0), await open(1)];
  await readAll(reader);
  // Both systems' own buffers take some MB.
  expect(asked[0]).toBeLessThan(total / 2);
  await readAll(stuck);
  await server.close();
});
