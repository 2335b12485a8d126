import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { claimMessages } from '../message/claim-messages.js';
import { recordOutcomes } from '../message/record-outcomes.js';
import { createPool } from '../platform/pool.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi, TIMEOUT_MS } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { readThroughput } from './throughput.js';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

/** A batch that ended so many seconds after the last whole minute; `sent` null: written before there was that column. */
interface Batch {
  after: number;
  finished: number;
  sent: number | null;
  statuses?: string[];
}

/** A running mailing with these batches, and when the minute began that they are counted from, ms since the epoch. */
async function withBatches(batches: readonly Batch[]): Promise<{ id: string; minute: number }> {
  const { pool } = api.database;
  const id = await insertMailing(pool, { status: 'RUNNING' });
  await pool.query('update mailing set launched_at = now(), version = $2 where id = $1', [id, batches.length]);
  const { rows } = await pool.query<{ minute: Date }>(
    `with clock as materialized (select date_trunc('minute', clock_timestamp()) as minute), written as (
       insert into mailing_change (mailing_id, version, at, finished, sent, message_ids, statuses)
       select $1, n, minute + after * interval '1 s', finished, sent, '{}', coalesce(statuses, '{}')
       from clock, rows from (jsonb_to_recordset($2) as (after float8, finished int, sent int, statuses text[])) with ordinality b (after, finished, sent, statuses, n)
     )
     select minute from clock`,
    [id, JSON.stringify(batches)],
  );
  return { id, minute: rows[0]!.minute.getTime() };
}

interface Point {
  at: string;
  sent: number;
  other: number;
}

async function throughputOf(id: string, args = ''): Promise<Point[]> {
  const { mailing } = await api.run<{ mailing: { throughput: Point[] } }>(
    `{ mailing(id: ${id}) { throughput${args} { at sent other } } }`,
  );
  return mailing.throughput;
}

it('tells how many were sent, and how many became something else, as batches are recorded', async () => {
  const { pool } = api.database;
  await insertClients(pool, 6);
  const id = await insertMailing(pool, { maxAttempts: 1 });
  expect(await throughputOf(id)).toEqual([]);
  await beginLaunch(pool, id);
  await launchChunk(pool, id, () => TIMEOUT_MS);
  const { messages } = await claimMessages(pool, id, { limit: 5, timeoutMs: TIMEOUT_MS, leaseMs: 15_000 });
  const kinds = ['accepted', 'accepted', 'accepted', 'rejected', 'retry'] as const;
  const records = messages.map(({ id: message, fence }, at) => ({
    ...{ id: message, fence, kind: kinds[at]!, charged: true, delayMs: 0, gatewayCode: 200, reason: null },
    ...{ startedAt: Date.now(), endedAt: Date.now() },
  }));
  await recordOutcomes(pool, id, records, TIMEOUT_MS, 'CAMPAIGN');
  const [{ finished, sent }] = (
    await pool.query('select finished, sent from mailing_change where mailing_id = $1 order by version desc limit 1', [
      id,
    ])
  ).rows;
  expect([finished, sent]).toEqual([5, 3]);
  const points = await throughputOf(id);
  expect(points).toEqual([{ at: expect.any(String), sent: 3, other: 2 }]);
  expect(Date.parse(points[0]!.at) % 5_000).toBe(0);
});

it('has a point for five seconds, and none for moments without anything, nor for what was before', async () => {
  const { id, minute } = await withBatches([
    ...Array.from({ length: 9 }, (_, n) => ({ after: -3_700 + n, finished: 7, sent: 7 })),
    { after: -605, finished: 1, sent: 1 },
    { after: -120, finished: 10, sent: 9 },
    { after: -115.001, finished: 5, sent: 5 },
    { after: -115, finished: 2, sent: null, statuses: ['SENT', 'DELAYED', 'FAILED'] },
    { after: -60, finished: 0, sent: 0 },
  ]);
  const at = (after: number) => new Date(minute + after * 1_000).toISOString();
  const last = [
    { at: at(-120), sent: 14, other: 1 },
    { at: at(-115), sent: 1, other: 1 },
  ];
  expect(await throughputOf(id, '(minutes: 4)')).toEqual(last);
  expect(await throughputOf(id, '(minutes: 12)')).toEqual([
    { at: at(-606), sent: 1, other: 0 },
    { at: at(-120), sent: 15, other: 2 },
  ]);
  const hour = await throughputOf(id, '(minutes: 60)');
  expect(hour.map(({ sent, other }) => [sent, other])).toEqual([
    [1, 0],
    [15, 2],
  ]);
});

it('looks at the newest batches alone where there are very many, fewer of each where many are asked for at once', async () => {
  const batch = (after: number) => ({ after, finished: 1, sent: 1 });
  const [one, other] = [await withBatches([-40, -30, -20, -10].map(batch)), await withBatches([batch(-5)])];
  const asked = [one, other, one].map(({ id }) => ({ mailingId: id, minutes: 5 }));
  const counts = async (few: typeof asked) =>
    (await readThroughput(api.database.pool, few, 6)).map((points) => points.map(({ at }) => at.getTime()));
  const at = (after: number) => one.minute + after * 1_000;
  expect(await counts(asked)).toEqual([[at(-20), at(-10)], [other.minute - 5_000], [at(-20), at(-10)]]);
  expect(await counts(asked.slice(0, 1))).toEqual([[at(-40), at(-30), at(-20), at(-10)]]);
});

it('reads the batches that it tells of, however many there were before', async () => {
  const { id, minute } = await withBatches([
    ...Array.from({ length: 5_000 }, (_, n) => ({ after: n - 8_000, finished: 1, sent: 1 })),
    ...[-30, -20, -10].map((after) => ({ after, finished: 1, sent: 1 })),
  ]);
  // PostgreSQL counts what a connection has read once that connection asks for it.
  const pool = createPool({ databaseUrl: api.database.url, max: 1, name: 'reader', onError: () => {} });
  const readSoFar = async () => {
    await pool.query('select pg_stat_force_next_flush()');
    const { rows } = await pool.query<{ read: number }>(
      `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_user_tables where relname = 'mailing_change'`,
    );
    return rows[0]!.read;
  };
  await pool.query('vacuum analyze mailing_change');
  const before = await readSoFar();
  const [points] = await readThroughput(pool, [{ mailingId: id, minutes: 5 }]);
  expect(points!.map(({ at }) => at.getTime() - minute)).toEqual([-30_000, -20_000, -10_000]);
  expect((await readSoFar()) - before).toBeLessThan(100);
  await pool.end();
});

it('is read once for all who look at the same moment, and anew for who knows of a newer version', async () => {
  const { pool } = api.database;
  const { id } = await withBatches([-10, -5].map((after) => ({ after, finished: 1, sent: 1 })));
  const spy = vi.spyOn(pool, 'query');
  const reads = () => spy.mock.calls.filter(([query]) => (query as { name?: string }).name === 'throughput').length;
  const sums = (answers: Point[][]) => answers.map((points) => points.reduce((sum, { sent }) => sum + sent, 0));
  expect(sums(await Promise.all(Array.from({ length: 20 }, () => throughputOf(id))))).toEqual(Array(20).fill(2));
  expect(reads()).toBe(1);
  await pool.query(
    `with m as (update mailing set version = version + 1 where id = $1 returning id, version)
     insert into mailing_change (mailing_id, version, at, finished, sent, message_ids, statuses)
     select id, version, now(), 5, 5, '{}', '{}' from m`,
    [id],
  );
  expect(sums(await Promise.all([throughputOf(id), throughputOf(id)]))).toEqual([7, 7]);
  expect(reads()).toBe(2);
  spy.mockRestore();
});

it.each([0, 61])('is refused by name for %i minutes', async (minutes) => {
  const { id } = await withBatches([]);
  const { errors } = await api.execute(`{ mailing(id: ${id}) { throughput(minutes: ${minutes}) { at } } }`);
  expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'minutes' });
});
