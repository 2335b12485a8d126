import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { dropOldJobs, findJob, rejectedLines } from '../bulk/client-jobs.js';
import { parseImportOptions } from '../bulk/import-options.js';
import { runBatch } from '../bulk/run-batch.js';
import { stageImport } from '../bulk/stage-import.js';
import { TimeZones } from '../graphql/time-zones.js';
import type { ChildProgram } from '../testing/child-program.js';
import { PROGRAM_TOKEN, startProgram, urlOf } from '../testing/program.js';
import { startWorker } from '../testing/start-worker.js';
import { createTestDatabase } from '../testing/test-database.js';
import { setStageOnOwnPostgres } from './stage.js';

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
    await database.dropOnceLeft();
  });
  const start = async (role: 'api' | 'worker') => {
    const program = await startProgram({ role, databaseUrl: database.url, dir, gatewayUrl: 'http://127.0.0.1:1' });
    programs.push(program);
    return program;
  };
  return { database, start };
}

test('FAULTS 23: an import whose worker is killed again and again goes on where it stopped, with no double and no line lost', async () => {
  const { database, start } = await stage();
  const { pool } = database;
  const line = (n: number) => (n % 100 === 7 ? `1,Europe/Moscow,${n}\n` : `79${160_000_000 + n},Europe/Moscow,${n}\n`);
  const csv = `phone,time_zone,number\n${Array.from({ length: ROWS }, (_, n) => line(n)).join('')}79160099999,Europe/Mos`;
  const id = await staged(pool, [Buffer.from(csv)]);
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

test('FAULTS 23: a worker that is told to stop lets go of its import at once', async () => {
  const { database } = await stage();
  const { pool } = database;
  const id = await staged(pool, [linesOf(0, 2_000)]);
  // Small at first, so that it lasts.
  await pool.query('update client_job set batch_size = 1');
  const start = () => startWorker({ databaseUrl: database.url, gatewayUrl: 'http://127.0.0.1:1' });
  const stop = await start();
  await expect.poll(async () => (await findJob(pool, id)).done, { timeout: 20_000, interval: 1 }).toBeGreaterThan(0);
  await stop();
  expect(await findJob(pool, id)).toMatchObject({ status: 'RUNNING', leaseUntil: null });
  onTestFinished(await start());
  await expect.poll(async () => (await findJob(pool, id)).status, { timeout: 20_000 }).toBe('COMPLETED');
  expect(await findJob(pool, id)).toMatchObject({ done: 2_000, created: 2_000 });
}, 60_000);

test('FAULTS 23: a database that is killed makes no double of an import and loses no line, be it while the file arrives or later', async () => {
  // What need not be on disk yet is not.
  const settings = { wal_writer_delay: '10s', wal_writer_flush_after: '1GB' };
  const { pool, postgres, start, count } = await setStageOnOwnPostgres({ settings });
  async function* file() {
    yield linesOf(0, 3_000);
    await expect.poll(() => count('select count(*)::int from client_job_row'), { timeout: 20_000 }).toBeGreaterThan(0);
    await postgres.kill('immediate');
    await postgres.start();
    yield linesOf(3_000, 6_000);
  }
  await expect(staged(pool, file())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(
    await count('select (select count(*) from client_job)::int + (select count(*) from client_job_row)::int'),
  ).toBe(0);

  const all = ROWS / 2;
  const id = await staged(pool, [linesOf(0, all)]);
  await start('worker');
  const doneBeyond = (least: number) => findJob(pool, id).then(({ done }) => done > least);
  await expect.poll(() => doneBeyond(all / 10), { timeout: 60_000, interval: 10 }).toBe(true);
  await postgres.kill('SIGKILL');
  await postgres.start();
  expect(await findJob(pool, id)).toMatchObject({ status: 'RUNNING' });
  await expect.poll(() => findJob(pool, id).then(({ status }) => status), { timeout: 60_000 }).toBe('COMPLETED');
  expect(await findJob(pool, id)).toMatchObject({ total: all, done: all, created: all, duplicates: 0, failed: 0 });
  expect(await count('select count(distinct phone)::int from client where revision = 1')).toBe(all);
}, 240_000);

/** Lines with phones of their own, below the first of all. */
function linesOf(from: number, to: number): Buffer {
  const lines = Array.from({ length: to - from }, (_, n) => `79${160_000_000 + from + n},Europe/Moscow\n`);
  return Buffer.from(`${from === 0 ? 'phone,time_zone\n' : ''}${lines.join('')}`);
}

async function staged(pool: pg.Pool, file: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<string> {
  const zones = await new TimeZones(pool).load();
  return await stageImport(pool, Readable.from(file), parseImportOptions({}, zones), zones, { name: 'test' });
}
