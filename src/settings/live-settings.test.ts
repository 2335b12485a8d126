import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Environment } from '../config.js';
import { recordingLog } from '../testing/running-api.js';
import { CHANGING, type ChangingConfig, Settings } from './live-settings.js';
import { readConfig } from './read-config.js';
import { settingNames } from './setting-names.js';
import { watchFiles } from './watch-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heliograph-reload-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string, name = 'config.yaml') => writeFileSync(join(folder, name), text);

const parseLines = (text: string): Record<string, unknown>[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

/** A process that started with the files as they are, and what it was told since. */
function start(env: Environment = {}) {
  const { log, logged } = recordingLog();
  const lines = () => parseLines(logged());
  const settings = new Settings(folder, env, readConfig(folder, env), log);
  const told: ChangingConfig[] = [];
  settings.subscribe((now) => void told.push(now));
  return { settings, told, lines };
}

test('takes over what may change, and tells those who go by it', () => {
  write('api: { rateLimit: 5 }\n');
  const { settings, told } = start();
  write('api: { rateLimit: 6 }\ngateway: { rateLimit: 7 }\nlog: { level: debug }\n');
  settings.reload();
  expect(settings.now).toMatchObject({ apiRateLimit: 6, gateway: { rateLimit: 7 }, logLevel: 'debug' });
  expect(told).toEqual([settings.now]);
  write('log: { level: debug }\n');
  settings.reload();
  expect(settings.now).toMatchObject({ apiRateLimit: 1_000, gateway: { rateLimit: null } });
  expect(told).toHaveLength(2);
});

test('every setting that may change is taken over', () => {
  const env = { SMTP_URL: 'smtp://mail.example.org', MAIL_FROM: 'a@example.org' };
  const { settings, lines } = start(env);
  const before = settings.now;
  write(
    `log: { level: warn }
gateway: { rateLimit: 2 }
sweep: { intervalMs: 300 }
audit: { days: 4 }
import: { maxBytes: 5000 }
api: { rateLimit: 6 }
report: { recipients: [a@example.org], at: 09:00, timeZone: Europe/Moscow }
`,
  );
  settings.reload();
  expect(lines().find(({ msg }) => msg === 'the settings were read again')).toMatchObject({
    changed: expect.any(Array),
  });
  expect(settings.needRestart).toEqual([]);
  expect(settings.now).toMatchObject({
    logLevel: 'warn',
    gateway: { rateLimit: 2 },
    sweepIntervalMs: 300,
    auditDays: 4,
    importMaxBytes: 5_000,
    apiRateLimit: 6,
    report: { recipients: ['a@example.org'], at: '09:00', timeZone: 'Europe/Moscow' },
  });
  expect(before.apiRateLimit).toBe(1_000);
  expect(settingNames.map(({ name }) => name)).toEqual(expect.arrayContaining(CHANGING));
});

test('names what needs a restart, leaves that as it is, and takes over the rest', () => {
  const { settings, lines } = start();
  write('server: { port: 5000 }\ngateway: { timeoutMs: 500 }\napi: { rateLimit: 6 }\n');
  settings.reload();
  expect(settings.now).toMatchObject({ port: 4_000, apiRateLimit: 6, gateway: { timeoutMs: 10_000 } });
  expect(settings.needRestart).toEqual(['PORT', 'GATEWAY_TIMEOUT_MS']);
  expect(lines()).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      settings: ['PORT', 'GATEWAY_TIMEOUT_MS'],
      msg: expect.stringMatching(/need a restart$/),
    }),
  );
  write('server: { port: 4000 }\napi: { rateLimit: 6 }\n');
  settings.reload();
  expect(settings.needRestart).toEqual([]);
});

test.each([
  [
    'is wrong',
    () => write('api: { rateLimit: lots }\nlog: { level: debug }\n'),
    /^config\.yaml:1:8 api\.rateLimit must be/,
  ],
  ['is no YAML', () => write('api: {\n'), /^config\.yaml:\d+:\d+ is no YAML/],
  ['is gone', () => renameSync(join(folder, 'config.yaml'), join(folder, 'other.yaml')), /^config\.yaml is gone$/],
])('leaves the old settings in force when config.yaml %s, says so, and recovers', (_what, harm, problem) => {
  write('api: { rateLimit: 5 }\n');
  const { settings, told, lines } = start();
  harm();
  settings.reload();
  expect(settings.now).toMatchObject({ apiRateLimit: 5, logLevel: 'info' });
  expect(settings.problems).toEqual([expect.stringMatching(problem)]);
  expect(lines()).toContainEqual(expect.objectContaining({ level: 'error', problems: settings.problems }));
  expect(told).toEqual([]);
  write('api: { rateLimit: 8 }\n');
  settings.reload();
  expect([settings.now.apiRateLimit, settings.problems]).toEqual([8, []]);
});

test('does not take over what is wrong without that which needs a restart', () => {
  const { settings } = start();
  write('mail: { url: "smtp://h", from: a@example.org }\nreport: { recipients: [a@example.org] }\n');
  settings.reload();
  expect(settings.now.report.recipients).toEqual([]);
  expect(settings.problems).toEqual([
    expect.stringMatching(/^SMTP_URL, MAIL_FROM need a restart; .*REPORT_RECIPIENTS needs/),
  ]);
});

test('the environment wins when the files are read again, too', () => {
  const { settings } = start({ API_RATE_LIMIT: '3' });
  write('api: { rateLimit: 6 }\n');
  settings.reload();
  expect(settings.now.apiRateLimit).toBe(3);
});

test('tells of files that are written, replaced and made anew', async () => {
  let changes = 0;
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  write('1', 'a');
  onTestFinished(
    watchFiles(
      [a, b],
      () => {
        changes += 1;
      },
      10,
    ),
  );
  write('22', 'a');
  await expect.poll(() => changes).toBe(1);
  write('333', 'new');
  renameSync(join(folder, 'new'), a);
  await expect.poll(() => changes).toBe(2);
  write('1', 'b');
  await expect.poll(() => changes).toBe(3);
});

test('a file that can not be looked at, as on a network drive that is away, ends nothing and is told of when it is back', async () => {
  const file = join(folder, 'a');
  let changes = 0;
  const told = () => {
    changes += 1;
  };
  write('1', 'a');
  onTestFinished(watchFiles([file], told, 10));
  rmSync(file);
  // Whoever asks for it gets an error that is not "there is none".
  symlinkSync('a', file);
  await expect.poll(() => changes).toBe(1);
  rmSync(file);
  write('22', 'a');
  await expect.poll(() => changes).toBe(2);
});
