import { Readable } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { TimeZones } from '../graphql/time-zones.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { findJob } from './client-jobs.js';
import { IMPORT } from './import-batch.js';
import { parseImportOptions } from './import-options.js';
import { runBatch } from './run-batch.js';
import { stageImport } from './stage-import.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.pool.query('truncate client, client_job, client_job_row restart identity cascade'));
afterAll(() => database.drop());

const FILE = 'phone,time_zone\n79161234567,Asia/Omsk\n';

async function staged(source: AsyncIterable<Buffer>, pool = database.pool): Promise<string> {
  const zones = await new TimeZones(database.pool).load();
  return await stageImport(pool, source, parseImportOptions({}, zones), zones, { name: 'test' });
}

/** A pool whose answer gets lost after a statement that is like this. */
function deaf(statement: RegExp): pg.Pool {
  const pool = new pg.Pool({ connectionString: database.url });
  onTestFinished(() => pool.end());
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<unknown>;
  return Object.assign(pool, {
    query: async (...args: unknown[]) => {
      const answer = await query(...args);
      if (statement.test(String(args[0]))) throw new Error('Connection terminated unexpectedly');
      return answer;
    },
  });
}

it('takes no line away from a job that was released, though nobody was told that it was', async () => {
  await expect(staged(Readable.from([Buffer.from(FILE)]), deaf(/total = /))).rejects.toThrow('Connection terminated');
  expect(await runBatch(database.pool, '1', 'worker')).toMatchObject({ isOver: true });
  expect(await findJob(database.pool, '1')).toMatchObject({ status: 'COMPLETED', total: 1, done: 1, created: 1 });
});

it('has its lines found by line or phone, never all of the job, whatever statistics said before it came', async () => {
  const file = (lines: number) =>
    Readable.from(
      [`phone,time_zone\n`, ...Array.from({ length: lines }, (_, n) => `79${String(n).padStart(9, '0')},UTC\n`)].map(
        (line) => Buffer.from(line),
      ),
    );
  const small = await staged(file(300));
  await database.pool.query('analyze client_job_row');
  while (!(await runBatch(database.pool, small, 'worker'))!.isOver);
  const id = await staged(file(20_000));
  const values: Record<string, string> = { 1: id, 2: '0', 3: '4096' };
  const text = IMPORT.replace(/\$([123])\b/g, (_, n) => values[n]!);
  const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`);
  const plan = rows.map((row) => row['QUERY PLAN']);
  expect(plan.filter((line) => /Seq Scan on client_job_row\b/.test(line))).toEqual([]);
  const entries = plan.filter((line) => /Cond: .*job_id/.test(line));
  expect(entries.length).toBeGreaterThanOrEqual(5);
  for (const condition of entries) expect(condition).toMatch(/\((r\.)?(line|phone) /);
});

it('keeps workers off a file of which nothing comes for long that could be written', async () => {
  let later = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + later);
  onTestFinished(() => clock.mockRestore());
  const isHeld = async () =>
    (await database.pool.query('select lease_until > clock_timestamp() as held from client_job')).rows[0].held;
  async function* file() {
    yield Buffer.from(FILE + '\n'.repeat(70_000));
    await database.pool.query('update client_job set lease_until = clock_timestamp()');
    later = 61_000;
    yield Buffer.from(',,\n');
    await expect.poll(isHeld).toBe(true);
  }
  const id = await staged(file());
  await runBatch(database.pool, id, 'worker');
  expect(await findJob(database.pool, id)).toMatchObject({ status: 'COMPLETED', total: 1, created: 1 });
});
