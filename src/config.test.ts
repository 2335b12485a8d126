import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, type Environment, loadConfig, SETTING_NAMES, secretsOf } from './config.js';

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('runs a demo on the embedded parts when nothing is set', () => {
  expect(loadConfig({})).toEqual({
    port: 4000,
    host: '127.0.0.1',
    importMaxBytes: 2 ** 30,
    auditDays: 400,
    retentionDays: null,
    apiRateLimit: 1_000,
    dataDir: resolve('.data'),
    databaseUrl: null,
    mongoUrl: null,
    gateway: { url: null, token: null, timeoutMs: 10_000, concurrency: 64, rateLimit: null },
    channel: 'gateway',
    role: 'all',
    adminToken: null,
    mail: null,
    oidc: null,
    jwt: null,
    trustProxy: [],
    report: { recipients: [], at: '08:00', timeZone: 'UTC' },
    metrics: { token: null, port: null },
    tracing: null,
    alarms: { recipients: [], stuckMinutes: 10, allowPrivate: false },
    logLevel: 'info',
    appLog: { path: resolve('.data/app.log'), level: 'debug', maxBytes: 104_857_600, files: 10 },
    sweepIntervalMs: 1_000,
    production: false,
    publicUrl: null,
    demo: true,
    demoExit: false,
  });
});

test('takes empty values as not set', () => {
  expect(loadConfig(Object.fromEntries(SETTING_NAMES.map((name) => [name, ' '])))).toEqual(loadConfig({}));
});

test('takes a limit of the gateway, and has none when nothing is said', () => {
  expect(loadConfig({ GATEWAY_RATE_LIMIT: '20' }).gateway.rateLimit).toBe(20);
  expect(loadConfig({}).gateway.rateLimit).toBeNull();
});

test('can not be changed after the start', () => {
  const config = loadConfig({}) as { port: number; gateway: { url: string | null } };
  expect(() => {
    config.port = 1;
  }).toThrow(TypeError);
  expect(() => {
    config.gateway.url = 'http://elsewhere';
  }).toThrow(TypeError);
});

test('says everything that is wrong at once, each with the name of its variable', () => {
  const problems = problemsOf({
    PORT: '70000',
    HOST: 'my machine',
    PUBLIC_URL: 'heliograph.example.org',
    DATABASE_URL: 'mysql://localhost/x',
    MONGO_URL: 'localhost:27017',
    GATEWAY_URL: 'ftp://gateway',
    GATEWAY_TOKEN: 'two words',
    GATEWAY_TIMEOUT_MS: '1.5',
    GATEWAY_CONCURRENCY: '0',
    GATEWAY_RATE_LIMIT: '0',
    CHANNEL: 'pigeon',
    ROLE: 'boss',
    LOG_LEVEL: 'loud',
    SWEEP_INTERVAL_MS: '-1',
    DEMO: 'perhaps',
    NODE_ENV: 'production',
    ADMIN_TOKEN: 'admin',
  });
  expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual(
    [
      'ADMIN_TOKEN',
      'CHANNEL',
      'DATABASE_URL',
      'DEMO',
      'GATEWAY_CONCURRENCY',
      'GATEWAY_RATE_LIMIT',
      'GATEWAY_TIMEOUT_MS',
      'GATEWAY_TOKEN',
      'GATEWAY_URL',
      'HOST',
      'LOG_LEVEL',
      'MONGO_URL',
      'PORT',
      'PUBLIC_URL',
      'ROLE',
      'SWEEP_INTERVAL_MS',
    ].sort(),
  );
  expect(problems).toContain('PORT must be a whole number from 0 to 65535');
  expect(problems).toContain('ROLE must be one of all, api, worker');
});

test('shows no secret in what it says', () => {
  const env = {
    GATEWAY_TOKEN: 'canary one',
    ADMIN_TOKEN: 'canary\ntwo',
    DATABASE_URL: 'mysql://u:canary-three@h/x',
    MONGO_URL: 'u:canary-four@h',
    GATEWAY_URL: 'ftp://u:canary-five@h',
  };
  expect(problemsOf(env)).toHaveLength(5);
  expect(problemsOf(env).join()).not.toContain('canary');
});

test.each([
  ['a real gateway in a demo', { DEMO: 'true', GATEWAY_URL: 'https://gateway.example.org' }, 'DEMO'],
  ['a token in a demo', { DEMO: 'true', GATEWAY_TOKEN: 'abc' }, 'DEMO'],
  ['the end of a demo that is none', { DEMO: 'false', CHANNEL: 'console', DEMO_EXIT: 'true' }, 'DEMO_EXIT'],
  ['a demo of one role', { DEMO: 'true', ROLE: 'worker', DATABASE_URL: 'postgres://h/d' }, 'DEMO'],
  ['nothing to send to', { NODE_ENV: 'production' }, 'GATEWAY_URL'],
  ['nothing to send to, without a demo', { DEMO: 'false' }, 'GATEWAY_URL'],
  ['a worker with a database of its own', { ROLE: 'worker', CHANNEL: 'console' }, 'DATABASE_URL'],
  [
    'a guessable token in production',
    { NODE_ENV: 'production', CHANNEL: 'console', ADMIN_TOKEN: 'letmein' },
    'ADMIN_TOKEN',
  ],
  ['a gateway elsewhere in a test', { NODE_ENV: 'test', GATEWAY_URL: 'https://gateway.example.org' }, 'GATEWAY_URL'],
])('refuses %s', (_what, env, name) => {
  expect(problemsOf(env)).toEqual([expect.stringContaining(name)]);
});

test('takes a gateway on this machine in a test', () => {
  const config = loadConfig({ NODE_ENV: 'test', GATEWAY_URL: 'http://127.0.0.1:4010/' });
  expect(config).toMatchObject({ gateway: { url: 'http://127.0.0.1:4010' }, demo: false });
});

test('needs no gateway for the role that sends nothing', () => {
  expect(loadConfig({ ROLE: 'api', DATABASE_URL: 'postgres://h/d' })).toMatchObject({ role: 'api', demo: false });
});

test.each(['GATEWAY_TOKEN', 'SENDING_API_TOKEN', 'FBRQ_TOKEN'])(
  'CLASSIC row 11: %s alone means the classic gateway',
  (name) => {
    expect(loadConfig({ [name]: 'abc' })).toMatchObject({
      gateway: { url: 'https://probe.fbrq.cloud', token: 'abc' },
      demo: false,
    });
  },
);

test('CLASSIC row 11: the token goes to the gateway that is set', () => {
  const config = loadConfig({ GATEWAY_URL: 'https://gateway.example.org', FBRQ_TOKEN: 'abc' });
  expect(config.gateway).toMatchObject({ url: 'https://gateway.example.org', token: 'abc' });
});

test('never turns to the classic gateway in a test or a demo', () => {
  expect(problemsOf({ NODE_ENV: 'test', FBRQ_TOKEN: 'abc' })).toEqual([expect.stringContaining('GATEWAY_URL')]);
  expect(problemsOf({ DEMO: 'true', FBRQ_TOKEN: 'abc' })).toEqual([expect.stringContaining('DEMO')]);
});

test('prefers our own name of the token', () => {
  const names = { GATEWAY_TOKEN: 'ours', SENDING_API_TOKEN: 'second', FBRQ_TOKEN: 'third' };
  expect(loadConfig(names).gateway.token).toBe('ours');
  expect(loadConfig({ ...names, GATEWAY_TOKEN: undefined }).gateway.token).toBe('second');
});

test.each([
  ['a mail server without a sender', { SMTP_URL: 'smtp://mail.example.org' }, 'MAIL_FROM belong together'],
  ['a sender without a mail server', { MAIL_FROM: 'a@example.org' }, 'MAIL_FROM belong together'],
  ['a provider to whom it is nobody', { OIDC_ISSUER: 'https://id.example.org' }, 'OIDC_CLIENT_ID belong together'],
  [
    'a provider over plain http',
    { OIDC_ISSUER: 'http://id.example.org', OIDC_CLIENT_ID: 'heliograph' },
    'OIDC_ISSUER must be an https address',
  ],
  ['an issuer of tokens without its keys', { JWT_ISSUER: 'https://id.example.org' }, 'JWT_JWKS_URL belong together'],
  [
    'keys over plain http',
    { JWT_ISSUER: 'https://id.example.org', JWT_AUDIENCE: 'a', JWT_JWKS_URL: 'http://id.example.org/keys' },
    'JWT_JWKS_URL must be an https address',
  ],
  ['a role that is none', { OIDC_DEFAULT_ROLE: 'root' }, 'OIDC_DEFAULT_ROLE must be one of'],
  ['any proxy at all', { TRUST_PROXY: 'true' }, 'TRUST_PROXY must list addresses or networks'],
  ['a network that is none', { TRUST_PROXY: '10.0.0.0/33' }, 'TRUST_PROXY must list addresses or networks'],
  ['a network of all addresses', { TRUST_PROXY: '::/0' }, 'TRUST_PROXY must list addresses or networks'],
])('refuses %s for signing in', (_what, env, problem) => {
  expect(problemsOf(env).join()).toContain(problem);
});

test.each([
  [
    'a guessable token for the metrics in production',
    { METRICS_TOKEN: 'letmein', NODE_ENV: 'production', CHANNEL: 'console' },
    'METRICS_TOKEN must have at least 16',
  ],
  ['metrics on the port of the server', { PORT: '4000', METRICS_PORT: '4000' }, 'METRICS_PORT must not be PORT'],
  ['headers that are none', { OTEL_EXPORTER_OTLP_HEADERS: 'Bearer' }, 'OTEL_EXPORTER_OTLP_HEADERS must be name=value'],
  ['a torn escape', { OTEL_EXPORTER_OTLP_HEADERS: 'a=%2' }, 'OTEL_EXPORTER_OTLP_HEADERS must have %'],
])('refuses %s', (_what, env, problem) => {
  expect(problemsOf(env)).toEqual([expect.stringContaining(problem)]);
});

test('traces nothing until it is told where to, and then with the headers it is given', () => {
  expect(loadConfig({ OTEL_SERVICE_NAME: 'texts' }).tracing).toBeNull();
  const OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Bearer%20secret, x-tenant=a=b';
  expect(
    loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318/', OTEL_EXPORTER_OTLP_HEADERS }).tracing,
  ).toEqual({
    endpoint: 'http://127.0.0.1:4318',
    headers: { authorization: 'Bearer secret', 'x-tenant': 'a=b' },
    serviceName: 'heliograph',
    perMinute: 60,
  });
});

test('takes proxies to believe as addresses, networks and names of them', () => {
  expect(loadConfig({ TRUST_PROXY: '10.0.0.0/8, ::1,loopback' }).trustProxy).toEqual(['10.0.0.0/8', '::1', 'loopback']);
});

test('takes whom the daily report goes to, and when', () => {
  const mail = { SMTP_URL: 'smtp://mail.example.org', MAIL_FROM: 'heliograph@example.org' };
  const report = { REPORT_RECIPIENTS: 'a@example.org, b@example.org,a@example.org', REPORT_AT: '23:59' };
  expect(loadConfig({ ...mail, ...report, REPORT_TIME_ZONE: 'Asia/Vladivostok' }).report).toEqual({
    recipients: ['a@example.org', 'b@example.org'],
    at: '23:59',
    timeZone: 'Asia/Vladivostok',
  });
  expect(problemsOf(report)).toEqual([expect.stringMatching(/^REPORT_RECIPIENTS needs a mail server/)]);
});

test.each([
  ['a list with a name', { REPORT_RECIPIENTS: 'a@example.org,boss' }, 'REPORT_RECIPIENTS must list e-mail addresses'],
  ['an hour of no day', { REPORT_AT: '24:00' }, 'REPORT_AT must be a time of day'],
  ['a zone that is none', { REPORT_TIME_ZONE: 'Europe/Atlantis' }, 'REPORT_TIME_ZONE must be a time zone'],
  ['an offset for a zone', { REPORT_TIME_ZONE: '+03:00' }, 'REPORT_TIME_ZONE must be a time zone'],
])('refuses %s for the report', (_what, env, problem) => {
  expect(problemsOf(env).join()).toContain(problem);
});

test('hands its tokens to the log as what must not show', () => {
  const config = loadConfig({
    GATEWAY_TOKEN: 'gateway-token',
    ADMIN_TOKEN: 'admin-token',
    SMTP_URL: 'smtp://heliograph:mail-password@mail.example.org',
    MAIL_FROM: 'heliograph@example.org',
    OIDC_ISSUER: 'https://id.example.org',
    OIDC_CLIENT_ID: 'heliograph',
    OIDC_CLIENT_SECRET: 'oidc-secret',
    METRICS_TOKEN: 'metrics-token',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=otlp-secret',
  });
  const secrets = ['admin-token', 'gateway-token', 'mail-password', 'metrics-token', 'oidc-secret', 'otlp-secret'];
  expect(secretsOf(config).sort()).toEqual(secrets);
});

test('.env.example and docs/settings.md name exactly the settings there are', () => {
  const root = join(import.meta.dirname, '..');
  const example = readFileSync(join(root, '.env.example'), 'utf8');
  const table = readFileSync(join(root, 'docs/settings.md'), 'utf8');
  expect([...example.matchAll(/^# ([A-Z_]+)=/gm)].map((match) => match[1]).sort()).toEqual([...SETTING_NAMES].sort());
  expect([...table.matchAll(/^\| `([A-Z_]+)`/gm)].map((match) => match[1]).sort()).toEqual([...SETTING_NAMES].sort());
});

test('docs/settings.md tells the defaults that hold', () => {
  const table = readFileSync(join(import.meta.dirname, '../docs/settings.md'), 'utf8');
  const stated = [...table.matchAll(/^\| `([A-Z_]+)` \| `([^`]+)` \|/gm)].map((match) => [match[1], match[2]]);
  expect(stated.length).toBeGreaterThan(7);
  expect(loadConfig({ ...Object.fromEntries(stated), CHANNEL: undefined, NODE_ENV: undefined })).toEqual(
    loadConfig({}),
  );
});

test.each([
  ['where it belongs', {}, '/data/app.log'],
  ['where it belongs, said in words', { APP_LOG: 'on' }, '/data/app.log'],
  ['at a path', { APP_LOG: '/var/log/heliograph.log' }, '/var/log/heliograph.log'],
  ['nowhere', { APP_LOG: 'off' }, undefined],
])('CLASSIC row 21: keeps the log in a file %s', (_where, env, path) => {
  expect(loadConfig({ DATA_DIR: '/data', ...env }).appLog?.path).toBe(path);
});
