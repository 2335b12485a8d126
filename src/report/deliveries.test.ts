import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createPool } from '../platform/pool.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { MAX_HOURS } from './deliveries.js';
import { Tallies } from './tallies.js';

interface Hour {
  date: string;
  hour: number;
  sent: number;
}

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
  await insertClients(api.database.pool, 6);
});
afterAll(() => api.close());

/** A mailing with a message for each zone and moment: SENT then, or FAILED where there is none. */
async function withMessages(messages: readonly [zone: string, sentAt: string | null][]): Promise<string> {
  const { pool } = api.database;
  const id = await insertMailing(pool, { status: 'RUNNING' });
  const sent = messages.filter(([, at]) => at !== null).length;
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, sent_at, due_at, window_ends_at, plan)
     select $1, n, c.id, c.phone, zone, '{}', case when at is null then 'FAILED' else 'SENT' end, at, now(), now(), 1
     from unnest($2::text[], $3::timestamptz[]) with ordinality m (zone, at, n)
     join (select *, row_number() over (order by id) as n from client) c using (n)`,
    [id, messages.map(([zone]) => zone), messages.map(([, at]) => at)],
  );
  await pool.query(
    'update mailing set total = $2::int, sent = $3::int, failed = $2::int - $3::int, version = 1, launched_at = now() where id = $1',
    [id, messages.length, sent],
  );
  return id;
}

async function deliveriesOf(id: string): Promise<Hour[]> {
  const { mailing } = await api.run<{ mailing: { deliveries: Hour[] } }>(
    `{ mailing(id: ${id}) { deliveries { date hour sent } } }`,
  );
  return mailing.deliveries;
}

it("are told by each client's own day and hour, in their order, and no others", async () => {
  const id = await withMessages([
    ['Europe/Moscow', '2026-01-01T20:59:59Z'],
    ['Europe/Moscow', '2026-01-01T21:00:00Z'],
    ['Asia/Kathmandu', '2026-01-01T18:14:59Z'],
    ['Asia/Kathmandu', '2026-01-01T18:15:00Z'],
    ['Mars/Olympus', '2026-01-01T12:00:00Z'],
    ['Europe/Moscow', null],
  ]);
  expect(await deliveriesOf(id)).toEqual([
    { date: '2026-01-01', hour: 23, sent: 2 },
    { date: '2026-01-02', hour: 0, sent: 2 },
  ]);
  expect(await deliveriesOf(await withMessages([['UTC', null]]))).toEqual([]);
});

it('are counted anew after a while', async () => {
  const { pool } = api.database;
  const id = await withMessages([
    ['UTC', '2026-01-01T10:00:00Z'],
    ['UTC', null],
  ]);
  const ten = (sent: number) => [{ date: '2026-01-01', hour: 10, sent }];
  expect(await deliveriesOf(id)).toEqual(ten(1));
  await pool.query(`update message set status = 'SENT', sent_at = '2026-01-01T10:20:00Z' where mailing_id = $1`, [id]);
  await pool.query('update mailing set sent = 2, failed = 0, version = 2 where id = $1', [id]);
  expect(await deliveriesOf(id)).toEqual(ten(1));
  await pool.query(`update mailing_tally set at = at - interval '11 s' where mailing_id = $1`, [id]);
  expect(await deliveriesOf(id)).toEqual(ten(2));
});

it('are told of the last hours alone where there are very many', async () => {
  const id = await withMessages([['UTC', '2020-01-01T00:00:00Z']]);
  await deliveriesOf(id);
  await api.database.pool.query(
    `insert into mailing_tally_count (mailing_id, dimension, quarter, value, status, count)
     select $1, 'TIME_ZONE', timestamptz '2020-01-01T00:00:00Z' + n * interval '1 hour', 'UTC', 'SENT', 1 from generate_series(1, ${MAX_HOURS}) n`,
    [id],
  );
  const hours = await deliveriesOf(id);
  expect([hours.length, hours[0]]).toEqual([MAX_HOURS, { date: '2020-01-01', hour: 1, sent: 1 }]);
});

it('leave connections to others, however many mailings are counted for the first time at once', async () => {
  const { pool, url } = api.database;
  const ids: string[] = [];
  for (let many = 0; many < 4; many++) ids.push(await withMessages([['UTC', '2026-01-01T10:00:00Z']]));
  const small = createPool({ databaseUrl: url, max: 3, name: 'small', onError: () => {} });
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('lock table mailing_tally_count in access exclusive mode');
  const tallies = new Tallies(small, { warn: () => {} });
  const counting = Promise.all(ids.map((id) => tallies.refreshOf([id])));
  // Each of these waits in line with those who count, and would come to wait behind them.
  for (let time = 0; time < 20; time++) await small.query('select 1');
  await holder.query('rollback');
  holder.release();
  await counting;
  const { rowCount } = await pool.query('select from mailing_tally where mailing_id = any ($1)', [ids]);
  expect(rowCount).toBe(4);
  await small.end();
});

it('come for many mailings with as many statements as for one', async () => {
  for (let more = 0; more < 2; more++) await withMessages([['UTC', '2026-01-01T10:00:00Z']]);
  const statements = async (first: number) => {
    const spy = vi.spyOn(api.database.pool, 'query');
    await api.run(`{ mailings(first: ${first}) { edges { node { deliveries { sent } } } } }`);
    const count = spy.mock.calls.length;
    spy.mockRestore();
    return count;
  };
  // The first time each of them is counted by itself.
  await statements(2);
  const forOne = await statements(1);
  expect(forOne).toBeGreaterThan(1);
  expect(await statements(2)).toBe(forOne);
});
