import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPool } from '../platform/pool.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { beginLaunch, launchChunk, learnMessages } from './launch.js';

const timeoutMs = () => 10_000;

describe('launch', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await insertClients(database.pool, 30, { tags: ['vip', 'new'], operatorCode: '900' });
    await insertClients(database.pool, 20, { tags: ['new'], operatorCode: '916', timeZone: 'Asia/Kamchatka' });
    await database.pool.query(`update client set opted_out_at = now() where id = 1`);
    await database.pool.query(`update client set deleted_at = now() where id = 2`);
  });
  afterAll(() => database.drop());

  async function launchAll(id: string): Promise<void> {
    await beginLaunch(database.pool, id);
    for (;;) {
      const chunk = await launchChunk(database.pool, id, timeoutMs);
      if (!chunk || chunk.completed) return;
    }
  }

  async function mailing(id: string) {
    const { rows } = await database.pool.query(`select * from mailing where id = $1`, [id]);
    return rows[0];
  }

  it('makes one message for each client that matches, and none for those who opted out or were deleted', async () => {
    const id = await insertMailing(database.pool);
    await launchAll(id);
    expect(await mailing(id)).toMatchObject({ status: 'RUNNING', total: 48, open: 48, version: '2' });
    const { rows } = await database.pool.query(
      `select count(*)::int as n, count(distinct client_id)::int as clients, min(client_id)::int as first from message where mailing_id = $1`,
      [id],
    );
    expect(rows[0]).toEqual({ n: 48, clients: 48, first: 3 });
  });

  it.each([
    [{ tagsAny: ['vip', 'nobody has this'] }, 28],
    [{ tagsAll: ['vip', 'new'] }, 28],
    [{ operatorCodes: ['916'], tagsAny: ['new'] }, 20],
    [{ timeZones: ['Asia/Kamchatka'], operatorCodes: ['900'] }, 0],
  ])('matches %j: %i clients', async (filter, count) => {
    const id = await insertMailing(database.pool, { filter });
    await launchAll(id);
    expect((await mailing(id)).total).toBe(count);
  });

  it('completes a mailing that matches nobody at once, and says so in its history', async () => {
    const id = await insertMailing(database.pool, { filter: { tagsAny: ['nobody'] } });
    await launchAll(id);
    const row = await mailing(id);
    expect(row).toMatchObject({ status: 'COMPLETED', total: 0 });
    expect(row.finished_at).toBeInstanceOf(Date);
    const { rows } = await database.pool.query(`select kind from mailing_event where mailing_id = $1 order by id`, [
      id,
    ]);
    expect(rows.map((r) => r.kind)).toEqual(['LAUNCHED', 'COMPLETED']);
  });

  it('CLASSIC row 8: gives clients outside their window the moment at which it opens, each by the clock where they live', async () => {
    const id = await insertMailing(database.pool, { allowedFrom: '10:00', allowedTo: '10:30', endsIn: '3 days' });
    await launchAll(id);
    const { rows } = await database.pool.query(
      `select time_zone, count(distinct due_at)::int as moments, bool_and(window_is_open(due_at at time zone time_zone, '10:00', '10:30', '{1,2,3,4,5,6,7}')) as open,
         bool_and(window_ends_at <= due_at + interval '30 minutes') as closes
       from message where mailing_id = $1 group by 1 order by 1`,
      [id],
    );
    expect(rows).toEqual([
      { time_zone: 'Asia/Kamchatka', moments: 1, open: true, closes: true },
      { time_zone: 'Europe/Moscow', moments: 1, open: true, closes: true },
    ]);
  });

  it('lets those be born EXPIRED whom the end leaves no time for', async () => {
    const { rows: clock } =
      await database.pool.query(`select to_char(now() at time zone 'Europe/Moscow' + interval '6 hours', 'HH24:MI') as from,
      to_char(now() at time zone 'Europe/Moscow' + interval '7 hours', 'HH24:MI') as to`);
    const id = await insertMailing(database.pool, {
      allowedFrom: clock[0].from,
      allowedTo: clock[0].to,
      endsIn: '2 hours',
      filter: { operatorCodes: ['900'] },
    });
    await launchAll(id);
    expect(await mailing(id)).toMatchObject({ status: 'COMPLETED', total: 28, expired: 28, open: 0 });
    const { rows } = await database.pool.query(
      `select finished, cardinality(message_ids) as ids, statuses[1] as status from mailing_change where mailing_id = $1 and finished > 0`,
      [id],
    );
    expect(rows).toEqual([{ finished: 28, ids: 28, status: 'EXPIRED' }]);
  });

  it('fails those alone whose zone the database does not know, and only where there is a window', async () => {
    const { pool } = database;
    await insertClients(pool, 1, { operatorCode: '777', timeZone: 'Mars/Olympus' });
    await insertClients(pool, 2, { operatorCode: '777', timeZone: 'UTC' });
    const filter = { operatorCodes: ['777'] };
    const row = { filter, allowedFrom: '00:00', allowedTo: '23:59', endsIn: '2 days' };
    const id = await insertMailing(pool, row);
    await launchAll(id);
    expect(await mailing(id)).toMatchObject({ status: 'RUNNING', total: 3, open: 2, failed: 1, expired: 0 });
    const { rows } = await pool.query(
      `select time_zone, status, reason, waiting_for from message where mailing_id = $1 and status <> 'OPEN'`,
      [id],
    );
    expect(rows).toEqual([
      { time_zone: 'Mars/Olympus', status: 'FAILED', reason: 'unknown time zone', waiting_for: null },
    ]);
    const { rows: told } = await pool.query(
      `select finished, statuses from mailing_change where mailing_id = $1 and finished > 0`,
      [id],
    );
    expect(told).toEqual([{ finished: 1, statuses: ['FAILED'] }]);

    const anyTime = await insertMailing(pool, { filter });
    await launchAll(anyTime);
    expect(await mailing(anyTime)).toMatchObject({ total: 3, open: 3 });
    await pool.query(`update client set deleted_at = now() where operator_code = '777'`);
  });

  it('launched after its end, leaves everybody EXPIRED and on record', async () => {
    const id = await insertMailing(database.pool, { startsIn: '-2 hours', endsIn: '-1 hour' });
    await launchAll(id);
    expect(await mailing(id)).toMatchObject({ status: 'COMPLETED', total: 48, expired: 48 });
  });

  it('does not launch before its start, and says when that is', async () => {
    const id = await insertMailing(database.pool, { startsIn: '1 hour', endsIn: '2 hours' });
    const ms = await beginLaunch(database.pool, id);
    expect(ms).toBeGreaterThan(3_590_000);
    expect(ms).toBeLessThanOrEqual(3_600_000);
    expect((await mailing(id)).status).toBe('SCHEDULED');
    expect(await launchChunk(database.pool, id, timeoutMs)).toBeNull();
  });

  it('makes one message set when it is launched twice at once, twenty times', async () => {
    for (let round = 0; round < 20; round += 1) {
      const id = await insertMailing(database.pool);
      await Promise.all([launchAll(id), launchAll(id)]);
      expect(await mailing(id)).toMatchObject({ total: 48, open: 48 });
      const { rows } = await database.pool.query(`select count(*)::int as n from message where mailing_id = $1`, [id]);
      expect(rows[0].n).toBe(48);
    }
  });

  it('closes a connection on which it failed: whoever comes next must not find its transaction open', async () => {
    const id = await insertMailing(database.pool);
    await beginLaunch(database.pool, id);
    const pool = createPool({
      databaseUrl: database.url,
      max: 1,
      name: 'launch',
      onError: () => {},
      statementTimeoutMs: 300,
    });
    const holder = await database.pool.connect();
    try {
      await holder.query('begin');
      await holder.query('select 1 from mailing where id = $1 for update', [id]);
      await expect(launchChunk(pool, id, timeoutMs)).rejects.toThrow('statement timeout');
      expect(pool.totalCount).toBe(0);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await launchChunk(pool, id, timeoutMs)).toMatchObject({ made: 48 });
    await pool.end();
  });

  it('goes on where it stopped, and rolls a chunk back when the mailing was cancelled meanwhile', async () => {
    const id = await insertMailing(database.pool);
    await beginLaunch(database.pool, id);
    await database.pool.query(`update mailing set status = 'CANCELLED' where id = $1`, [id]);
    expect(await launchChunk(database.pool, id, timeoutMs)).toBeNull();
    const { rows } = await database.pool.query(`select count(*)::int as n from message where mailing_id = $1`, [id]);
    expect(rows[0].n).toBe(0);
    await database.pool.query(`update mailing set status = 'PAUSED' where id = $1`, [id]);
    expect(await launchChunk(database.pool, id, timeoutMs)).toMatchObject({ made: 48, completed: true });
  });
});

it('a launch has PostgreSQL look at the messages of the first large mailing, and leaves the next to autovacuum', async () => {
  const { pool, drop } = await createTestDatabase();
  onTestFinished(drop);
  await pool.query('alter table message set (autovacuum_enabled = off)');
  await insertClients(pool, 6_000);
  for (let mailings = 0; mailings < 2; mailings += 1) {
    const id = await insertMailing(pool);
    await beginLaunch(pool, id);
    expect(await launchChunk(pool, id, timeoutMs)).toMatchObject({ made: 6_000 });
    await learnMessages(pool);
    const { rows } = await pool.query(`select reltuples::int as known from pg_class where oid = 'message'::regclass`);
    expect(rows).toEqual([{ known: 6_000 }]);
  }
});
