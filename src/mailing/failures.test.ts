import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { groupFailures } from './failures.js';

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
  await insertClients(api.database.pool, 21);
});
afterAll(() => api.close());

/** A mailing with so many messages of each kind, in the order given. */
async function withMessages(...kinds: [count: number, status: string, code: number | null, reason: string | null][]) {
  const { pool } = api.database;
  const id = await insertMailing(pool, { status: 'RUNNING' });
  for (const [count, status, code, reason] of kinds) {
    await pool.query(
      `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan, gateway_code, reason)
       select $1, c.id, c.id, c.phone, 'UTC', '{}', $3, now(), now(), 1, $4, $5 from client c
       where c.id > (select coalesce(max(id), 0) from message where mailing_id = $1) order by c.id limit $2`,
      [id, count, status, code, reason],
    );
  }
  await pool.query(
    `update mailing g set total = m.total, open = m.open, sent = m.sent, failed = m.failed, expired = m.expired, unknown = m.unknown
     from (select count(*) as total, count(*) filter (where status = 'OPEN') as open, count(*) filter (where status = 'SENT') as sent,
       count(*) filter (where status = 'FAILED') as failed, count(*) filter (where status = 'EXPIRED') as expired,
       count(*) filter (where status = 'UNKNOWN') as unknown from message where mailing_id = $1) m
     where g.id = $1`,
    [id],
  );
  return id;
}

async function failuresOf(id: string) {
  const { mailing } = await api.run<{ mailing: { failures: object[] } }>(
    `{ mailing(id: ${id}) { failures { status gatewayCode reason count } } }`,
  );
  return mailing.failures;
}

it('are grouped by status, answer and reason, the largest first, and nothing else is among them', async () => {
  const id = await withMessages(
    [2, 'FAILED', 400, 'the gateway refused it (400)'],
    [3, 'UNKNOWN', null, 'no answer in time'],
    [1, 'FAILED', 422, 'the gateway answered 422'],
    [1, 'FAILED', null, null],
    [4, 'SENT', 200, null],
    [4, 'EXPIRED', 500, 'the mailing ended'],
    [4, 'OPEN', 500, 'the gateway answered 500'],
    [2, 'FAILED', 400, 'the gateway refused it (400)'],
  );
  await api.database.pool.query(
    `insert into message (mailing_id, id, kind, phone, time_zone, attributes, status, due_at, window_ends_at, plan, gateway_code, reason, text)
     values ($1, 900000000, 'TEST', '79000000000', 'UTC', '{}', 'FAILED', now(), now(), 1, 400, 'a test send', 'Hello')`,
    [id],
  );
  expect(await failuresOf(id)).toEqual([
    { status: 'FAILED', gatewayCode: 400, reason: 'the gateway refused it (400)', count: 4 },
    { status: 'UNKNOWN', gatewayCode: null, reason: 'no answer in time', count: 3 },
    { status: 'FAILED', gatewayCode: 422, reason: 'the gateway answered 422', count: 1 },
    { status: 'FAILED', gatewayCode: null, reason: null, count: 1 },
  ]);
  expect(await failuresOf(await withMessages([1, 'SENT', 200, null]))).toEqual([]);
});

it('are counted among the newest of each status, fewer where many mailings are asked for at once', async () => {
  const [one, other] = [
    await withMessages([2, 'FAILED', 400, 'old'], [3, 'FAILED', 400, 'new'], [1, 'UNKNOWN', 500, 'new']),
    await withMessages([1, 'FAILED', 400, 'of another']),
  ];
  const em = api.orm.em.fork();
  const brief = (groups: object[]) => groups.map((group) => Object.values(group).slice(1));
  const [all] = await groupFailures(em, [one], 4);
  expect(brief(all!)).toEqual([
    ['FAILED', 400, 'new', 3],
    ['FAILED', 400, 'old', 1],
    ['UNKNOWN', 500, 'new', 1],
  ]);
  expect((await groupFailures(em, [other, one], 4)).map(brief)).toEqual([
    [['FAILED', 400, 'of another', 1]],
    [
      ['FAILED', 400, 'new', 2],
      ['UNKNOWN', 500, 'new', 1],
    ],
  ]);
});
