import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from './app.js';
import { loadConfig } from './config.js';
import { fixedSettings } from './settings/live-settings.js';
import { createSimulator, type Simulator } from './simulator/simulator.js';
import { LiveSocket } from './testing/live-socket.js';
import { LiveStream } from './testing/live-stream.js';
import { insertClients, insertMailing } from './testing/rows.js';
import { ADMIN_TOKEN, recordingLog, send } from './testing/running-api.js';
import { type Scrape, scrape } from './testing/scrape.js';
import { startTcpProxy, type TcpProxy } from './testing/tcp-proxy.js';
import { createTestDatabase, type TestDatabase } from './testing/test-database.js';

/** What is told for people to look at beside the rest, and never moves while a process lives. */
const CONSTANT = [
  'heliograph_build_info',
  'heliograph_pool_max_connections',
  'heliograph_requests_in_flight_limit',
] as const;
const CLIENTS = 60;

let dir: string;
let database: TestDatabase;
let proxy: TcpProxy;
let simulator: Simulator;
let app: App;
const scrapes: Scrape[] = [];
/** As after a reading of the settings that went wrong. */
const settingsProblems: string[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'heliograph-metrics-'));
  database = await createTestDatabase();
  await insertClients(database.pool, CLIENTS);
  proxy = await startTcpProxy(database.url);
  simulator = await createSimulator({ ledgerFile: join(dir, 'ledger.jsonl') });
  const config = loadConfig({
    PORT: '0',
    METRICS_PORT: '0',
    GATEWAY_URL: simulator.url,
    GATEWAY_TIMEOUT_MS: '5000',
    SWEEP_INTERVAL_MS: '200',
    ADMIN_TOKEN,
    REPORT_RECIPIENTS: 'boss@example.org',
    // Nobody is there.
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'heliograph@example.org',
  });
  const settings = { ...fixedSettings(config), problems: settingsProblems };
  app = await createApp(config, { log: recordingLog().log, databaseUrl: proxy.through(database.url), settings });
});
afterAll(async () => {
  await app.close();
  await simulator.close();
  await proxy.close();
  await database.drop();
  rmSync(dir, { recursive: true });
});

const look = async () => {
  const seen = await scrape(app.metricsUrl!);
  scrapes.push(seen);
  return seen;
};
const told = (name: string, labels: Record<string, string> = {}) =>
  expect.poll(async () => (await look()).of(`heliograph_${name}`, labels), { timeout: 15_000, interval: 100 });
const completed = async (id: string) => {
  const status = async () =>
    (await database.pool.query('select status from mailing where id = $1', [id])).rows[0].status;
  await expect.poll(status, { timeout: 30_000 }).toBe('COMPLETED');
  return (await database.pool.query('select * from mailing where id = $1', [id])).rows[0];
};
const gateway = { channel: 'gateway' };
/** Some 200 KB of an answer. */
const LARGE = '{ __schema { types { fields { name description type { ofType { fields { name description } } } } } } }';

test('the messages of a mailing are counted by what became of them, and the way they took', async () => {
  expect((await look()).of('heliograph_retries_total', { answer: 'serverError' })).toBe(0);
  await simulator.behave({
    latency: { minMs: 5, maxMs: 30 },
    outcomes: [
      { outcome: 'ok', weight: 6 },
      { outcome: '400' },
      { outcome: '500', weight: 2 },
      { outcome: 'drop-after-accept' },
    ],
  });
  const mailing = await completed(await insertMailing(database.pool));
  const seen = await look();
  const of = (name: string, labels: object = {}) => seen.of(`heliograph_${name}`, { ...gateway, ...labels })!;
  for (const status of ['sent', 'failed', 'expired', 'cancelled', 'unknown']) {
    expect([status, seen.of('heliograph_messages_finished_total', { status })]).toEqual([status, mailing[status]]);
  }
  expect(of('messages_total', { outcome: 'accepted' })).toBe(mailing.sent);
  const tried = ['accepted', 'rejected', 'retry', 'unknown'].map((outcome) => of('messages_total', { outcome }));
  for (const count of tried) expect(count).toBeGreaterThan(0);
  expect(of('claimed_messages_total')).toBe(of('messages_total'));
  expect(of('claims_total')).toBe(seen.of('heliograph_claim_duration_seconds_count'));
  expect(of('send_duration_seconds_count')).toBe(tried.reduce((a, b) => a + b));
  // On a busy machine a few may also wait in vain for their answer.
  for (const answer of ['serverError', 'broken']) expect(of('retries_total', { answer })).toBeGreaterThan(0);
  expect(of('retries_total')).toBe(
    of('messages_total', { outcome: 'retry' }) + of('messages_total', { outcome: 'unknown' }),
  );
  expect(seen.of('heliograph_record_duration_seconds_count')).toBeGreaterThan(0);
  for (const job of ['mailing.launch', 'mailing.dispatch', 'sweep']) {
    expect(seen.of('heliograph_job_duration_seconds_count', { job, outcome: 'done' })).toBeGreaterThan(0);
  }
  expect(seen.of('heliograph_job_duration_seconds_count', { outcome: 'failed' })).toBe(0);
});

test('FAULTS 9: a token that the gateway refuses opens the circuit, which is told, as is what waits behind it', async () => {
  await simulator.behave({ outcomes: [{ outcome: '401' }] });
  const id = await insertMailing(database.pool);
  await told('circuit_open', gateway).toBe(1);
  await told('retries_total', { ...gateway, answer: 'token' }).toBeGreaterThan(0);
  await told('backlog_messages').toBeGreaterThan(0);
  await told('oldest_due_age_seconds', { paced: 'no' }).toBeGreaterThan(0);
  expect((await look()).of('heliograph_open_messages', { mailing: 'running' })).toBe(CLIENTS);
  await simulator.behave({});
  await completed(id);
  await told('circuit_open', gateway).toBe(0);
  expect((await look()).of('heliograph_circuit_opened_total', gateway)).toBe(1);
  await told('backlog_messages').toBe(0);
});

test('what waits for permits is told, and is no backlog of those that could go', async () => {
  const id = await insertMailing(database.pool, { rateLimit: 6 });
  await told('rate_limit_wait_seconds_count', gateway).toBeGreaterThan(0);
  await told('oldest_due_age_seconds', { paced: 'yes' }).toBeGreaterThan(0);
  expect((await look()).of('heliograph_oldest_due_age_seconds', { paced: 'no' })).toBe(0);
  await database.pool.query(`update mailing set status = 'PAUSED' where id = $1`, [id]);
  await told('open_messages', { mailing: 'paused' }).toBeGreaterThan(0);
  await database.pool.query(`update mailing set status = 'RUNNING', rate_limit = null where id = $1`, [id]);
  await completed(id);
});

test('requests under way, and the jobs that wait for them', async () => {
  await simulator.behave({ outcomes: [{ outcome: 'slow', overMs: 700 }] });
  const id = await insertMailing(database.pool);
  await told('requests_in_flight', gateway).toBeGreaterThan(0);
  await told('jobs_running', { job: 'mailing.dispatch' }).toBeGreaterThan(0);
  await completed(id);
  await told('requests_in_flight', gateway).toBe(0);
});

test('a stop by hand, and how many processes there are', async () => {
  await database.pool.query(`insert into sending_stop (stopped_at, stopped_by) values (clock_timestamp(), 'test')`);
  await told('sending_stopped').toBe(1);
  await database.pool.query(`update sending_stop set resumed_at = clock_timestamp(), resumed_by = 'test'`);
  await told('processes', { role: 'all', state: 'alive' }).toBe(1);
  await database.pool.query(
    `insert into program_process (id, role, host, version, node_version, seen_at)
     values ('dead', 'worker', 'h', '1', '24', clock_timestamp() - interval '1 minute')`,
  );
  await told('processes', { role: 'worker', state: 'silent' }).toBe(1);
});

test('what became of the letters with the daily report', async () => {
  const late = async () => (await look()).of('heliograph_report_letters', { state: 'overdue' })!;
  const waits = async () => (await look()).of('heliograph_report_letters', { state: 'waiting' })!;
  expect((await late()) + (await waits())).toBe(1);
  const letters = () => database.pool.query(`update daily_report_letter set state = 'SENT' returning day`);
  await expect.poll(async () => (await letters()).rowCount, { timeout: 10_000 }).toBeGreaterThan(0);
  await told('report_letters', { state: 'sent' }).toBe(1);
});

test('what people ask, and what they leave open', async () => {
  const url = app.url!;
  const query = { query: '{ health { ready } }' };
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` };
  const ask = (body: object) => send(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
  await ask(query);
  expect((await look()).of('heliograph_http_request_duration_seconds_count', { route: '/graphql' })).toBe(1);
  await ask(query);
  await ask({ query: '{ nonsense }' });
  await send(`${url}/mailing/79001234567`);
  const seen = await look();
  expect(seen.of('heliograph_graphql_operations_total', { type: 'query', outcome: 'ok' })).toBe(2);
  expect(seen.of('heliograph_graphql_operations_total', { outcome: 'GRAPHQL_VALIDATION_FAILED' })).toBe(1);
  const posted = { method: 'POST', route: '/graphql' };
  expect(seen.of('heliograph_http_request_duration_seconds_count', posted)).toBe(3);
  expect(seen.series.map(({ series }) => series).join()).not.toContain('79001234567');

  const subscription = 'subscription { mailingChanged { version } }';
  const [socket, stream] = [await LiveSocket.admitted(url), await LiveStream.open(url, subscription)];
  socket.subscribe('a', subscription);
  await told('subscriptions').toBe(2);
  expect([seen.of('heliograph_sockets'), (await look()).of('heliograph_sockets')]).toEqual([0, 1]);
  expect((await look()).of('heliograph_event_streams')).toBe(1);
  // Whoever does not read, and asks for much.
  socket.socket.pause();
  for (let n = 0; n < 90; n += 1) socket.subscribe(`${n}`, LARGE);
  await told('socket_buffered_bytes').toBeGreaterThan(0);
  socket.socket.terminate();
  stream.close();
  await told('subscriptions').toBe(0);
});

test('pools: what is busy, and what waits for a connection', async () => {
  const { pool } = app.own!;
  await told('pool_connections', { pool: 'work', state: 'idle' }).toBeGreaterThan(0);
  // One of the sixteen always listens for the scheduler's bells.
  const held = await Promise.all(Array.from({ length: 15 }, () => pool.connect()));
  const waiting = pool.query('select 1');
  await told('pool_waiting_requests', { pool: 'work' }).toBeGreaterThan(0);
  expect((await look()).of('heliograph_pool_connections', { pool: 'work', state: 'busy' })).toBe(16);
  for (const client of held) client.release();
  await waiting;
});

test('settings that are wrong, and not in force for that', async () => {
  expect((await look()).of('heliograph_settings_wrong')).toBe(0);
  settingsProblems.push('config.yaml:1:1 pont is no setting');
  await told('settings_wrong').toBe(1);
});

test('with PostgreSQL away the metrics are told all the same, and what is not known is left out', async () => {
  proxy.cut();
  await told('part_works', { part: 'database' }).toBe(0);
  await told('part_works', { part: 'scheduler' }).toBe(0);
  await told('backlog_messages').toBeUndefined();
  expect((await look()).of('heliograph_processes')).toBeUndefined();
  expect((await send(`${app.metricsUrl}/readyz`)).body).toMatchObject({ parts: { database: false } });
  proxy.mend();
  await told('part_works', { part: 'scheduler' }).toBe(1);
  await told('backlog_messages').toBe(0);
});

test('each metric was seen to move', () => {
  const values = new Map<string, Set<string>>();
  for (const seen of scrapes) {
    for (const metric of seen.types.keys()) values.set(metric, values.get(metric) ?? new Set());
    for (const { metric, series, value } of seen.series) values.get(metric)?.add(`${series} ${value}`);
  }
  const series = (metric: string) =>
    new Set([...values.get(metric)!].map((sample) => sample.replace(/ \S+$/, ''))).size;
  const ours = [...values.keys()].filter((metric) => metric.startsWith('heliograph_'));
  const still = ours.filter((metric) => values.get(metric)!.size === series(metric));
  expect(still.sort()).toEqual([...CONSTANT].sort());
});

test('docs/metrics.md lists exactly what is told, with type and labels', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z]\w+)` \| (\w+) \| ([^|]*) \|/gm)];
  const stated = rows.map(
    ([, name, type, labels]) => `${name} ${type} ${[...labels!.matchAll(/`(\w+)`/g)].map(([, l]) => l).sort()}`,
  );
  const labelsOf = new Map<string, Set<string>>();
  for (const { series } of scrapes) {
    for (const { metric, labels } of series) {
      const known = labelsOf.get(metric) ?? new Set();
      for (const label of labels) if (label !== 'le') known.add(label);
      labelsOf.set(metric, known);
    }
  }
  const exposed = [...scrapes.at(-1)!.types].map(
    ([name, type]) => `${name} ${type} ${[...(labelsOf.get(name) ?? [])].sort()}`,
  );
  expect(stated.sort()).toEqual(exposed.sort());
});

test('no label is an id, a phone, or a text of anybody', () => {
  const allowed = /^(?:\+Inf|[\w. :/*{}-]*)$/;
  for (const { series } of scrapes.at(-1)!.series) {
    for (const [, value] of series.matchAll(/="([^"]*)"/g)) {
      expect(value).toMatch(allowed);
      expect(value).not.toMatch(/\d{6}/);
    }
  }
});
