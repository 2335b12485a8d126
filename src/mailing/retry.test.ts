import { afterAll, beforeAll, expect, it } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, campaign, inHours, type UserErrorNode } from '../testing/api-calls.js';
import { insertClients, insertMailing, type MailingRow } from '../testing/rows.js';
import { verify } from '../verify/verify.js';

let api: TestApi;
let calls: ApiCalls;
let clients: string[];

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
  clients = await insertClients(api.database.pool, 6);
});
afterAll(() => api.close());

const sql = (text: string, params: unknown[] = []) => api.database.pool.query(text, params);

/** A mailing that was completed: of its six messages the first five failed, as `states` says, and the last was sent. */
async function completed(row: MailingRow = {}): Promise<{ id: string; messages: string[] }> {
  const id = await insertMailing(api.database.pool, row);
  await beginLaunch(api.database.pool, id);
  await launchChunk(api.database.pool, id, () => 1_000);
  await sql(
    `update message m set status = s.status, gateway_code = s.code, reason = s.reason, fence = 3, tries_used = 3, uncertain = s.status = 'UNKNOWN'
     from (select id, row_number() over (order by id) as n from message where mailing_id = $1) o
     join (values (1, 'FAILED', 400, 'HTTP 400: bad phone'), (2, 'FAILED', 400, 'HTTP 400: no credit'), (3, 'FAILED', null, 'Refused: NO CREDIT'),
       (4, 'UNKNOWN', 500, 'it was reset'), (5, 'UNKNOWN', null, 'it was reset'), (6, 'SENT', 200, null)) s(n, status, code, reason) using (n)
     where m.mailing_id = $1 and m.id = o.id`,
    [id],
  );
  await sql(
    `update mailing set status = 'COMPLETED', finished_at = now(), open = 0, failed = 3, unknown = 2, sent = 1 where id = $1`,
    [id],
  );
  const { rows } = await sql('select id from message where mailing_id = $1 order by id', [id]);
  return { id, messages: rows.map((message) => message.id) };
}

interface Retried {
  mailing: { status: string; finishedAt: string | null; progress: { open: number; failed: number } } | null;
  retriedCount: number;
  skippedCount: number;
  userErrors: UserErrorNode[];
}

async function retryFailed(id: string, filter: object | null = null): Promise<Retried> {
  const { it } = await api.run<{ it: Retried }>(
    `mutation ($id: ID!, $filter: RetryFilterInput) { it: mailingRetryFailed(id: $id, filter: $filter) {
       mailing { status finishedAt progress { open failed } } retriedCount skippedCount userErrors { field message code } } }`,
    { id, filter },
  );
  return it;
}

async function retryMessage(id: string) {
  const { it } = await api.run<{ it: { message: { status: string } | null; userErrors: UserErrorNode[] } }>(
    `mutation ($id: ID!) { it: messageRetry(id: $id) { message { id status attempts reason } userErrors { field message code } } }`,
    { id },
  );
  return it;
}

async function rowsOf(id: string) {
  const { rows } = await sql('select * from message where mailing_id = $1 order by id', [id]);
  return rows;
}
const eventsOf = async (id: string) => (await calls.mailing(id)).events.map(({ kind, by }) => `${kind} by ${by}`);

/** Whatever a test did, the counts must be those of the messages, and nothing that may have been sent is called FAILED. */
async function holds(): Promise<void> {
  expect((await verify(api.database.pool, null)).filter((finding) => finding.broken > 0)).toEqual([]);
}

it('opens what failed again and lets a completed mailing run; asked again it finds nothing', async () => {
  const { id } = await completed();
  api.takeRings();
  expect(await retryFailed(id)).toEqual({
    mailing: { status: 'RUNNING', finishedAt: null, progress: { open: 3, failed: 0 } },
    retriedCount: 3,
    skippedCount: 0,
    userErrors: [],
  });
  const rows = await rowsOf(id);
  expect(rows.map(({ status }) => status)).toEqual(['OPEN', 'OPEN', 'OPEN', 'UNKNOWN', 'UNKNOWN', 'SENT']);
  expect(rows[0]).toMatchObject({ tries_used: 0, fence: 3, reason: 'HTTP 400: bad phone', waiting_for: null });
  expect(await eventsOf(id)).toEqual(['LAUNCHED by heliograph', 'REOPENED by admin']);
  expect((await calls.mailing(id)).events.at(-1)?.details).toMatchObject({ plan: 1, rateLimit: null });
  const { rows: change } = await sql(
    `select statuses, version = (select version from mailing where id = $1) as newest from mailing_change
     where mailing_id = $1 order by version desc limit 1`,
    [id],
  );
  expect(change).toEqual([{ statuses: ['ENQUEUED', 'ENQUEUED', 'ENQUEUED'], newest: true }]);
  expect(new Set(api.takeRings().map(({ name }) => name))).toEqual(new Set(['mailing.dispatch', 'mailing.finish']));
  expect(await retryFailed(id)).toMatchObject({ retriedCount: 0, skippedCount: 0, userErrors: [] });
  expect(await eventsOf(id)).toHaveLength(2);
  await holds();
});

it.each<[string, object, number, number[]]>([
  ['a code of the gateway', { gatewayCodes: [400, 500] }, 2, [0, 1]],
  ['a part of the reason, in any case', { reasonContains: 'no credit' }, 2, [1, 2]],
  ['both together', { gatewayCodes: [400], reasonContains: 'no credit' }, 1, [1]],
  ['UNKNOWN ones, when asked for', { statuses: ['UNKNOWN'] }, 2, [3, 4]],
  ['all that did not get there', { statuses: ['FAILED', 'UNKNOWN', 'FAILED'] }, 5, [0, 1, 2, 3, 4]],
  ['a reason that nothing has', { reasonContains: '%' }, 0, []],
  ['a group of failures', { group: { reason: 'HTTP 400: bad phone', gatewayCode: 400 } }, 1, [0]],
  ['a part of the reason of a group', { group: { reason: 'HTTP 400', gatewayCode: 400 } }, 0, []],
  ['a reason of a group in other letters', { group: { reason: 'http 400: bad phone', gatewayCode: 400 } }, 0, []],
  ['a group that no answer came to', { group: { reason: 'it was reset' }, statuses: ['UNKNOWN'] }, 1, [4]],
  ['a group without a reason', { group: {} }, 0, []],
])('chooses by %s', async (_, filter, count, places) => {
  const { id } = await completed();
  expect(await retryFailed(id, filter)).toMatchObject({ retriedCount: count, skippedCount: 0, userErrors: [] });
  const rows = await rowsOf(id);
  expect(rows.flatMap(({ status }, at) => (status === 'OPEN' ? [at] : []))).toEqual(places);
  expect(rows.map(({ uncertain }) => uncertain)).toEqual([false, false, false, true, true, false]);
  expect((await calls.mailing(id)).status).toBe(count > 0 ? 'RUNNING' : 'COMPLETED');
  await holds();
});

it('skips those who opted out or were deleted, and those whom it cannot reach before the end', async () => {
  const { id, messages } = await completed();
  await calls.updateClient(clients[0]!, { optedOut: true });
  await sql('update client set deleted_at = now() where id = $1', [clients[1]]);
  expect(await retryFailed(id)).toMatchObject({ retriedCount: 1, skippedCount: 2, userErrors: [] });
  expect((await retryMessage(messages[0]!)).userErrors[0]?.message).toMatch(/opted out/);
  await sql('update client set deleted_at = null where id = $1', [clients[1]]);
  await calls.updateClient(clients[0]!, { optedOut: false });
  expect(await retryFailed(id)).toMatchObject({ retriedCount: 2, skippedCount: 0 });

  const far = await completed();
  const window = `allowed_from = (now() at time zone 'Europe/Moscow' + interval '2 hours')::time(0), allowed_to = (now() at time zone 'Europe/Moscow' + interval '3 hours')::time(0)`;
  await sql(`update mailing set ${window} where id = $1`, [far.id]);
  expect(await retryFailed(far.id)).toMatchObject({
    retriedCount: 0,
    skippedCount: 3,
    mailing: { status: 'COMPLETED' },
  });
  expect((await retryMessage(far.messages[0]!)).userErrors[0]?.message).toMatch(/before the mailing ends/);
  await calls.updateMailing(far.id, { endsAt: inHours(5) });
  expect(await retryFailed(far.id)).toMatchObject({ retriedCount: 3, mailing: { status: 'RUNNING' } });
  expect((await rowsOf(far.id))[0]).toMatchObject({ waiting_for: 'WINDOW', plan: 1 });
});

it('is refused where nothing may be sent any more, and says why', async () => {
  const { id } = await completed();
  await sql(`update mailing set ends_at = now() + interval '5 seconds' where id = $1`, [id]);
  expect(await retryFailed(id)).toMatchObject({ mailing: null, retriedCount: 0, userErrors: [{ code: 'CONFLICT' }] });
  expect((await retryFailed(id)).userErrors[0]?.message).toMatch(/move endsAt first/);
  await calls.updateMailing(id, { endsAt: inHours(2) });
  expect((await calls.mailing(id)).status).toBe('COMPLETED');
  expect(await retryFailed(id)).toMatchObject({ retriedCount: 3 });
  await calls.take('Cancel', id);
  expect((await retryFailed(id)).userErrors[0]?.message).toMatch(/^This mailing is CANCELLED/);
  const { mailing } = await calls.createMailing(campaign());
  expect((await retryFailed(mailing!.id)).userErrors[0]?.message).toMatch(/^This mailing is SCHEDULED/);
  for (const unknown of ['0', 'abc', '999999999']) {
    expect((await retryFailed(unknown)).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
    expect((await retryMessage(unknown)).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
  }
});

it.each<[object, string]>([
  [{ statuses: ['SENT'] }, 'filter.statuses.0'],
  [{ statuses: [] }, 'filter.statuses'],
  [{ gatewayCodes: [] }, 'filter.gatewayCodes'],
  [{ gatewayCodes: Array(101).fill(400) }, 'filter.gatewayCodes'],
  [{ reasonContains: 'a\0' }, 'filter.reasonContains'],
  [{ reasonContains: 'a'.repeat(201) }, 'filter.reasonContains'],
  [{ group: { reason: 'a\0' } }, 'filter.group.reason'],
])('takes no filter %j', async (filter, field) => {
  expect((await retryFailed('1', filter)).userErrors).toMatchObject([{ field, code: 'BAD_USER_INPUT' }]);
});

it('of one message: opens it, leaves an open one as it is, and never sends a sent one again', async () => {
  const { id, messages } = await completed();
  const [failed, , , unknown, , sent] = messages;
  expect(await retryMessage(failed!)).toMatchObject({ message: { status: 'ENQUEUED', attempts: 3 }, userErrors: [] });
  expect(await retryMessage(unknown!)).toMatchObject({ message: { status: 'ENQUEUED' }, userErrors: [] });
  const before = await rowsOf(id);
  expect(await retryMessage(failed!)).toMatchObject({ message: { status: 'ENQUEUED' }, userErrors: [] });
  expect(await rowsOf(id)).toEqual(before);
  const refused = await retryMessage(sent!);
  expect(refused).toMatchObject({ message: null, userErrors: [{ field: null, code: 'CONFLICT' }] });
  expect(refused.userErrors[0]?.message).toMatch(/never sent again/);
  expect(await eventsOf(id)).toEqual(['LAUNCHED by heliograph', 'REOPENED by admin']);
  await holds();
});

it('asked for many times at once, among edits, opens each once and reopens the mailing once', async () => {
  const { id, messages } = await completed();
  const answers = await Promise.all([
    ...Array.from({ length: 6 }, () => retryFailed(id)),
    calls.updateMailing(id, { endsAt: inHours(2) }),
    calls.updateMailing(id, { weekdays: [1, 2, 3, 4, 5, 6, 7] }),
    ...messages.slice(0, 3).map(retryMessage),
  ]);
  expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
  expect((await eventsOf(id)).filter((event) => event.startsWith('REOPENED'))).toHaveLength(1);
  const row = (await sql('select status, open, failed, plan, replan_cursor from mailing where id = $1', [id])).rows[0];
  expect(row).toMatchObject({ status: 'RUNNING', open: 3, failed: 0 });
  // None stays behind with the window of an older plan, unless the replan is still to come.
  const { rows } = await sql(`select from message where mailing_id = $1 and status = 'OPEN' and plan <> $2`, [
    id,
    row.plan,
  ]);
  if (row.replan_cursor === null) expect(rows).toEqual([]);
  await holds();
});

it('is planned by the hours of an edit that came in between', async () => {
  const { id } = await completed({ endsIn: '3 days' });
  const holder = await api.database.pool.connect();
  await holder.query('begin');
  await holder.query('select from mailing where id = $1 for update', [id]);
  const { rows } = await holder.query('select pg_backend_pid() as pid');
  const retrying = retryFailed(id);
  const waits = 'select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))';
  await expect.poll(async () => (await sql(waits, [rows[0].pid])).rowCount).toBe(1);
  const window = `allowed_from = (now() at time zone 'Europe/Moscow' + interval '2 hours')::time(0),
    allowed_to = (now() at time zone 'Europe/Moscow' + interval '3 hours')::time(0)`;
  await holder.query(`update mailing set ${window}, revision = revision + 1 where id = $1`, [id]);
  await holder.query('commit');
  holder.release();
  expect(await retrying).toMatchObject({ retriedCount: 3, skippedCount: 0, userErrors: [] });
  expect((await rowsOf(id)).slice(0, 3)).toMatchObject(Array(3).fill({ status: 'OPEN', waiting_for: 'WINDOW' }));
});

it('takes each message once, also when it fails anew, in another way, before the call has ended', async () => {
  const { id, messages } = await completed({ unknownOutcome: 'NEVER_AGAIN' });
  const { pool } = api.database;
  // A time-out, as soon as the first chunk is open.
  await pool.query(`create function give_up() returns trigger language plpgsql as $$
    begin
      update message set status = 'UNKNOWN', uncertain = true where mailing_id = ${id} and id = ${messages[0]};
      update mailing set open = open - 1, unknown = unknown + 1 where id = ${id};
      return null;
    end $$`);
  await pool.query(`create trigger give_up after insert on mailing_event for each row
    when (new.kind = 'REOPENED') execute function give_up()`);
  const { retriedCount } = await retryFailed(id, { statuses: ['FAILED', 'UNKNOWN'] });
  await pool.query('drop function give_up cascade');
  expect(retriedCount).toBe(5);
  expect((await rowsOf(id))[0]).toMatchObject({ status: 'UNKNOWN' });
  await holds();
});

it('takes more than a statement does at once, each message once', async () => {
  const { pool } = api.database;
  const id = await insertMailing(pool, { status: 'RUNNING' });
  const many = await insertClients(pool, 20_500);
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
     select $1, 900000000 + n, client, '79000000000', 'Europe/Moscow', '{}', 'FAILED', now(), now(), 1
     from unnest($2::bigint[]) with ordinality as c (client, n)`,
    [id, many],
  );
  await pool.query('update mailing set total = $2, failed = $2, launch_completed_at = now() where id = $1', [
    id,
    many.length,
  ]);
  expect(await retryFailed(id)).toMatchObject({
    retriedCount: 20_500,
    mailing: { progress: { open: 20_500, failed: 0 } },
  });
});
