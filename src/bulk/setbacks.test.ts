import { Readable } from 'node:stream';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TimeZones } from '../graphql/time-zones.js';
import { createPool } from '../platform/pool.js';
import { insertClients } from '../testing/rows.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { findJob, isUnderWay, rejectedLines } from './client-jobs.js';
import { parseImportOptions } from './import-options.js';
import { failJob, isPassing, runBatch } from './run-batch.js';
import { stageImport } from './stage-import.js';

/** A worker's pool whose patience is short, ms instead of a minute; what is not held takes far less. */
const PATIENCE = 900;

let database: TestDatabase;
let worker: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  worker = createPool({
    databaseUrl: database.url,
    max: 2,
    name: 'w',
    onError: () => {},
    statementTimeoutMs: PATIENCE,
  });
});
beforeEach(() => database.pool.query('truncate client, client_job, client_job_row restart identity cascade'));
afterAll(async () => {
  await worker.end();
  await database.drop();
});

const PHONES = Array.from({ length: 40 }, (_, n) => `790000000${String(n).padStart(2, '0')}`);

async function importJob(lines: readonly string[], tag = 'new'): Promise<string> {
  const zones = await new TimeZones(database.pool).load();
  const csv = `phone,time_zone,tags\n${lines.map((phone) => `${phone},Asia/Omsk,${tag}\n`).join('')}`;
  const file = Readable.from([Buffer.from(csv)]);
  return await stageImport(database.pool, file, parseImportOptions({}, zones), zones, { name: 'test' });
}

/** Works on a job while somebody holds what the statement locks. */
async function workWhileHeld(jobId: string, lock: string, pool = worker): Promise<void> {
  const holder = await database.pool.connect();
  try {
    await holder.query('begin');
    await holder.query(lock);
    while (isUnderWay(await findJob(database.pool, jobId))) {
      expect(await runBatch(pool, jobId, 'test')).not.toBeNull();
    }
  } finally {
    await holder.query('rollback');
    holder.release();
  }
}

const HELD = `select from client where phone = '${PHONES[13]}' for update`;

describe('a batch that takes the database too long', () => {
  it('shrinks until only the line is left out that can not be brought in, with a reason', async () => {
    await insertClients(database.pool, 40, { tags: ['old'] });
    const jobId = await importJob([...PHONES, PHONES[13]!]);
    await database.pool.query('update client_job set batch_size = 8');
    await workWhileHeld(jobId, HELD);
    const job = await findJob(database.pool, jobId);
    expect(job).toMatchObject({ status: 'COMPLETED', total: 41, done: 41, updated: 39, failed: 2, duplicates: 0 });
    const [lines = []] = await rejectedLines(database.pool, [jobId], 10);
    expect(lines.map(({ line, problems }) => [line, problems[0]?.message])).toEqual([
      [15, expect.stringContaining('not in time')],
      [42, expect.stringContaining('not in time')],
    ]);
    const { rows } = await database.pool.query(`select count(*)::int as n from client where tags = '{new}'`);
    expect(rows).toEqual([{ n: 39 }]);
  });

  it('grows again once it goes well', async () => {
    const jobId = await importJob(PHONES);
    const from = (size: number, setbacks: number) =>
      database.pool.query('update client_job set batch_size = $1, setbacks = $2', [size, setbacks]);
    const now = async () =>
      (await database.pool.query('select batch_size as size, setbacks from client_job')).rows.map(Object.values)[0];
    await from(1, 3);
    await runBatch(worker, jobId, 'test');
    expect(await now()).toEqual([1, -1]);
    await from(1, -7);
    await runBatch(worker, jobId, 'test');
    expect(await now()).toEqual([8, 0]);
    await from(512, -7);
    await runBatch(worker, jobId, 'test');
    expect(await now()).toEqual([null, 0]);
    expect(await findJob(database.pool, jobId)).toMatchObject({ status: 'COMPLETED', created: 40, done: 40 });
  });

  it('leaves out only the client that can not be changed, and counts him', async () => {
    await insertClients(database.pool, 40, { tags: ['old'] });
    const change = { filter: null, ids: PHONES.map((_, n) => String(n + 1)), tags: ['new'] };
    const insert = `insert into client_job (kind, params, created_by) values ('TAG', $1, 'test') returning id`;
    const { id } = (await database.pool.query(insert, [change])).rows[0];
    await database.pool.query('update client_job set batch_size = 8');
    await workWhileHeld(id, HELD);
    const job = await findJob(database.pool, id);
    expect(job).toMatchObject({ status: 'COMPLETED', total: 40, done: 40, updated: 39, failed: 1 });
  });

  it('is the end of a job that does not get on, which says so', async () => {
    const jobId = await importJob(PHONES);
    await database.pool.query('update client_job set batch_size = 1, setbacks = 18');
    await workWhileHeld(jobId, 'lock table client in share mode');
    const job = await findJob(database.pool, jobId);
    expect(job).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('did not get on') });
    expect(job.finishedAt).not.toBeNull();
    expect(await runBatch(worker, jobId, 'test')).toBeNull();
    expect((await database.pool.query('select from client')).rowCount).toBe(0);
  });
});

it('is set back by a line that the database will not have, and leaves out that one alone', async () => {
  await database.pool.query(`alter table client add constraint no_omsk check (phone <> '${PHONES[13]}')`);
  const jobId = await importJob(PHONES.slice(0, 20));
  await workWhileHeld(jobId, 'select', database.pool);
  await database.pool.query('alter table client drop constraint no_omsk');
  expect(await findJob(database.pool, jobId)).toMatchObject({ status: 'COMPLETED', created: 19, failed: 1 });
});

it.each(['08006', '25P03', '40P01', '53100', '57P01', 'ECONNRESET'])('is not ended by what passes: %s', (code) => {
  expect(isPassing(Object.assign(new Error('no'), { code }))).toBe(true);
});

it('is not ended by a worker that somebody else has replaced', async () => {
  const jobId = await importJob(PHONES);
  await database.pool.query('update client_job set batch_size = 1');
  await runBatch(worker, jobId, 'new');
  await failJob(database.pool, jobId, 'old', 'no');
  expect(await findJob(database.pool, jobId)).toMatchObject({ status: 'RUNNING', reason: null });
  await failJob(database.pool, jobId, 'new', 'no');
  expect(await findJob(database.pool, jobId)).toMatchObject({ status: 'FAILED', reason: 'no' });
});
