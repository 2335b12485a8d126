import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { insertClients, insertMailing, type MailingRow } from '../testing/rows.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { type ClaimedMessage, claimMessages, nextDueAt } from './claim-messages.js';
import { type OutcomeRecord, recordOutcomes } from './record-outcomes.js';
import { settleMessages } from './settle-messages.js';

const TIMEOUT = 10_000;

describe('claim, record and settle', () => {
  let database: TestDatabase;
  let mailingId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    await insertClients(database.pool, 10);
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    await database.pool.query('update client set opted_out_at = null, deleted_at = null');
    mailingId = await running();
  });

  async function running(row: MailingRow = {}): Promise<string> {
    const id = await insertMailing(database.pool, row);
    await beginLaunch(database.pool, id);
    await launchChunk(database.pool, id, () => TIMEOUT);
    return id;
  }
  const claim = async (limit = 10, leaseMs = 15_000, id = mailingId) =>
    (await claimMessages(database.pool, id, { limit, timeoutMs: TIMEOUT, leaseMs })).messages;
  const outcome = (
    message: ClaimedMessage,
    kind: OutcomeRecord['kind'],
    more: Partial<OutcomeRecord> = {},
  ): OutcomeRecord => ({
    id: message.id,
    fence: message.fence,
    kind,
    charged: kind !== 'returned',
    delayMs: 0,
    gatewayCode: 200,
    reason: kind === 'accepted' ? null : `it was ${kind}`,
    startedAt: Date.now(),
    endedAt: Date.now(),
    ...more,
  });
  const record = (records: OutcomeRecord[], id = mailingId) => recordOutcomes(database.pool, id, records, TIMEOUT);
  const message = async (id: string) =>
    (await database.pool.query('select * from message where id = $1', [id])).rows[0];
  const mailing = async (id = mailingId) =>
    (await database.pool.query('select * from mailing where id = $1', [id])).rows[0];
  const attempts = async (id: string) =>
    (await database.pool.query('select fence, outcome from message_attempt where message_id = $1 order by fence', [id]))
      .rows;

  it('gives no message to two claims at once', async () => {
    const batches = await Promise.all([claim(4), claim(4), claim(4)]);
    const ids = batches.flat().map((m) => m.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await claim()).toHaveLength(10 - ids.length);
    expect(await claim()).toHaveLength(0);
  });

  it('claims nothing of a mailing that is paused, or ends within one time-out', async () => {
    await database.pool.query(`update mailing set status = 'PAUSED' where id = $1`, [mailingId]);
    expect(await claim()).toHaveLength(0);
    await database.pool.query(
      `update mailing set status = 'RUNNING', ends_at = clock_timestamp() + interval '9 seconds' where id = $1`,
      [mailingId],
    );
    expect(await claim()).toHaveLength(0);
  });

  it('counts, versions and logs a batch in one step, and completes the mailing with its last message', async () => {
    const all = await claim();
    const before = await mailing();
    await record(all.slice(0, 6).map((m) => outcome(m, 'accepted')));
    expect(await mailing()).toMatchObject({
      status: 'RUNNING',
      open: 4,
      sent: 6,
      version: String(Number(before.version) + 1),
    });
    const published = await record([
      ...all.slice(6, 8).map((m) => outcome(m, 'rejected', { gatewayCode: 400 })),
      ...all.slice(8).map((m) => outcome(m, 'accepted')),
    ]);
    expect(published).toMatchObject({ status: 'COMPLETED' });
    expect(await mailing()).toMatchObject({ status: 'COMPLETED', open: 0, sent: 8, failed: 2, total: 10 });
    const { rows } = await database.pool.query(
      'select statuses, finished from mailing_change where mailing_id = $1 and version = $2',
      [mailingId, published!.version],
    );
    expect(rows[0]).toEqual({ statuses: ['FAILED', 'FAILED', 'SENT', 'SENT'], finished: 4 });
    const events = await database.pool.query('select kind from mailing_event where mailing_id = $1 order by id', [
      mailingId,
    ]);
    expect(events.rows.map((r) => r.kind)).toEqual(['LAUNCHED', 'COMPLETED']);
  });

  it('records a batch again without harm when the acknowledgement was lost', async () => {
    const all = await claim();
    const records = all.map((m, n) => outcome(m, n % 2 ? 'accepted' : 'retry', { delayMs: 60_000 }));
    await record(records);
    const once = await mailing();
    expect(await record(records)).toBeNull();
    expect(await mailing()).toEqual(once);
    expect((await message(all[0]!.id)).tries_used).toBe(1);
  });

  it('tries again later: DELAYED, with the reason and the earlier attempt in its timeline', async () => {
    const [first] = await claim(1);
    await record([outcome(first!, 'retry', { delayMs: 60_000, gatewayCode: 503 })]);
    expect(await message(first!.id)).toMatchObject({
      status: 'OPEN',
      waiting_for: 'RETRY',
      lease_until: null,
      tries_used: 1,
      gateway_code: 503,
      reason: 'it was retry',
    });
    const due = (await message(first!.id)).due_at.getTime() - Date.now();
    expect(due).toBeGreaterThan(50_000);
    expect(await attempts(first!.id)).toEqual([]);
    await database.pool.query(`update message set due_at = clock_timestamp() where id = $1`, [first!.id]);
    const again = (await claim()).find((m) => m.id === first!.id)!;
    await record([outcome(again, 'accepted')]);
    expect(await attempts(first!.id)).toEqual([{ fence: 1, outcome: 'retry' }]);
    expect(await message(first!.id)).toMatchObject({ status: 'SENT', attempt_fence: 2, attempt_outcome: 'accepted' });
  });

  it('expires what could only be tried again after the end', async () => {
    const [first] = await claim(1);
    await record([outcome(first!, 'retry', { delayMs: 2 * 3_600_000 })]);
    expect(await message(first!.id)).toMatchObject({
      status: 'EXPIRED',
      reason: 'it was retry; the mailing ends before this client can be reached',
    });
  });

  it('waits for the window when the next attempt falls outside it', async () => {
    const { rows: clock } =
      await database.pool.query(`select to_char(now() at time zone 'Europe/Moscow' - interval '1 hour', 'HH24:MI') as from,
      to_char(now() at time zone 'Europe/Moscow' + interval '5 minutes', 'HH24:MI') as to`);
    const id = await running({ allowedFrom: clock[0].from, allowedTo: clock[0].to, endsIn: '3 days' });
    const [first] = await claim(1, 15_000, id);
    await record([outcome(first!, 'retry', { delayMs: 600_000 })], id);
    const row = await message(first!.id);
    expect(row.waiting_for).toBe('WINDOW');
    expect(row.due_at.getTime()).toBeGreaterThan(Date.now() + 22 * 3_600_000);
    expect(row.window_ends_at.getTime()).toBeGreaterThan(row.due_at.getTime());
  });

  it('gives up after maxAttempts, and not for attempts that are not charged', async () => {
    const id = await running({ maxAttempts: 2 });
    const soon = () => database.pool.query('update message set due_at = clock_timestamp() where mailing_id = $1', [id]);
    const statuses: string[] = [];
    for (const charged of [true, false, true]) {
      await soon();
      const [first] = await claim(1, 15_000, id);
      await record([outcome(first!, 'retry', { charged, delayMs: 1 })], id);
      await database.pool.query(
        `update message set due_at = clock_timestamp() + interval '1 hour' where mailing_id = $1 and id <> $2`,
        [id, first!.id],
      );
      statuses.push((await message(first!.id)).status);
    }
    expect(statuses).toEqual(['OPEN', 'OPEN', 'FAILED']);
  });

  it('turns every "no" into UNKNOWN once an attempt may have reached the gateway', async () => {
    const all = await claim();
    await record(all.map((m) => outcome(m, 'unknown', { gatewayCode: null })));
    await database.pool.query('update message set due_at = clock_timestamp() where mailing_id = $1', [mailingId]);
    const again = await claim();
    await record([
      outcome(again[0]!, 'rejected', { gatewayCode: 400 }),
      outcome(again[1]!, 'withdrawn'),
      outcome(again[2]!, 'retry', { delayMs: 1e9 }),
      outcome(again[3]!, 'accepted'),
    ]);
    const { rows } = await database.pool.query('select status, uncertain from message where id = any($1) order by id', [
      again.slice(0, 4).map((m) => m.id),
    ]);
    expect(rows).toEqual([
      { status: 'UNKNOWN', uncertain: true },
      { status: 'UNKNOWN', uncertain: true },
      { status: 'UNKNOWN', uncertain: true },
      { status: 'SENT', uncertain: true },
    ]);
  });

  it('never tries again after an unknown outcome when the mailing says so', async () => {
    const id = await running({ unknownOutcome: 'NEVER_AGAIN' });
    const [first, second] = await claim(2, 0, id);
    await record([outcome(first!, 'unknown')], id);
    expect((await message(first!.id)).status).toBe('UNKNOWN');
    const again = await claim(10, 15_000, id);
    expect(again.find((m) => m.id === second!.id)?.verdict).toBe('never-again');
    expect(again.filter((m) => m.verdict === 'send')).toHaveLength(8);
  });

  describe('when a worker stood still and its lease ran out', () => {
    it('hands the message to another, uncertain for good, and the lost attempt stays in its timeline', async () => {
      await claim(1, 0);
      const [again] = await claim(1);
      expect(again).toMatchObject({ fence: 2, verdict: 'send' });
      expect(await message(again!.id)).toMatchObject({ uncertain: true });
      expect(await attempts(again!.id)).toEqual([{ fence: 1, outcome: 'lost' }]);
    });

    it('lets the old claim write nothing but SENT', async () => {
      const [stale] = await claim(1, 0);
      const [fresh] = await claim(1);
      expect(fresh!.id).toBe(stale!.id);
      expect(await record([outcome(stale!, 'rejected')])).toBeNull();
      expect((await message(stale!.id)).status).toBe('OPEN');
      await record([outcome(stale!, 'accepted')]);
      expect((await message(stale!.id)).status).toBe('SENT');
      expect(await record([outcome(fresh!, 'rejected')])).toBeNull();
      expect((await message(stale!.id)).status).toBe('SENT');
    });

    it('still lets SENT win after the message was settled as UNKNOWN', async () => {
      const [stale] = await claim(1, 0);
      await database.pool.query(`update mailing set status = 'CANCELLED' where id = $1`, [mailingId]);
      await settleMessages(database.pool, mailingId);
      expect((await message(stale!.id)).status).toBe('UNKNOWN');
      expect(await mailing()).toMatchObject({ cancelled: 9, unknown: 1, open: 0, sent: 0 });
      await record([outcome(stale!, 'accepted')]);
      expect(await mailing()).toMatchObject({ cancelled: 9, unknown: 0, open: 0, sent: 1 });
    });
  });

  it('hands back what was not started as if nothing had been', async () => {
    const [first] = await claim(1);
    expect(await record([outcome(first!, 'returned', { startedAt: null, endedAt: null })])).toBeNull();
    expect(await message(first!.id)).toMatchObject({
      status: 'OPEN',
      lease_until: null,
      tries_used: 0,
      uncertain: false,
    });
    expect((await claim()).map((m) => m.id)).toContain(first!.id);
  });

  it('withdraws messages of clients that opted out or were deleted meanwhile', async () => {
    await database.pool.query('update client set opted_out_at = now() where id = 3');
    await database.pool.query('update client set deleted_at = now() where id = 4');
    const all = await claim();
    expect(all.filter((m) => m.verdict === 'withdrawn')).toHaveLength(2);
    await record(
      all
        .filter((m) => m.verdict === 'withdrawn')
        .map((m) => outcome(m, 'withdrawn', { startedAt: null, endedAt: null })),
    );
    expect(await mailing()).toMatchObject({ cancelled: 2, open: 8 });
  });

  it('plans anew what was not sent before its window closed', async () => {
    const id = await running({ endsIn: '3 days', allowedFrom: '00:00', allowedTo: '23:59' });
    await database.pool.query(
      `update message set window_ends_at = clock_timestamp() + interval '1 second' where mailing_id = $1`,
      [id],
    );
    const [first] = await claim(1, 15_000, id);
    expect(first!.verdict).toBe('late');
    await record([outcome(first!, 'late', { charged: false, startedAt: null, endedAt: null })], id);
    const row = await message(first!.id);
    expect(row.status).toBe('OPEN');
    expect(row.window_ends_at.getTime()).toBeGreaterThan(Date.now() + 1_000);
  });

  it('says why nobody was reached whose window closed and opens again only after the end', async () => {
    const id = await running({ endsIn: '1 hour', allowedFrom: '00:00', allowedTo: '23:59' });
    const [first] = await claim(1, 15_000, id);
    await database.pool.query(
      `update mailing set allowed_from = to_char(now() at time zone 'Europe/Moscow' + interval '2 hours', 'HH24:MI')::time,
         allowed_to = to_char(now() at time zone 'Europe/Moscow' + interval '3 hours', 'HH24:MI')::time where id = $1`,
      [id],
    );
    await record([outcome(first!, 'late', { charged: false, reason: null, startedAt: null, endedAt: null })], id);
    expect(await message(first!.id)).toMatchObject({
      status: 'EXPIRED',
      reason: 'the mailing ends before this client can be reached',
    });
  });

  it('fails those alone that need a window in a zone the database knows no more', async () => {
    const id = await running({ allowedFrom: '00:00', allowedTo: '23:59', endsIn: '3 days' });
    await database.pool.query(
      `update message set due_at = clock_timestamp() - interval '1 s', window_ends_at = 'infinity' where mailing_id = $1`,
      [id],
    );
    const [lost, maybe, retried, good] = await claim(4, 15_000, id);
    await database.pool.query(`update message set time_zone = 'Mars/Olympus' where id = any ($1)`, [
      [lost!.id, maybe!.id, retried!.id],
    ]);
    const late = { charged: false, reason: null, startedAt: null, endedAt: null };
    await record(
      [outcome(lost!, 'late', late), outcome(maybe!, 'unknown'), outcome(retried!, 'retry'), outcome(good!, 'retry')],
      id,
    );
    expect(await message(lost!.id)).toMatchObject({ status: 'FAILED', reason: 'unknown time zone' });
    expect(await message(maybe!.id)).toMatchObject({ status: 'UNKNOWN', reason: 'it was unknown; unknown time zone' });
    expect(await message(retried!.id)).toMatchObject({ status: 'FAILED', reason: 'it was retry; unknown time zone' });
    expect(await message(good!.id)).toMatchObject({ status: 'OPEN', reason: 'it was retry' });
    expect(await mailing(id)).toMatchObject({ failed: 2, unknown: 1, open: 7 });
  });

  it('names what decided, not the end that was near as well', async () => {
    const id = await running({ maxAttempts: 1, endsIn: '20 seconds' });
    const [first] = await claim(1, 15_000, id);
    await record([outcome(first!, 'unknown', { delayMs: 60_000 })], id);
    expect(await message(first!.id)).toMatchObject({ status: 'UNKNOWN', reason: 'it was unknown' });
  });

  it('keeps one line of a gateway that is away, not one for each knock', async () => {
    const fault = { charged: false, gatewayCode: null, reason: 'no connection to the gateway (ECONNREFUSED)' };
    for (let knock = 0; knock < 5; knock += 1) {
      const all = await claim();
      await record(all.map((m) => outcome(m, 'retry', fault)));
    }
    const [{ n, tries }] = (
      await database.pool.query(
        `select (select count(*) from message_attempt where mailing_id = $1)::int as n, (select max(tries_used) from message where mailing_id = $1) as tries`,
        [mailingId],
      )
    ).rows;
    expect({ n, tries }).toEqual({ n: 0, tries: 0 });
  });

  it('records outcomes whose reason no text column takes', async () => {
    const [first] = await claim(1);
    await record([outcome(first!, 'rejected', { reason: 'a\0b\ud83d' })]);
    expect(await message(first!.id)).toMatchObject({ status: 'FAILED', reason: 'ab\uFFFD' });
  });

  it('settles a mailing that has ended, and leaves a live lease to its worker', async () => {
    const [inHand] = await claim(1);
    await database.pool.query(
      `update mailing set ends_at = clock_timestamp(), starts_at = clock_timestamp() - interval '1 hour' where id = $1`,
      [mailingId],
    );
    while ((await settleMessages(database.pool, mailingId)).more);
    expect(await mailing()).toMatchObject({ status: 'RUNNING', expired: 9, open: 1 });
    await record([outcome(inHand!, 'accepted')]);
    expect(await mailing()).toMatchObject({ status: 'COMPLETED', expired: 9, sent: 1 });
  });

  it('completes a mailing once, even when a SENT arrives after it was settled', async () => {
    const [stale] = await claim(1, 0);
    await database.pool.query(
      `update mailing set ends_at = clock_timestamp(), starts_at = clock_timestamp() - interval '1 hour' where id = $1`,
      [mailingId],
    );
    while ((await settleMessages(database.pool, mailingId)).more);
    expect(await mailing()).toMatchObject({ status: 'COMPLETED', expired: 9, unknown: 1 });
    await record([outcome(stale!, 'accepted')]);
    expect(await mailing()).toMatchObject({ status: 'COMPLETED', sent: 1, unknown: 0 });
    const { rows } = await database.pool.query(
      `select count(*)::int as n from mailing_event where mailing_id = $1 and kind = 'COMPLETED'`,
      [mailingId],
    );
    expect(rows[0].n).toBe(1);
  });

  it('settles nothing of a mailing that is only paused', async () => {
    await database.pool.query(`update mailing set status = 'PAUSED' where id = $1`, [mailingId]);
    expect(await settleMessages(database.pool, mailingId)).toEqual({ more: false, published: null });
    expect(await mailing()).toMatchObject({ open: 10 });
  });

  it('knows when the next message is due', async () => {
    expect(await nextDueAt(database.pool, mailingId)).toBeNull();
    await database.pool.query(
      `update message set due_at = clock_timestamp() + interval '1 hour' where mailing_id = $1`,
      [mailingId],
    );
    expect((await nextDueAt(database.pool, mailingId))!.getTime()).toBeGreaterThan(Date.now());
  });
});
