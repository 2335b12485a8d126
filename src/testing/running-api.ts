import { Writable } from 'node:stream';
import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { Registry } from 'prom-client';
import { hashSecret } from '../access/secret.js';
import { type Api, createApi } from '../api.js';
import type { Config } from '../config.js';
import { entities } from '../entities.js';
import { ChangeBell } from '../live/change-bell.js';
import { Live } from '../live/live.js';
import { Readiness } from '../operations/readiness.js';
import { createLogger, type Logger } from '../platform/log.js';
import { createOrm } from '../platform/orm.js';
import { createPool } from '../platform/pool.js';
import { stopInForce } from '../sending/sending-switch.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** The bearer token of every test API. */
export const ADMIN_TOKEN = 'canary-admin-token-4f1d9b';

/** A real server on a real database, without a worker. */
export interface RunningApi {
  api: Api;
  url: string;
  database: TestDatabase;
  live: Live;
  log: Logger;
  /** Everything that was logged, at every level. */
  logged(): string;
  /** Rings that mutations asked for. */
  rings: { name: string; payload: unknown }[];
  /** One operation over HTTP, as admin unless other headers are given. */
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  body: any;
}

export interface RunningApiOptions {
  config?: Partial<Config>;
  /** ms between looks of the live feed. */
  lookEveryMs?: number;
  /** Where the server finds the database, when a proxy stands before it. */
  databaseUrl?: (url: string) => Promise<string>;
  webFolder?: string;
}

/** Starts an API on a free port of 127.0.0.1. */
export async function startApi(options: RunningApiOptions = {}): Promise<RunningApi> {
  const database = await createTestDatabase();
  const databaseUrl = (await options.databaseUrl?.(database.url)) ?? database.url;
  const { log, logged } = recordingLog();
  const pools = ['api', 'live', 'files'].map((name) => createPool({ databaseUrl, max: 4, name, onError: () => {} }));
  const [pool, livePool, files] = pools as [pg.Pool, pg.Pool, pg.Pool];
  const orm: MikroORM = await createOrm({ databaseUrl, entities });
  const live = new Live({
    databaseUrl,
    pool: livePool,
    log,
    ...(options.lookEveryMs && { lookEveryMs: options.lookEveryMs }),
  });
  live.start();
  const rings: RunningApi['rings'] = [];
  const bell = new ChangeBell(pool);
  const config = {
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    adminToken: ADMIN_TOKEN,
    production: false,
    channel: 'gateway' as const,
    mail: null,
    jwt: null,
    oidc: null,
    trustProxy: [],
    importMaxBytes: 2 ** 30,
    apiRateLimit: 1_000,
    mongoUrl: null,
    report: { recipients: [], at: '08:00', timeZone: 'UTC' },
    metrics: { token: null, port: null },
    alarms: { recipients: [], stuckMinutes: 10, allowPrivate: false },
    gateway: { url: null, token: null, timeoutMs: 10_000, concurrency: 64, rateLimit: null },
    ...options.config,
  };
  const probes = {
    database: async () => (await pool.query('select 1')).rowCount === 1,
    live: () => live.listening,
  };
  const api = await createApi({
    config,
    settings: { now: config },
    pool,
    files,
    orm,
    live,
    log,
    registry: new Registry(),
    bell,
    scheduler: {
      ring: async (name, payload) => void rings.push({ name, payload }),
      jobs: async () => ({ jobs: [], total: 0 }),
    },
    readiness: new Readiness(probes, async () => (await stopInForce(pool)) !== null),
    ...(options.webFolder && { webFolder: options.webFolder }),
  });
  return {
    api,
    url: api.url,
    database,
    live,
    log,
    logged,
    rings,
    ask: (query, variables = {}, headers = { authorization: `Bearer ${ADMIN_TOKEN}` }) =>
      send(`${api.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      }),
    async close() {
      await api.close();
      await bell.flush();
      await live.close();
      await orm.close();
      await Promise.all(pools.map((each) => each.end()));
      await database.drop();
    },
  };
}

/** One request; redirects are shown, not followed. */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
  const body = isJson ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, body };
}

/** Opens a session by a fresh link; gives its Cookie header. */
export async function enter({ api }: RunningApi): Promise<string> {
  const { headers } = await send(await api.adminLink());
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** Ends the life of a session by the clock. */
export async function expire({ database }: RunningApi, cookie: string): Promise<void> {
  const hash = hashSecret(cookie.split('=')[1] ?? '');
  await database.pool.query('update session set expires_at = clock_timestamp() where secret_hash = $1', [hash]);
}

/** A log at its most talkative, kept in memory. @param secrets what main.ts would tell it never to write */
export function recordingLog(secrets: readonly string[] = []): { log: Logger; logged: () => string } {
  const lines: string[] = [];
  const destination = new Writable({
    write: (line, _encoding, done) => {
      lines.push(String(line));
      done();
    },
  });
  return { log: createLogger({ level: 'trace', pretty: false, destination, secrets }), logged: () => lines.join('') };
}
