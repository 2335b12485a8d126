import type { FastifyInstance } from 'fastify';
import { Counter, Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { createApp } from '../app.js';
import { loadConfig } from '../config.js';
import { recordingLog, send } from '../testing/running-api.js';
import { scrape } from '../testing/scrape.js';
import { createTestDatabase } from '../testing/test-database.js';
import { createHttp } from './http.js';
import { addMetrics, type MetricsAudience } from './metrics-route.js';

const TOKEN = 'canary-metrics-token-93af';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

async function serve(audience: MetricsAudience): Promise<string> {
  const registry = new Registry();
  new Counter({ name: 'canary_total', help: 'Counts nothing.', registers: [registry] });
  // A request that is injected never says that it has arrived, and has no socket that could be ended for it.
  app = await createHttp({ log: recordingLog().log, publicUrl: null, arriveWithinMs: 2 ** 31 - 1 });
  addMetrics(app, registry, audience);
  return await app.listen({ port: 0, host: '127.0.0.1' });
}
const asked = async (url: string, headers: Record<string, string> = {}) =>
  (await send(`${url}/metrics`, { headers })).status;

it('tells whoever brings the token, and nobody else, from wherever they ask', async () => {
  const url = await serve({ token: TOKEN, otherwise: 'everybody' });
  const told = await send(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  expect([told.status, told.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(told.text).toContain('canary_total 0');
  const wrong = [{}, { authorization: TOKEN }, { authorization: `Bearer ${TOKEN}x` }, { authorization: 'Bearer ' }];
  for (const headers of wrong) expect(await asked(url, headers)).toBe(401);
});

it('is closed where nobody has a token', async () => {
  const url = await serve({ token: null, otherwise: 'nobody' });
  const refused = await send(`${url}/metrics`);
  expect([refused.status, refused.body.errors[0].message]).toEqual([403, expect.stringContaining('METRICS_TOKEN')]);
});

it('is open to this machine on a laptop: not to what a proxy hands on, nor to a page of another site', async () => {
  const url = await serve({ token: null, otherwise: 'this-machine' });
  expect(await asked(url)).toBe(200);
  expect(await asked(url, { 'x-forwarded-for': '10.0.0.7' })).toBe(403);
  const named = await app!.inject({ url: '/metrics', headers: { host: 'rebound.example.org' } });
  expect(named.statusCode).toBe(403);
  const elsewhere = await app!.inject({ url: '/metrics', headers: { host: 'localhost' }, remoteAddress: '10.0.0.7' });
  expect(elsewhere.statusCode).toBe(403);
});

it('is told by a worker on METRICS_PORT, with whether it lives and what of it works', async () => {
  const database = await createTestDatabase();
  const env = {
    ROLE: 'worker',
    DATABASE_URL: database.url,
    CHANNEL: 'console',
    METRICS_PORT: '0',
    METRICS_TOKEN: TOKEN,
  };
  const worker = await createApp(loadConfig(env), { log: recordingLog().log, databaseUrl: database.url });
  const url = worker.metricsUrl!;
  expect((await send(`${url}/healthz`)).body).toEqual({ status: 'ok' });
  const { status, body } = await send(`${url}/readyz`);
  expect([status, body]).toEqual([200, { status: 'ready', parts: { database: true, scheduler: true } }]);
  expect(await asked(url)).toBe(401);
  const seen = await scrape(url, { authorization: `Bearer ${TOKEN}` });
  expect(seen.of('heliograph_build_info', { role: 'worker' })).toBe(1);
  expect(seen.of('heliograph_messages_total', { channel: 'console', outcome: 'accepted' })).toBe(0);
  // Of the whole installation only those tell who serve people: N workers would ask PostgreSQL N times.
  expect([...seen.types.keys()]).not.toContain('heliograph_backlog_messages');
  await worker.close();
  await expect(send(`${url}/healthz`)).rejects.toThrow();
  await database.drop();
});
