import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimMessages } from '../message/claim-messages.js';
import { type OutcomeRecord, recordOutcomes } from '../message/record-outcomes.js';
import { settleMessages } from '../message/settle-messages.js';
import { insertClients, insertMailing, type MailingRow } from '../testing/rows.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { verify } from '../verify/verify.js';
import { beginLaunch, launchChunk } from './launch.js';
import { askReplan, replanChunk } from './replan.js';
import { findDueWork } from './sweep.js';

const TIMEOUT_MS = 10_000;
const timeoutMs = () => TIMEOUT_MS;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertClients(database.pool, 3);
  await insertClients(database.pool, 2, { timeZone: 'Asia/Kamchatka' });
});
afterAll(() => database.drop());

const sql = (text: string, params: unknown[] = []) => database.pool.query(text, params);

async function launched(row: MailingRow = {}): Promise<string> {
  const id = await insertMailing(database.pool, row);
  await beginLaunch(database.pool, id);
  await launchChunk(database.pool, id, timeoutMs);
  return id;
}

/** What an edit of a running mailing does to its row (edit-mailing.ts). */
const PLAN_ANEW = 'plan = plan + 1, replan_cursor = 0';
/** The same when the replan is over: what comes too late for that has nobody to wait for. */
const PLANNED_ANEW = 'plan = plan + 1, replan_cursor = null';
const edit = (id: string, set: string) => sql(`update mailing set ${set}, ${PLAN_ANEW} where id = $1`, [id]);

async function replan(id: string): Promise<void> {
  while (await replanChunk(database.pool, id, timeoutMs));
}

interface Row {
  status: string;
  waiting: string | null;
  /** From now, minutes. */
  due: number;
  ends: number;
  plan: number;
  reason: string | null;
}

async function messages(id: string): Promise<Row[]> {
  const { rows } = await sql(
    `select status, waiting_for as waiting, round(extract(epoch from due_at - now()) / 60)::int as due,
       round(extract(epoch from window_ends_at - now()) / 60)::int as ends, plan, reason from message where mailing_id = $1 order by id`,
    [id],
  );
  return rows;
}

async function mailing(id: string) {
  return (await sql('select * from mailing where id = $1', [id])).rows[0];
}

async function lastChange(id: string): Promise<Record<string, string>> {
  const { rows } = await sql(
    'select message_ids, statuses from mailing_change where mailing_id = $1 order by version desc limit 1',
    [id],
  );
  return Object.fromEntries(rows[0].message_ids.map((each: string, at: number) => [each, rows[0].statuses[at]]));
}

/** Whatever a test did, the counts must be those of the messages. */
async function holds(): Promise<void> {
  expect((await verify(database.pool, null)).filter((finding) => finding.broken > 0)).toEqual([]);
}

/** So many hours from now by a clock in Moscow. */
const moscow = (hours: number) => `(now() at time zone 'Europe/Moscow' + interval '${hours} hours')::time(0)`;

/** What a worker says of a message in its hands. */
function record(message: { id: string; fence: number }, more: Partial<OutcomeRecord>): OutcomeRecord {
  const nothing = { charged: false, delayMs: 0, gatewayCode: null, reason: null, startedAt: null, endedAt: null };
  return { id: message.id, fence: message.fence, kind: 'returned', ...nothing, ...more };
}

it('gives open messages the new window, tells of those that wait now, and asks for no more', async () => {
  const id = await launched({ endsIn: '3 days' });
  await edit(id, `allowed_from = ${moscow(2)}, allowed_to = ${moscow(3)}`);
  expect((await findDueWork(database.pool)).filter((work) => work.mailingId === id).map((work) => work.job)).toContain(
    'mailing.replan',
  );
  expect(await replanChunk(database.pool, id, timeoutMs)).toMatchObject({ completed: true, changed: 5 });
  const [one, , , far] = await messages(id);
  expect(one).toMatchObject({ status: 'OPEN', waiting: 'WINDOW', plan: 2, due: 120, ends: 180 });
  // Nine hours ahead, where that hour of today is over.
  expect(far).toMatchObject({ status: 'OPEN', waiting: 'WINDOW', due: (24 + 2 - 9) * 60 });
  expect(Object.values(await lastChange(id))).toEqual(Array(5).fill('DELAYED'));
  expect(await replanChunk(database.pool, id, timeoutMs)).toBeNull();
  await edit(id, 'allowed_from = null, allowed_to = null');
  await replan(id);
  expect(await messages(id)).toMatchObject(Array(5).fill({ status: 'OPEN', waiting: null, due: 0, plan: 3 }));
  expect(Object.values(await lastChange(id))).toEqual(Array(5).fill('ENQUEUED'));
  await holds();
});

it('leaves those that may go at once in their place in the queue, and tells nobody', async () => {
  const id = await launched();
  const due = async () => (await sql('select due_at from message where mailing_id = $1', [id])).rows;
  const before = await due();
  await edit(id, `ends_at = ends_at + interval '1 hour'`);
  await replan(id);
  expect(await due()).toEqual(before);
  expect((await messages(id))[0]).toMatchObject({ plan: 2, ends: 120 });
  expect(await lastChange(id)).toEqual({});
});

it('lets a message that waits for its next attempt wait as long, or until the window after that', async () => {
  const id = await launched({ endsIn: '3 days' });
  await sql(
    `update message m set due_at = now() + n * interval '30 minutes', waiting_for = 'RETRY'
     from (select id, row_number() over (order by id) as n from message where mailing_id = $1) o where m.mailing_id = $1 and m.id = o.id`,
    [id],
  );
  // Closes in 45 minutes: the first retry fits, the second has to wait for tomorrow.
  await edit(id, `allowed_from = ${moscow(-1)}, allowed_to = ${moscow(0.75)}`);
  await replan(id);
  expect(await messages(id)).toMatchObject([
    { waiting: 'RETRY', due: 30, ends: 45 },
    { waiting: 'WINDOW', due: 23 * 60, ends: 24 * 60 + 45 },
    { waiting: 'WINDOW', due: 23 * 60 },
    // In Kamchatka the window opened and closed nine hours ago.
    { waiting: 'WINDOW', due: 14 * 60 },
    { waiting: 'WINDOW' },
  ]);
  await holds();
});

it('expires those that no longer fit, UNKNOWN when they may have been sent, and brings them back with a later end', async () => {
  const id = await launched({ endsIn: '3 days', allowedFrom: '00:00', allowedTo: '23:59:59' });
  await sql(
    `update message set uncertain = true where mailing_id = $1 and id = (select min(id) from message where mailing_id = $1)`,
    [id],
  );
  await sql(`update message set reason = 'HTTP 500' where mailing_id = $1 and not uncertain`, [id]);
  await edit(id, `allowed_from = ${moscow(5)}, allowed_to = ${moscow(6)}, ends_at = now() + interval '1 hour'`);
  await replan(id);
  const why = 'the mailing ends before this client can be reached';
  expect((await messages(id)).map(({ status, reason }) => [status, reason])).toEqual([
    ['UNKNOWN', why],
    ...Array(4).fill(['EXPIRED', `HTTP 500; ${why}`]),
  ]);
  expect(await mailing(id)).toMatchObject({ status: 'COMPLETED', open: 0, expired: 4, unknown: 1 });
  await holds();

  await sql(`update mailing set status = 'PAUSED', finished_at = null where id = $1`, [id]);
  await edit(id, `ends_at = now() + interval '8 hours'`);
  await replan(id);
  expect((await messages(id)).map(({ status, reason, due }) => [status, reason, due])).toEqual([
    ['UNKNOWN', why, 0],
    ...Array(2).fill(['OPEN', 'HTTP 500', 5 * 60]),
    ...Array(2).fill(['EXPIRED', `HTTP 500; ${why}`, 0]),
  ]);
  expect(await mailing(id)).toMatchObject({ status: 'PAUSED', open: 2, expired: 2, replan_cursor: null });
  await holds();
});

it('does not let a mailing complete while those that expired are still to come back', async () => {
  const id = await launched({ filter: { timeZones: ['Asia/Kamchatka'] } });
  const [first, second] = (await claimMessages(database.pool, id, { limit: 2, timeoutMs: TIMEOUT_MS, leaseMs: 15_000 }))
    .messages;
  await sql(`update mailing set ends_at = now() where id = $1`, [id]);
  await recordOutcomes(
    database.pool,
    id,
    [record(first!, { kind: 'retry', delayMs: 1_000, reason: 'HTTP 503' })],
    10_000,
  );
  expect((await messages(id)).map(({ status }) => status)).toEqual(['EXPIRED', 'OPEN']);
  await edit(id, `ends_at = now() + interval '1 hour'`);
  await recordOutcomes(database.pool, id, [record(second!, { kind: 'accepted', startedAt: 1, endedAt: 2 })], 10_000);
  expect(await mailing(id)).toMatchObject({ status: 'RUNNING', open: 0, expired: 1, sent: 1 });
  await replan(id);
  expect(await mailing(id)).toMatchObject({ status: 'RUNNING', open: 1, expired: 0, sent: 1 });
  await holds();
});

it('completes a mailing when nothing is left that fits', async () => {
  const id = await launched();
  await edit(id, `allowed_from = ${moscow(5)}, allowed_to = ${moscow(5.5)}`);
  await replan(id);
  expect(await mailing(id)).toMatchObject({ status: 'COMPLETED', expired: 5, replan_cursor: null });
  const { rows } = await sql(`select kind from mailing_event where mailing_id = $1 order by id`, [id]);
  expect(rows.map(({ kind }) => kind)).toEqual(['LAUNCHED', 'COMPLETED']);
});

it('leaves what a worker has in hand, or lost, to its record and the next claim', async () => {
  const id = await launched();
  const options = { limit: 2, timeoutMs: TIMEOUT_MS, leaseMs: 15_000 };
  const [kept, lost] = (await claimMessages(database.pool, id, options)).messages;
  await sql(`update message set lease_until = now() - interval '1 s' where mailing_id = $1 and id = $2`, [
    id,
    lost!.id,
  ]);
  await edit(id, `ends_at = ends_at + interval '1 hour'`);
  await replan(id);
  expect((await messages(id)).map(({ plan }) => plan)).toEqual([1, 1, 2, 2, 2]);
  await recordOutcomes(database.pool, id, [record(kept!, { kind: 'retry', delayMs: 60_000 })], TIMEOUT_MS);
  const again = await claimMessages(database.pool, id, options);
  expect(again.messages.map(({ id, verdict }) => [id, verdict])).toContainEqual([lost!.id, 'late']);
  expect((await messages(id))[0]).toMatchObject({ plan: 2, waiting: 'RETRY', ends: 120 });
});

const editedMeanwhile = <T>(id: string, set: string, work: () => Promise<T>) =>
  changedMeanwhile(id, `${set}, ${PLAN_ANEW}`, work);

/** Holds a mailing's row while `work` waits for it at its very end, and changes it in between. */
async function changedMeanwhile<T>(id: string, set: string, work: () => Promise<T>): Promise<T> {
  const holder = await database.pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select from mailing where id = $1 for update', [id]);
    const { rows } = await holder.query('select pg_backend_pid() as pid');
    const working = work();
    const waits = 'select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))';
    await expect.poll(async () => (await sql(waits, [rows[0].pid])).rowCount).toBe(1);
    await holder.query(`update mailing set ${set} where id = $1`, [id]);
    await holder.query('commit');
    return await working;
  } finally {
    holder.release();
  }
}

it('begins again when the end is moved while messages expire by the old one', async () => {
  const id = await launched();
  const options = { limit: 2, timeoutMs: TIMEOUT_MS, leaseMs: 15_000 };
  const { messages: claimed } = await claimMessages(database.pool, id, options);
  const later = `ends_at = now() + interval '1 hour', ${PLANNED_ANEW}`;
  const work = [
    () => settleMessages(database.pool, id),
    () =>
      recordOutcomes(
        database.pool,
        id,
        claimed.map((each) => record(each, { kind: 'retry' })),
        TIMEOUT_MS,
      ),
  ];
  for (const [at, expire] of work.entries()) {
    await sql('update mailing set ends_at = now() where id = $1', [id]);
    await changedMeanwhile<unknown>(id, later, expire);
    // The statement itself asks for another.
    expect(await mailing(id)).toMatchObject({ status: 'RUNNING', expired: at === 0 ? 3 : 2 });
    expect(await findDueWork(database.pool)).toContainEqual({ mailingId: id, job: 'mailing.replan' });
    await replan(id);
    expect(await mailing(id)).toMatchObject({ status: 'RUNNING', open: 5, expired: 0, replan_cursor: null });
  }
  await holds();
});

it('brings back those that expired by the old end after it had planned them by the new one', async () => {
  const id = await launched();
  await sql('update mailing set ends_at = now() where id = $1', [id]);
  const holder = await database.pool.connect();
  await holder.query('begin');
  await holder.query('select from message where mailing_id = $1 for update', [id]);
  const settling = settleMessages(database.pool, id);
  const blocked = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await expect.poll(async () => (await sql(blocked)).rowCount).toBe(1);
  await sql(`update mailing set ends_at = now() + interval '1 hour', ${PLANNED_ANEW} where id = $1`, [id]);
  // What the replan writes, in a transaction that ends when it is wanted.
  await holder.query('update message set plan = 2 where mailing_id = $1', [id]);
  await holder.query('commit');
  holder.release();
  await settling;
  expect(await mailing(id)).toMatchObject({ expired: 5, replan_cursor: expect.any(String) });
  await replan(id);
  expect(await mailing(id)).toMatchObject({ status: 'RUNNING', open: 5, expired: 0 });
});

it('begins again for those that expire by the old end while it is at its first chunk', async () => {
  const id = await launched();
  const options = { limit: 5, timeoutMs: TIMEOUT_MS, leaseMs: 15_000 };
  const { messages: claimed } = await claimMessages(database.pool, id, options);
  await sql('update mailing set ends_at = now() where id = $1', [id]);
  const holder = await database.pool.connect();
  const waiting = (count: number) => {
    const blocked = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    return expect.poll(async () => (await sql(blocked)).rowCount).toBe(count);
  };
  try {
    // Whoever has written its counts waits here before it ends its transaction.
    await sql(
      `create function wait_at_gate() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock(4711); return null; end'`,
    );
    await sql('create trigger gate after insert on mailing_change for each row execute function wait_at_gate()');
    await holder.query('select pg_advisory_lock(4711)');
    await holder.query('begin');
    await holder.query('select from mailing where id = $1 for update', [id]);
    // It decides by the old end, and then waits for the row of the mailing, which an edit has …
    const late = claimed.map((each) => record(each, { kind: 'retry' }));
    const recording = recordOutcomes(database.pool, id, late, TIMEOUT_MS);
    await waiting(1);
    await holder.query(`update mailing set ends_at = now() + interval '1 hour', ${PLAN_ANEW} where id = $1`, [id]);
    await holder.query('commit');
    await waiting(1);
    // … and what is planned by the new end does not see what has been decided, and takes the messages for claimed.
    const replanning = replan(id);
    await waiting(2);
    await holder.query('select pg_advisory_unlock(4711)');
    await recording;
    await replanning;
  } finally {
    await holder.query('select pg_advisory_unlock_all()');
    holder.release();
    await sql('drop trigger gate on mailing_change');
    await sql('drop function wait_at_gate');
  }
  expect(await mailing(id)).toMatchObject({ status: 'RUNNING', open: 5, expired: 0, replan_cursor: null });
  await holds();
});

it('leaves expired what no edit of a running mailing gives time, when it only looks after hours that closed', async () => {
  const id = await launched();
  await sql(`update message set status = 'EXPIRED' where mailing_id = $1 and time_zone = 'Asia/Kamchatka'`, [id]);
  await sql('update mailing set open = 3, expired = 2 where id = $1', [id]);
  await sql(`update message set window_ends_at = now() where mailing_id = $1 and status = 'OPEN'`, [id]);
  await askReplan(database.pool, id);
  await replan(id);
  expect(await mailing(id)).toMatchObject({ open: 3, expired: 2, replan_cursor: null });
  expect((await messages(id)).slice(0, 3)).toMatchObject(Array(3).fill({ status: 'OPEN', ends: 60, plan: 1 }));
});

it('does not wake those that an edit had left expired, when the end was moved after the mailing had completed', async () => {
  const id = await launched({ filter: { timeZones: ['Asia/Kamchatka'] } });
  await sql(`update mailing set ends_at = now() where id = $1`, [id]);
  await settleMessages(database.pool, id);
  // An edit that helps nobody: it ends the mailing where it ended before.
  await sql(`update mailing set status = 'RUNNING', finished_at = null where id = $1`, [id]);
  await edit(id, `weekdays = '{1,2,3,4,5,6,7}'`);
  await replan(id);
  expect(await mailing(id)).toMatchObject({ status: 'COMPLETED', plan: 2, expired: 2 });
  // Moved now, the end restarts nothing; nor does it when somebody else is retried by hand, and a window closes over that one.
  await sql(
    `update mailing set status = 'RUNNING', finished_at = null, ends_at = now() + interval '1 hour' where id = $1`,
    [id],
  );
  await askReplan(database.pool, id);
  await replan(id);
  expect(await mailing(id)).toMatchObject({ open: 0, expired: 2 });
  await edit(id, `ends_at = now() + interval '2 hours'`);
  await sql(`update mailing set status = 'RUNNING', finished_at = null where id = $1`, [id]);
  await replan(id);
  expect(await mailing(id)).toMatchObject({ status: 'RUNNING', open: 2, expired: 0 });
  await holds();
});

it('is rolled back when the mailing is edited again, or cancelled, meanwhile', async () => {
  const id = await launched({ endsIn: '3 days' });
  await edit(id, `allowed_from = ${moscow(2)}, allowed_to = ${moscow(3)}`);
  const third = `allowed_from = ${moscow(4)}, allowed_to = ${moscow(5)}`;
  expect(await editedMeanwhile(id, third, () => replanChunk(database.pool, id, timeoutMs))).toMatchObject({
    changed: 5,
  });
  expect((await messages(id))[0]).toMatchObject({ plan: 3, due: 4 * 60 });
  await edit(id, `allowed_from = null, allowed_to = null`);
  const cancel = `status = 'CANCELLED'`;
  expect(await changedMeanwhile(id, cancel, () => replanChunk(database.pool, id, timeoutMs))).toBeNull();
  expect((await messages(id))[0]).toMatchObject({ plan: 3, due: 4 * 60 });
});

it('a launch that is edited in the middle of a chunk makes that chunk by the new plan', async () => {
  const id = await insertMailing(database.pool);
  await beginLaunch(database.pool, id);
  const set = `ends_at = ends_at + interval '1 hour'`;
  expect(await editedMeanwhile(id, set, () => launchChunk(database.pool, id, timeoutMs))).toMatchObject({ made: 5 });
  expect(await messages(id)).toMatchObject(Array(5).fill({ plan: 2, ends: 120 }));
});

it.each([
  ['the mailing was cancelled', `status = 'CANCELLED'`],
  ['another launch had made that chunk', 'launch_cursor = (select max(id) from client)'],
])('a launch takes back a chunk when %s meanwhile', async (_why, set) => {
  const id = await insertMailing(database.pool);
  await beginLaunch(database.pool, id);
  expect(await changedMeanwhile(id, set, () => launchChunk(database.pool, id, timeoutMs))).toBeNull();
  expect(await messages(id)).toEqual([]);
});
