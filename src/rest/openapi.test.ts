import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { rest } from '../testing/rest.js';
import { startApi } from '../testing/running-api.js';
import { openApiDocument } from './print-openapi.js';

// biome-ignore lint/suspicious/noExplicitAny: a document is walked through freely
let document: any;
beforeAll(async () => {
  document = JSON.parse(JSON.stringify(await openApiDocument()));
});

it('has no error by Redocly’s recommended rules', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'heliograph-openapi-'));
  const file = join(folder, 'openapi.json');
  await writeFile(file, JSON.stringify(document));
  const redocly = join(import.meta.dirname, '../../node_modules/@redocly/cli/bin/cli.js');
  const args = [redocly, 'lint', file, '--extends=recommended', '--format=json'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
  const { totals, problems } = JSON.parse(stdout.slice(stdout.indexOf('{')));
  expect(problems).toEqual([]);
  expect(totals).toMatchObject({ errors: 0, warnings: 0 });
  await rm(folder, { recursive: true });
});

it('describes every operation, parameter, field and answer, most of them in the words of the GraphQL schema', () => {
  const silent: string[] = [];
  const look = (part: { description?: string }, where: string) => part.description || silent.push(where);
  for (const [name, schema] of Object.entries<{ description?: string; properties?: object }>(
    document.components.schemas,
  )) {
    look(schema, name);
    for (const [field, value] of Object.entries(schema.properties ?? {})) look(value, `${name}.${field}`);
  }
  // biome-ignore lint/suspicious/noExplicitAny: as above
  for (const operation of Object.values<any>(document.paths).flatMap((path) => Object.values<any>(path))) {
    look(operation, operation.operationId);
    for (const parameter of operation.parameters ?? []) look(parameter, `${operation.operationId} ${parameter.name}`);
    for (const [status, answer] of Object.entries<{ description: string }>(operation.responses)) {
      expect(answer.description, `${operation.operationId} ${status}`).not.toBe('Default Response');
    }
  }
  expect(silent).toEqual([]);
});

it('promises Idempotency-Key where it is kept, and nowhere else', () => {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const operations = Object.values<any>(document.paths).flatMap((path) => Object.values<any>(path));
  const keyed = operations.filter(({ parameters }) =>
    parameters?.some(({ name }: { name: string }) => name === 'idempotency-key'),
  );
  expect(keyed.map(({ operationId }) => operationId).toSorted()).toEqual([
    'clientsDelete',
    'clientsOptOut',
    'clientsTag',
    'clientsUntag',
    'createMailing',
    'duplicateMailing',
    'importClients',
    'sendTest',
  ]);
});

it('is open to everybody in development, and to those who are signed in in production', async () => {
  const stranger = { authorization: '' };
  for (const [production, status] of [
    [false, 200],
    [true, 401],
  ] as const) {
    const running = await startApi({ config: { production } });
    try {
      for (const path of ['/openapi.json', '/docs', '/docs/json']) {
        expect([path, (await fetch(running.url + path)).status]).toEqual([path, status]);
        expect([path, (await rest(running, 'GET', path)).status]).toEqual([path, 200]);
      }
      expect((await rest(running, 'GET', 'clients', undefined, stranger)).status).toBe(401);
      expect((await rest(running, 'GET', '/openapi.json')).body).toEqual(document);
    } finally {
      await running.close();
    }
  }
});
