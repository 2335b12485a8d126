import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtFile } from '../testing/built.js';
import { startChild } from '../testing/child-program.js';

let program: string;
let folder: string;
beforeAll(async () => {
  program = await builtFile('src/cli.ts');
  folder = mkdtempSync(join(tmpdir(), 'heliograph-cli-config-'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

async function cli(args: string[], env: Record<string, string> = {}) {
  const child = startChild(process.execPath, [program, ...args], { cwd: folder, env });
  const { code } = await child.ended;
  return { code, said: child.said };
}

test('config check: says that all is right, and where every value comes from', async () => {
  writeFileSync(join(folder, 'config.yaml'), 'gateway:\n  url: http://127.0.0.1:1\n');
  const { code, said } = await cli(['config', 'check'], { GATEWAY_TOKEN: 'canary' });
  expect(said).toMatch(/^gateway\.url +GATEWAY_URL +config\.yaml:2:3$/m);
  expect(said).toMatch(/^gateway\.token +GATEWAY_TOKEN +environment$/m);
  expect(said).toMatch(/\nAll settings are right\.\n$/);
  expect(said).not.toContain('canary');
  expect(code).toBe(0);
});

test('config check: lists all that is wrong, and says 1; with --json for programs', async () => {
  writeFileSync(join(folder, 'config.yaml'), 'server:\n  port: none\nrole: boss\n');
  const people = await cli(['config', 'check']);
  expect(people.said).toContain('\n2 wrong:\n  config.yaml:2:3 server.port must be');
  const { code, said } = await cli(['config', 'check', '--json']);
  expect(JSON.parse(said)).toMatchObject({
    ok: false,
    problems: [
      expect.stringMatching(/^config\.yaml:2:3 server\.port/),
      expect.stringMatching(/^config\.yaml:3:1 role/),
    ],
  });
  expect([people.code, code]).toEqual([1, 1]);
});

test('config print: prints what holds, with secrets hidden', async () => {
  writeFileSync(join(folder, 'config.yaml'), 'api:\n  rateLimit: 20\n');
  const env = { CHANNEL: 'console', GATEWAY_TOKEN: 'canary', DATABASE_URL: 'postgres://me:canary@db/heliograph' };
  const people = await cli(['config', 'print'], env);
  expect(people.said).toMatch(/^API_RATE_LIMIT +api\.rateLimit +20 +config\.yaml:2:3$/m);
  expect(people.said).toMatch(/^GATEWAY_TOKEN +gateway\.token +set +environment$/m);
  const { code, said } = await cli(['config', 'print', '--json'], env);
  expect(JSON.parse(said)).toContainEqual({
    name: 'DATABASE_URL',
    path: 'database.url',
    value: 'postgres://me:***@db/heliograph',
    source: 'environment',
    at: null,
  });
  expect(people.said + said).not.toContain('canary');
  expect([people.code, code]).toEqual([0, 0]);
});
