import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError, type Environment, SETTING_NAMES } from '../config.js';
import { configSchema } from './config-schema.js';
import { listSettings } from './list-settings.js';
import { checkGiven, gatherSettings, readConfig } from './read-config.js';
import { settingNames } from './setting-names.js';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heliograph-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

function problemsOf(env: Environment = {}): readonly string[] {
  try {
    readConfig(folder, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('CLASSIC row 20: reads .env, and the environment wins over it', () => {
  write('.env', '# a comment\nPORT=4001\nFBRQ_TOKEN="from-the-file"\nLOG_LEVEL=debug\n');
  const { config } = readConfig(folder, { PORT: '4002', LOG_LEVEL: '' });
  expect(config).toMatchObject({ port: 4002, gateway: { token: 'from-the-file' }, logLevel: 'debug' });
});

test('CLASSIC row 20: reads config.yaml, .env wins over it, and the environment over both', () => {
  write('config.yaml', 'server:\n  port: 1\nlog:\n  level: warn\napi: { rateLimit: 7 }\n');
  write('.env', 'PORT=2\nLOG_LEVEL=debug\n');
  const { config, given } = readConfig(folder, { PORT: '3' });
  expect(config).toMatchObject({ port: 3, logLevel: 'debug', apiRateLimit: 7 });
  expect(Object.fromEntries(given.origins)).toEqual({
    PORT: { source: 'environment', at: null },
    LOG_LEVEL: { source: '.env', at: null },
    API_RATE_LIMIT: { source: 'config.yaml', at: 'config.yaml:5:8' },
  });
});

test('CLASSIC row 11: takes the token from .env, and its own gateway with it', () => {
  write('.env', 'SENDING_API_TOKEN=abc\n');
  expect(readConfig(folder, {}).config.gateway).toMatchObject({ url: 'https://probe.fbrq.cloud', token: 'abc' });
});

test('CLASSIC row 19: takes the recipients of the daily report from config.yaml', () => {
  write(
    'config.yaml',
    `mail: { url: 'smtp://mail.example.org', from: heliograph@example.org }
report:
  recipients:
    - boss@example.org
    - marketing@example.org
  at: 09:30
  timeZone: Europe/Moscow
`,
  );
  expect(readConfig(folder, {}).config.report).toEqual({
    recipients: ['boss@example.org', 'marketing@example.org'],
    at: '09:30',
    timeZone: 'Europe/Moscow',
  });
});

test('is content without any file, with empty ones, and with sections that hold nothing', () => {
  const { config } = readConfig(folder, {});
  for (const text of ['', '# nothing\n', 'server:\n  # port: 1\nlog: {}\ngateway:\n  url:\n']) {
    write('config.yaml', text);
    expect(readConfig(folder, {}).config).toEqual(config);
  }
});

test('says everything that is wrong in config.yaml, with line, column and path', () => {
  write(
    'config.yaml',
    `server:
  port: 70000
  hots: 127.0.0.1
gatway:
  url: https://gateway.example.org
GATEWAY_TIMEOUT_MS: 1000
port: 4000
role: [api, worker]
log: debug
channel: pigeon
report:
  at: 9
`,
  );
  expect(problemsOf({ NODE_ENV: 'development' })).toEqual([
    'config.yaml:3:3 server.hots is no setting: is server.host meant?',
    'config.yaml:4:1 gatway is no setting: is gateway meant?',
    'config.yaml:6:1 GATEWAY_TIMEOUT_MS is no setting: is gateway.timeoutMs meant?',
    'config.yaml:7:1 port is no setting: is server.port meant?',
    'config.yaml:8:1 role must be one value',
    'config.yaml:9:1 log must hold settings of its own, indented below it',
    'config.yaml:2:3 server.port must be a whole number from 0 to 65535',
    'config.yaml:10:1 channel must be one of gateway, console',
    'config.yaml:12:3 report.at must be a time of day from 00:00 to 23:59',
  ]);
});

test.each([
  ['an indent that is none', 'server:\n  port: 1\n host: x\n', /^config\.yaml:3:1 is no YAML: /],
  ['a key that stands twice', 'role: all\nrole: api\n', /^config\.yaml:2:1 is no YAML: Map keys must be unique/],
  ['a list', '- role\n', /^config\.yaml:1:1 must hold settings by name/],
  ['a tag', 'role: !canary all\n', /^config\.yaml:1:7 is no YAML: Unresolved tag$/],
  ['a number that is no decimal one', 'api: { rateLimit: 0x10 }\n', /^config\.yaml:1:8 api\.rateLimit must be/],
  ['two documents', 'role: all\n---\nrole: api\n', /^config\.yaml:\d:\d is no YAML: /],
])('refuses %s in config.yaml', (_what, text, problem) => {
  write('config.yaml', text);
  expect(problemsOf()[0]).toMatch(problem);
});

test('refuses secrets in config.yaml, and shows none of them', () => {
  write(
    'config.yaml',
    `gateway:
  token: canary
admin: { token: canary }
oidc:
  clientSecret: canary
database:
  url: postgres://heliograph:canary@db/heliograph
mongo:
  url: mongodb://u:canary@a:1,b:2/x
mail:
  url: smtp://mail.example.org?password=canary
`,
  );
  const problems = problemsOf({ CHANNEL: 'console' });
  expect(problems.slice(0, 6)).toEqual([
    'config.yaml:2:3 gateway.token is a secret, which must not stand here: set GATEWAY_TOKEN in the environment or .env, or name a file that holds it by GATEWAY_TOKEN_FILE',
    expect.stringMatching(/^config\.yaml:3:10 admin\.token is a secret/),
    expect.stringMatching(/^config\.yaml:5:3 oidc\.clientSecret is a secret/),
    expect.stringMatching(/^config\.yaml:7:3 database\.url holds a password/),
    expect.stringMatching(/^config\.yaml:9:3 mongo\.url holds a password/),
    expect.stringMatching(/^config\.yaml:11:3 mail\.url holds a password/),
  ]);
  expect(problems.join()).not.toContain('canary');
  write('config.yaml', 'role: [all\nx: "canary\n');
  expect(problemsOf().join()).not.toContain('canary');
});

test('takes secrets from files, as Docker and Kubernetes lay them down', () => {
  write('token', 'from-a-file\n');
  write('.env', 'GATEWAY_TOKEN=from-dot-env\n');
  const { config, given } = readConfig(folder, { GATEWAY_TOKEN_FILE: join(folder, 'token') });
  expect(config.gateway.token).toBe('from-a-file');
  expect(given.origins.get('GATEWAY_TOKEN')).toEqual({ source: 'environment', at: join(folder, 'token') });
});

test.each([
  ['one that is missing', { ADMIN_TOKEN_FILE: 'none' }, "ADMIN_TOKEN_FILE: none can't be read (ENOENT)"],
  ['one that is empty', { ADMIN_TOKEN_FILE: 'empty' }, 'ADMIN_TOKEN_FILE names a file that is empty: empty'],
  ['a folder', { ADMIN_TOKEN_FILE: '.' }, "ADMIN_TOKEN_FILE: . can't be read (EISDIR)"],
  [
    'one beside the secret itself',
    { ADMIN_TOKEN_FILE: 'bad', ADMIN_TOKEN: 'x' },
    'ADMIN_TOKEN and ADMIN_TOKEN_FILE are both set (environment): leave out one',
  ],
  [
    'one that holds two words',
    { ADMIN_TOKEN_FILE: 'bad' },
    'ADMIN_TOKEN must be printable ASCII without spaces (in bad)',
  ],
])('refuses a file for a secret: %s', (_what, env, problem) => {
  write('empty', '\n');
  write('bad', 'two words');
  expect(problemsOf(env)).toEqual([problem]);
});

test('reads the file that CONFIG_FILE names, and wants it to be there', () => {
  write('other.yaml', 'role: all\nlog: { level: warn }\n');
  expect(readConfig(folder, { CONFIG_FILE: 'other.yaml' }).config.logLevel).toBe('warn');
  expect(problemsOf({ CONFIG_FILE: 'none.yaml' })).toEqual(["CONFIG_FILE: none.yaml can't be read (ENOENT)"]);
});

test('asks about variables that are nearly a setting, and about config.yml', () => {
  write('.env', 'GATEWAY_TOKN=x\nPOSTGRES_PASSWORD=y\n');
  write('config.yml', 'role: all\n');
  expect(gatherSettings(folder, { REPORT_TIMEZONE: 'UTC', HOSTNAME: 'x', TERM: 'y' }).warnings).toEqual([
    'REPORT_TIMEZONE (environment) is no setting: is REPORT_TIME_ZONE meant?',
    'GATEWAY_TOKN (.env) is no setting: is GATEWAY_TOKEN meant?',
    'config.yml is not read: its name must be config.yaml',
  ]);
});

test('lists what holds, from where, and of secrets only that they are set', () => {
  write('config.yaml', 'gateway: { url: https://gateway.example.org }\n');
  const env = {
    GATEWAY_TOKEN: 'canary',
    DATABASE_URL: 'postgres://me:canary@db/heliograph?password=canary',
    MONGO_URL: 'mongodb://me:ca:n@ary@a:1,b:2/x?authSource=canary',
  };
  const { config, given } = readConfig(folder, env);
  const listed = listSettings(given, config);
  const of = (name: string) => listed.find((setting) => setting.name === name);
  expect(of('GATEWAY_URL')).toMatchObject({ value: 'https://gateway.example.org', at: 'config.yaml:1:12' });
  expect(of('GATEWAY_TOKEN')).toMatchObject({ value: 'set', source: 'environment' });
  expect(of('ADMIN_TOKEN')).toMatchObject({ value: 'not set', source: 'default' });
  expect(of('DATABASE_URL')?.value).toBe('postgres://me:***@db/heliograph?***');
  expect(of('MONGO_URL')?.value).toBe('mongodb://me:***@a:1,b:2/x?***');
  expect(of('PORT')).toEqual({ name: 'PORT', path: 'server.port', value: 4000, source: 'default', at: null });
  expect(JSON.stringify(listed)).not.toContain('canary');
  expect(listed.map(({ name }) => name)).toEqual(SETTING_NAMES);
});

test('no setting stands in config.yaml where others have their section', () => {
  const paths = settingNames.flatMap(({ path }) => path ?? []);
  expect(new Set(paths).size).toBe(paths.length);
  for (const path of paths) expect(paths.filter((other) => other.startsWith(`${path}.`))).toEqual([]);
});

/** The example with every setting taken out of its comment. */
const uncommented = (text: string) => text.replaceAll(/^( *)# (\w+[:=].*)$/gm, '$1$2');

test('CLASSIC row 20: example.config.yaml holds all settings but secrets, each with a value that is right', () => {
  write('config.yaml', uncommented(readFileSync(join(ROOT, 'example.config.yaml'), 'utf8')));
  const given = gatherSettings(folder, {});
  expect(checkGiven(given).problems).toEqual([]);
  const inFile = settingNames.filter(({ path, secret }) => path !== null && !secret).map(({ name }) => name);
  expect([...given.origins.keys()].sort()).toEqual(inFile.sort());
});

test('CLASSIC row 20: .env.example holds all settings, each with a value that is right', () => {
  const text = uncommented(readFileSync(join(ROOT, '.env.example'), 'utf8'));
  write('.env', text.replaceAll('CONFIG_FILE=config.yaml', 'CONFIG_FILE=.config.yaml'));
  write('.config.yaml', '');
  const given = gatherSettings(folder, {});
  expect(checkGiven(given).problems).toEqual([]);
  const withValue = settingNames.filter(({ secret }) => !secret).map(({ name }) => name);
  expect([...given.origins.keys()].sort()).toEqual(withValue.sort());
});

test('docs/config.schema.json is what the settings and docs/settings.md say', () => {
  const made = configSchema(readFileSync(join(ROOT, 'docs/settings.md'), 'utf8'));
  expect(
    JSON.parse(readFileSync(join(ROOT, 'docs/config.schema.json'), 'utf8')),
    'npm run cli -- print-config-schema --write',
  ).toEqual(JSON.parse(JSON.stringify(made)));
  expect(made.properties).toMatchObject({
    server: { properties: { port: { type: 'integer', minimum: 0, maximum: 65_535, default: 4_000 } } },
    report: { properties: { recipients: { type: 'array', items: { type: 'string' } } } },
    role: { enum: ['all', 'api', 'worker'] },
    demo: { properties: { exit: { type: 'boolean' } } },
  });
  expect(JSON.stringify(made)).not.toContain('GATEWAY_TOKEN)');
});

test('example.config.yaml tells editors of its schema', () => {
  const [first] = readFileSync(join(ROOT, 'example.config.yaml'), 'utf8').split('\n');
  expect(first).toBe('# yaml-language-server: $schema=./docs/config.schema.json');
});
