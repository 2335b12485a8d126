import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { builtFile } from './testing/built.js';
import { startChild } from './testing/child-program.js';
import { createTestDatabase } from './testing/test-database.js';

const TOKEN = 'canary-reload-token-5f0c11';

let main: string;
beforeAll(async () => {
  main = await builtFile('src/main.ts');
}, 120_000);

test('reads its settings again when config.yaml is written, and on SIGHUP where it has no terminal', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-reload-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const write = (text: string) => writeFileSync(join(folder, 'config.yaml'), `channel: console\n${text}`);
  write('api: { rateLimit: 50 }\n');
  const program = startChild(process.execPath, [main], {
    cwd: folder,
    env: { PORT: '0', DATABASE_URL: database.url, ADMIN_TOKEN: TOKEN },
    ownSession: true,
  });
  onTestFinished(async () => {
    program.kill('SIGKILL');
    await program.ended;
  });
  const [, url = ''] = await program.saying(/"url":"(http:\S+?)","msg":"ready"/);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const limit = async () => (await fetch(`${url}/api/v1/time-zones`, { headers })).headers.get('ratelimit-limit');
  const ready = async () => (await (await fetch(`${url}/readyz`)).json()) as Record<string, unknown>;
  expect(await limit()).toBe('500');

  write('api: { rateLimit: 60 }\n');
  await program.saying(/"changed":\["API_RATE_LIMIT"\],"msg":"the settings were read again"/);
  expect(await limit()).toBe('600');

  write('api: { rateLimit: lots }\n');
  program.kill('SIGHUP');
  await program.saying(/"level":"error".*config\.yaml:2:8 api\.rateLimit must be/);
  expect(await limit()).toBe('600');
  expect(await ready()).toMatchObject({ status: 'ready', settings: 'wrong: those from before are in force' });
  const query = JSON.stringify({ query: '{ health { settingsProblems settingsNeedRestart } }' });
  const json = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: query };
  expect(await (await fetch(`${url}/graphql`, json)).json()).toMatchObject({
    data: { health: { settingsProblems: [expect.stringMatching(/^config\.yaml:2:8 /)], settingsNeedRestart: [] } },
  });

  write('log: { level: silent }\ngateway: { concurrency: 3 }\n');
  program.kill('SIGHUP');
  await program.saying(/"settings":\["GATEWAY_CONCURRENCY"\],"msg":"settings were changed that need a restart"/);
  expect(await ready()).not.toHaveProperty('settings');
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: 0, signal: null });
  // The level was taken over after what was said of it.
  expect(program.said).not.toContain('"msg":"stopped"');
});
