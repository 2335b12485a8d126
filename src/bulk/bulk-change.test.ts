import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertClients } from '../testing/rows.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import { dropOldJobs, findJob, isUnderWay } from './client-jobs.js';
import { leaveJob, runBatch } from './run-batch.js';

let running: RunningApi;
beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());
beforeEach(() => running.database.pool.query('truncate client, client_job restart identity cascade'));

const ANSWER = '{ job { id kind status total } userErrors { field code message } }';

/** Asks for a job; gives what the API answers. */
async function ask(mutation: string, args: string) {
  const { body } = await running.ask(`mutation { it: ${mutation}(${args}) ${ANSWER} }`);
  return body.data?.it ?? body.errors;
}

/** Asks for a job, does it, and gives its counts. */
async function done(mutation: string, args: string) {
  const { job } = await ask(mutation, args);
  return await finish(job.id);
}

async function finish(id: string) {
  const { pool } = running.database;
  while (isUnderWay(await findJob(pool, id))) expect(await runBatch(pool, id, 'test')).not.toBeNull();
  const { status, total, done, updated, unchanged, failed } = await findJob(pool, id);
  return { status, total, done, updated, unchanged, failed };
}

const rowsOf = async (sql: string) => (await running.database.pool.query(sql)).rows;

describe('a change of many clients', () => {
  it('tags and untags those who match, over several batches, and touches nobody else', async () => {
    const { pool } = running.database;
    await insertClients(pool, 2_500, { tags: ['a', 'old'], operatorCode: '916' });
    await insertClients(pool, 10, { tags: ['a', 'new'], operatorCode: '916' });
    await insertClients(pool, 5, { tags: ['z'], operatorCode: '926' });
    expect(await done('clientsTag', 'filter: { operatorCodes: ["916"] }, tags: ["new", "a", "new"]')).toEqual({
      ...{ status: 'COMPLETED', total: 2_510, done: 2_510, updated: 2_500, unchanged: 10, failed: 0 },
    });
    expect(await rowsOf('select tags, revision, count(*)::int as n from client group by 1, 2 order by 3 desc')).toEqual(
      [
        { tags: ['a', 'old', 'new'], revision: 2, n: 2_500 },
        { tags: ['a', 'new'], revision: 1, n: 10 },
        { tags: ['z'], revision: 1, n: 5 },
      ],
    );
    expect(await done('clientsUntag', 'filter: { tagsAny: ["old"] }, tags: ["old", "a"]')).toMatchObject({
      updated: 2_500,
    });
    expect(await rowsOf('select tags, count(*)::int as n from client group by 1 order by 2 desc limit 1')).toEqual([
      { tags: ['new'], n: 2_500 },
    ]);
  });

  it('leaves whoever would have more than fifty tags as is, and counts them', async () => {
    const tags = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `t${from + n}`);
    const [full] = await insertClients(running.database.pool, 1, { tags: tags(0, 49) });
    const [free] = await insertClients(running.database.pool, 1, { tags: [] });
    const args = `ids: ["${full}", "${free}", "999999"], tags: ["x", "y"]`;
    expect(await done('clientsTag', args)).toMatchObject({ total: 2, done: 2, updated: 1, failed: 1 });
    expect(await rowsOf('select revision from client order by id')).toEqual([{ revision: 1 }, { revision: 2 }]);
  });

  it('opts out and deletes as a change of one does, with an event each, and only those who match by then', async () => {
    const { pool } = running.database;
    const ids = await insertClients(pool, 4, { tags: ['x'] });
    await pool.query('update client set opted_out_at = clock_timestamp() where id = $1', [ids[0]]);
    const { job } = await ask('clientsOptOut', 'filter: { tagsAny: ["x"] }');
    await pool.query(`update client set tags = '{}' where id = $1`, [ids[3]]);
    expect(await finish(job.id)).toMatchObject({ total: 3, done: 3, updated: 2, unchanged: 1 });
    expect(await done('clientsDelete', `ids: ["${ids[1]}"]`)).toMatchObject({ total: 1, updated: 1 });
    expect(await rowsOf('select client_id, kind, by from client_event order by id')).toEqual([
      { client_id: ids[1], kind: 'OPTED_OUT', by: 'admin' },
      { client_id: ids[2], kind: 'OPTED_OUT', by: 'admin' },
      { client_id: ids[1], kind: 'DELETED', by: 'admin' },
    ]);
    const shown = 'select opted_out_at is not null as out, deleted_at is not null as gone from client order by id';
    expect(await rowsOf(shown)).toEqual([
      { out: true, gone: false },
      { out: true, gone: true },
      { out: true, gone: false },
      { out: false, gone: false },
    ]);
  });

  it('is refused where its filter has no condition, which would be everybody', async () => {
    for (const filter of ['filter: {}', 'filter: { tagsAny: [] }']) {
      expect(await ask('clientsDelete', filter)).toMatchObject({ job: null, userErrors: [{ field: 'filter' }] });
    }
  });

  it.each([
    ['clientsDelete', '', 'filter'],
    ['clientsOptOut', 'filter: { tagsAny: ["a"] }, ids: ["1"]', 'filter'],
    ['clientsOptOut', 'ids: ["x"]', 'ids'],
    ['clientsTag', 'filter: { tagsAny: ["a"] }, tags: []', 'tags'],
    ['clientsTag', 'filter: { tagsAny: ["a"] }, tags: [" "]', 'tags.0'],
    ['clientsTag', 'filter: { timeZones: ["Mars"] }, tags: ["a"]', 'filter.timeZones.0'],
  ])('is refused when it is not clear: %s(%s)', async (mutation, args, field) => {
    const answer = await ask(mutation, args === '' ? 'ids: null' : args);
    expect(answer).toMatchObject({ job: null, userErrors: [{ field }] });
  });

  it('is one job for the same key and input, however often it is asked for, and no other input has the key', async () => {
    const args = 'filter: { tagsAny: ["x"] }, idempotencyKey: "k"';
    const { job } = await ask('clientsOptOut', args);
    expect(await ask('clientsOptOut', args)).toMatchObject({ job: { id: job.id }, userErrors: [] });
    expect(await ask('clientsOptOut', 'filter: { tagsAny: ["y"] }, idempotencyKey: "k"')).toMatchObject({
      job: null,
      userErrors: [{ code: 'CONFLICT', field: 'idempotencyKey' }],
    });
    expect((await ask('clientsDelete', args)).job.id).not.toBe(job.id);
    expect(await rowsOf('select kind from client_job order by id')).toEqual([{ kind: 'OPT_OUT' }, { kind: 'DELETE' }]);
  });

  it('is one process at a time: another gets it only when it is left, or the lease has run out', async () => {
    const { pool } = running.database;
    await insertClients(pool, 3_500, { tags: ['x'] });
    const { job } = await ask('clientsTag', 'filter: { tagsAny: ["x"] }, tags: ["y"]');
    expect(running.rings.at(-1)).toEqual({ name: 'client.job', payload: { jobId: job.id } });
    expect(await runBatch(pool, job.id, 'one')).not.toBeNull();
    expect(await runBatch(pool, job.id, 'two')).toBeNull();
    expect(await runBatch(pool, job.id, 'one')).not.toBeNull();
    await pool.query(`update client_job set lease_until = clock_timestamp()`);
    expect(await runBatch(pool, job.id, 'two')).not.toBeNull();
    expect(await runBatch(pool, job.id, 'one')).toBeNull();
    await leaveJob(pool, job.id, 'two');
    expect(await runBatch(pool, job.id, 'one')).toMatchObject({ isOver: true });
    expect(await findJob(pool, job.id)).toMatchObject({ done: 3_500, updated: 3_500 });
  });

  it('is kept for thirty days after its end, and only then dropped', async () => {
    const { pool } = running.database;
    await pool.query(
      `insert into client_job (kind, params, created_by, status, finished_at)
       select 'IMPORT', '{}', 'test', status, clock_timestamp() - age::interval
       from (values ('COMPLETED', '31 days'), ('COMPLETED', '29 days'), ('RUNNING', null)) j (status, age)`,
    );
    await pool.query(
      `insert into client_job_row (job_id, line, cells, problems)
       select id, line, '{}', case line when 2 then '[]'::jsonb end from client_job, generate_series(1, 2) line`,
    );
    await dropOldJobs(pool);
    expect(await rowsOf('select job_id::int as job, line from client_job_row order by 1, 2')).toEqual([
      { job: 2, line: 2 },
      { job: 3, line: 1 },
      { job: 3, line: 2 },
    ]);
    expect(await rowsOf('select id::int from client_job order by id')).toEqual([{ id: 2 }, { id: 3 }]);
  });

  it('of two processes at the very same time one does a batch, and nothing is done twice', async () => {
    const { pool } = running.database;
    await insertClients(pool, 900, { tags: ['x'] });
    const { job } = await ask('clientsTag', 'filter: { tagsAny: ["x"] }, tags: ["y"]');
    const both = await Promise.all([runBatch(pool, job.id, 'one'), runBatch(pool, job.id, 'two')]);
    expect(both.filter((batch) => batch !== null)).toHaveLength(1);
    expect(await findJob(pool, job.id)).toMatchObject({ done: 900, updated: 900, status: 'COMPLETED' });
  });
});
