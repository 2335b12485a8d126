import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { dropOldJobs, findJob, rejectedLines } from '../bulk/client-jobs.js';
import { parseImportOptions } from '../bulk/import-options.js';
import { runBatch } from '../bulk/run-batch.js';
import { stageImport } from '../bulk/stage-import.js';
import { TimeZones } from '../graphql/time-zones.js';
import type { ChildProgram } from '../testing/child-program.js';
import { PROGRAM_TOKEN, startProgram, urlOf } from '../testing/program.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';

const ROWS = 30_000;

/** A database, and programs that are killed at the end. */
async function stage() {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-import-'));
  const database = await createTestDatabase();
  const programs: ChildProgram[] = [];
  onTestFinished(async () => {
    for (const program of programs) program.kill('SIGKILL');
    await Promise.all(programs.map((program) => program.ended));
    await rm(dir, { recursive: true });
    await expect.poll(() => dropped(database)).toBe(true);
  });
  const start = async (role: 'api' | 'worker') => {
    const program = await startProgram({ role, databaseUrl: database.url, dir, gatewayUrl: 'http://127.0.0.1:1' });
    programs.push(program);
    return program;
  };
  return { database, start };
}

const dropped = (database: TestDatabase) =>
  database.drop().then(
    () => true,
    () => false,
  );

test('FAULTS 23: an import whose worker is killed again and again goes on where it stopped, with no double and no line lost', async () => {
  const { database, start } = await stage();
  const { pool } = database;
  const line = (n: number) => (n % 100 === 7 ? `1,Europe/Moscow,${n}\n` : `79${160_000_000 + n},Europe/Moscow,${n}\n`);
  const csv = `phone,time_zone,number\n${Array.from({ length: ROWS }, (_, n) => line(n)).join('')}79160099999,Europe/Mos`;
  const zones = await new TimeZones(pool).load();
  const source = Readable.from([Buffer.from(csv)]);
  const id = await stageImport(pool, source, parseImportOptions({}, zones), zones, { name: 'test' });
  const failed = ROWS / 100 + 1;

  const doneBeyond = async (least: number) => (await findJob(pool, id)).done > least;
  for (const share of [0.1, 0.4]) {
    const worker = await start('worker');
    await expect.poll(() => doneBeyond(failed + ROWS * share), { timeout: 60_000, interval: 10 }).toBe(true);
    worker.kill('SIGKILL');
    await worker.ended;
  }
  const { done, status } = await findJob(pool, id);
  // The kills came in the middle.
  expect([done < ROWS, status]).toEqual([true, 'RUNNING']);
  await start('worker');
  await expect.poll(async () => (await findJob(pool, id)).status, { timeout: 60_000 }).toBe('COMPLETED');
  expect(await findJob(pool, id)).toMatchObject({
    ...{ total: ROWS + 1, done: ROWS + 1, created: ROWS + 1 - failed, updated: 0, unchanged: 0, duplicates: 0, failed },
  });
  const { rows } = await pool.query(
    `select count(*)::int as n, count(distinct phone)::int as phones, max(revision) as revision from client`,
  );
  expect(rows).toEqual([{ n: ROWS + 1 - failed, phones: ROWS + 1 - failed, revision: 1 }]);
  const [lines = []] = await rejectedLines(pool, [id], ROWS);
  const rejected = lines.map(({ line }) => line);
  expect(rejected).toEqual([...Array.from({ length: ROWS / 100 }, (_, n) => n * 100 + 9), ROWS + 2]);
}, 240_000);

test('FAULTS 23: a server that is killed while a file arrives leaves nothing of it but a job that says so', async () => {
  const { database, start } = await stage();
  const api = await start('api');
  const { hostname, port } = new URL(await urlOf(api));
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(
    `POST /api/v1/clients/import HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${PROGRAM_TOKEN}\r\ncontent-type: text/csv\r\n` +
      `content-length: 900000000\r\n\r\nphone,time_zone\n${'79161234567,Europe/Moscow\n'.repeat(20_000)}`,
  );
  const count = async (table: string) =>
    (await database.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n;
  await expect.poll(() => count('client_job_row'), { timeout: 20_000 }).toBeGreaterThan(0);
  api.kill('SIGKILL');
  await api.ended;
  // No worker takes it while it may still be arriving.
  expect(await runBatch(database.pool, '1', 'worker')).toBeNull();
  await database.pool.query('update client_job set lease_until = clock_timestamp()');
  expect(await runBatch(database.pool, '1', 'worker')).toMatchObject({ isOver: true });
  expect(await findJob(database.pool, '1')).toMatchObject({
    status: 'FAILED',
    reason: expect.stringContaining('send it again'),
  });
  await dropOldJobs(database.pool);
  expect([await count('client_job_row'), await count('client')]).toEqual([0, 0]);
}, 120_000);
