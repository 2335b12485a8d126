import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { builtFile } from './testing/built.js';
import { startChild } from './testing/child-program.js';
import { insertClients } from './testing/rows.js';
import { createTestDatabase, type TestDatabase } from './testing/test-database.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database.drop();
});

async function startRole(role: 'api' | 'worker', port: number) {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph role '));
  const env = {
    ROLE: role,
    PORT: String(port),
    DATABASE_URL: database.url,
    CHANNEL: 'console',
    SWEEP_INTERVAL_MS: '100',
  };
  const program = startChild(process.execPath, [await builtFile('src/main.ts')], { cwd: dir, env });
  onTestFinished(async () => {
    program.kill('SIGKILL');
    await program.ended;
    rmSync(dir, { recursive: true, force: true });
  });
  return program;
}

/** Somebody else's server on a port of 127.0.0.1. */
async function occupy(): Promise<number> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await expect.poll(() => server.address()).not.toBeNull();
  return (server.address() as { port: number }).port;
}

async function addMailing(): Promise<void> {
  await database.pool.query(
    `insert into mailing (name, text, filter, starts_at, ends_at, status, channel)
     values ('to nobody', 'Hello!', '{"operatorCodes":[],"tagsAny":[],"tagsAll":[],"timeZones":[]}',
       clock_timestamp(), clock_timestamp() + interval '1 day', 'SCHEDULED', 'console')`,
  );
}

async function statuses(): Promise<string[]> {
  return (await database.pool.query<{ status: string }>('select status from mailing')).rows.map((row) => row.status);
}

test('ROLE=worker works through the mailings, and opens no port', async () => {
  await addMailing();
  const worker = await startRole('worker', await occupy());
  await worker.saying(/"msg":"ready"/);
  expect(worker.said).not.toContain('Dashboard');
  await expect.poll(statuses, { timeout: 10_000 }).toEqual(['COMPLETED']);
  worker.kill('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
});

test('CLASSIC row 24: a worker says on its standard output, which `docker compose logs -f worker` shows, what it sends', async () => {
  await insertClients(database.pool, 3);
  await addMailing();
  const worker = await startRole('worker', 0);
  await worker.saying(/"mailing_id":"1".*"messages":3,"msg":"launched"/);
  const lines = () => worker.said.match(/^mailing 1 {2}message \d+ {2}to 7900\*{5}0\d {2}Hello!$/gm)?.length;
  await expect.poll(lines, { timeout: 10_000 }).toBe(3);
  worker.kill('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
});

test('ROLE=api serves people, and leaves the mailings to the workers', async () => {
  await addMailing();
  const api = await startRole('api', 0);
  const [, url] = await api.saying(/Dashboard +(http:\S+)\/\n/);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  api.kill('SIGTERM');
  expect(await api.ended).toEqual({ code: 0, signal: null });
  const { rows } = await database.pool.query(`select name from agenda_jobs where name = 'sweep'`);
  expect(rows).toEqual([]);
  expect(await statuses()).toEqual(['SCHEDULED']);
});
