import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from './app.js';
import { type Environment, loadConfig } from './config.js';
import { insertClients } from './testing/rows.js';
import { ADMIN_TOKEN, recordingLog, send } from './testing/running-api.js';
import { createTestDatabase } from './testing/test-database.js';

const CLIENTS = 30;
const TEXT = 'canary text';
/** As a program that calls us would send it. */
const CALLER = { traceId: 'c0ffee00c0ffee00c0ffee00c0ffee00', spanId: 'c0ffee00c0ffee00' };

/** What OTLP tells of a span, in JSON. */
interface ToldSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

/** A server that takes whatever comes, and keeps it. */
async function startTaker() {
  const taken: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    taken.push({ url: request.url!, headers: request.headers, body });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"code":0,"message":"OK"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken };
}

async function startFleet(env: Environment) {
  const database = await createTestDatabase();
  await insertClients(database.pool, CLIENTS);
  const gateway = await startTaker();
  const shared = {
    DATABASE_URL: database.url,
    GATEWAY_URL: gateway.url,
    SWEEP_INTERVAL_MS: '200',
    ADMIN_TOKEN,
    PORT: '0',
  };
  const start = (ROLE: string) =>
    createApp(loadConfig({ ...shared, ...env, ROLE }), { log: recordingLog().log, databaseUrl: database.url });
  const [api, worker] = [await start('api'), await start('worker')];
  const close = async () => {
    await api.close();
    await worker.close();
    await database.drop();
  };
  const create = async (headers: Record<string, string> = {}) => {
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const query = `mutation Send($input: MailingInput!) { mailingCreate(input: $input) { mailing { id } userErrors { message } } }`;
    const input = { name: 'traced', text: TEXT, filter: {}, endsAt };
    const { body } = await send(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
      body: JSON.stringify({ query, variables: { input } }),
    });
    expect(body.errors ?? body.data.mailingCreate.userErrors).toEqual([]);
    return body.data.mailingCreate.mailing.id as string;
  };
  const completed = (id: string) =>
    expect
      .poll(async () => (await database.pool.query('select status from mailing where id = $1', [id])).rows[0].status, {
        timeout: 20_000,
      })
      .toBe('COMPLETED');
  return { database, gateway, create, completed, close };
}

test('one trace goes from the mutation over the launch and a batch to the gateway, through two processes and PostgreSQL', async () => {
  const collector = await startTaker();
  const fleet = await startFleet({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20canary',
  });
  const id = await fleet.create({ traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` });
  await fleet.completed(id);
  // What is not told yet is told at the end.
  await fleet.close();
  expect(new Set(collector.taken.map(({ url, headers }) => `${url} ${headers.authorization}`))).toEqual(
    new Set(['/v1/traces Bearer canary']),
  );
  type Told = { resourceSpans: { scopeSpans: { spans: ToldSpan[] }[] }[] };
  const spans = collector.taken
    .flatMap(({ body }) => (JSON.parse(body) as Told).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  const ours = spans.filter(({ traceId }) => traceId === CALLER.traceId);
  const named = (name: string) => ours.filter((span) => span.name === name);
  const [mutation, ...noOther] = named('mutation Send');
  const [launch, ...noSecond] = named('mailing.launch');
  expect([noOther, noSecond]).toEqual([[], []]);
  expect([mutation!.parentSpanId, launch!.parentSpanId]).toEqual([CALLER.spanId, mutation!.spanId]);
  const batches = named('send batch');
  expect(batches.length).toBeGreaterThan(0);
  expect(new Set(batches.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([launch!.spanId]));
  const batchIds = new Set(batches.map(({ spanId }) => spanId));
  const attempts = named('attempt');
  for (const span of [...attempts, ...named('claim'), ...named('record')])
    expect(batchIds).toContain(span.parentSpanId);
  expect(named('record')).toHaveLength(batches.length);
  // The first twenty of each batch, and the gateway was told of each.
  expect(attempts).toHaveLength(Math.min(CLIENTS, 20 * batches.length));
  const told = fleet.gateway.taken
    .map(({ headers }) => headers['traceparent'])
    .filter((header) => header !== undefined);
  expect(told.sort()).toEqual(attempts.map(({ spanId }) => `00-${CALLER.traceId}-${spanId}-01`).sort());
  for (const { startTimeUnixNano, endTimeUnixNano } of ours) {
    expect(Number(endTimeUnixNano)).toBeGreaterThanOrEqual(Number(startTimeUnixNano));
    expect(Math.abs(Number(startTimeUnixNano) / 1e6 - Date.now())).toBeLessThan(600_000);
  }
  const said = collector.taken.map(({ body }) => body).join();
  expect(said).toContain(`"${id}"`);
  expect(said).not.toContain(TEXT);
  expect(said).not.toMatch(/790000000\d\d/);
  expect(said).not.toContain(ADMIN_TOKEN);
});

test('without a collector nothing is traced, and the gateway is told of no trace', async () => {
  const fleet = await startFleet({});
  const id = await fleet.create({ traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` });
  await fleet.completed(id);
  expect((await fleet.database.pool.query('select traceparent from mailing')).rows).toEqual([{ traceparent: null }]);
  await fleet.close();
  expect(fleet.gateway.taken).toHaveLength(CLIENTS);
  expect(fleet.gateway.taken.map(({ headers }) => headers['traceparent'])).toEqual(Array(CLIENTS).fill(undefined));
});
