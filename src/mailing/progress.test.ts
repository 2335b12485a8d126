import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeOf, pretendLaunched, ringChange, writeChange } from '../testing/changes.js';
import { LiveSocket } from '../testing/live-socket.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import { SAMPLE, sampleOpen } from './open-sample.js';
import { ProgressReader } from './progress-reader.js';

const FIELDS = `status total open enqueued delayed sending sent failed expired cancelled unknown
  ratePerSecond eta version asOf`;
const QUERY = `subscription ($mailing: ID!, $after: String) { mailingProgress(mailingId: $mailing, after: $after) { ${FIELDS} } }`;

interface Shown {
  status: string;
  total: number;
  open: number;
  enqueued: number;
  delayed: number;
  sending: number;
  sent: number;
  ratePerSecond: number;
  eta: string | null;
  version: string;
}

let running: RunningApi;
beforeAll(async () => {
  running = await startApi({ lookEveryMs: 100 });
});
afterAll(() => running.close());

async function nextProgress(live: LiveSocket, id = '1'): Promise<Shown> {
  const { type, payload } = await live.next(id);
  if (type !== 'next' || payload.errors) throw new Error(`no event: ${JSON.stringify(payload)}`);
  const progress: Shown = payload.data.mailingProgress;
  expect(progress.enqueued + progress.delayed + progress.sending).toBe(progress.open);
  return progress;
}

async function until(live: LiveSocket, holds: (progress: Shown) => boolean): Promise<Shown[]> {
  const seen: Shown[] = [];
  for (;;) {
    const progress = await nextProgress(live);
    seen.push(progress);
    if (holds(progress)) return seen;
  }
}

/** The test's pool, with a count of what it was asked. */
function countingPool() {
  const { pool } = running.database;
  let asked = 0;
  const query = (...args: [string]) => {
    asked += 1;
    return pool.query(...args);
  };
  return { counted: Object.assign(Object.create(pool), { query }), queries: () => asked };
}

/** A launched mailing: `due` messages that can be sent, `leased` of them in hand, `delayed` not due for an hour. */
async function withMessages(due: number, leased: number, delayed: number): Promise<string> {
  const { pool } = running.database;
  const count = due + delayed;
  const mailing = await insertMailing(pool, { endsIn: '3 hours' });
  const clients = await insertClients(pool, count);
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan, lease_until)
     select $1, c, c, '79000000000', 'Europe/Moscow', '{}', 'OPEN',
       clock_timestamp() + case when n <= $3 then interval '-1 minute' else interval '1 hour' end, clock_timestamp(), 1,
       case when n <= $4 then clock_timestamp() + interval '1 minute' when n = $3 then clock_timestamp() - interval '1 s' end
     from unnest($2::bigint[]) with ordinality as t (c, n)`,
    [mailing, clients, due, leased],
  );
  await pretendLaunched(pool, mailing, count);
  return mailing;
}

describe('the progress of a mailing', () => {
  it('splits what is open by lease and due time, and expects the end when the last is due', async () => {
    const mailing = await withMessages(10, 4, 5);
    const progress = await new ProgressReader(running.database.pool, running.log).read(mailing);
    expect(progress).toMatchObject({
      total: 15,
      open: 15,
      sending: 4,
      enqueued: 6,
      delayed: 5,
      ratePerSecond: 0,
      eta: null,
    });
    await running.database.pool.query('delete from message where mailing_id = $1 and due_at < now()', [mailing]);
    await running.database.pool.query('update mailing set total = 5, open = 5 where id = $1', [mailing]);
    const waiting = await new ProgressReader(running.database.pool, running.log).read(mailing);
    const last = 'select max(due_at) as last from message where mailing_id = $1';
    const { rows } = await running.database.pool.query(last, [mailing]);
    expect(waiting).toMatchObject({ open: 5, delayed: 5, eta: rows[0].last });
  });

  it('counts the rate over the last ten seconds, and the end from it, never past the mailing’s', async () => {
    const { pool } = running.database;
    const mailing = await insertMailing(pool, { endsIn: '1 hour' });
    await pretendLaunched(pool, mailing, 1_000_000);
    await pool.query(`update mailing set launched_at = clock_timestamp() - interval '1 minute' where id = $1`, [
      mailing,
    ]);
    for (let n = 0; n < 5; n++) await writeChange(pool, mailing, changeOf(n * 1_000, 1_000));
    await pool.query(`update mailing_change set at = at - interval '11 s' where mailing_id = $1 and version = 1`, [
      mailing,
    ]);
    const reader = new ProgressReader(pool, running.log);
    const progress = await reader.read(mailing);
    expect(progress).toMatchObject({ ratePerSecond: 400, version: '5', sent: 5_000, open: 995_000 });
    const seconds = ((progress.eta?.getTime() ?? 0) - progress.readAt.getTime()) / 1_000;
    expect(Math.round(seconds)).toBe(Math.round(995_000 / 400));
    await pool.query(`update mailing set ends_at = clock_timestamp() + interval '1 minute' where id = $1`, [mailing]);
    const { rows } = await pool.query('select ends_at from mailing where id = $1', [mailing]);
    expect((await reader.read(mailing)).eta).toEqual(rows[0].ends_at);
  });

  it('samples by message_due_index, whatever the planner thinks of the table', async () => {
    const { pool } = running.database;
    const mailing = await withMessages(3_000, 10, 7_000);
    await withMessages(3_000, 0, 3_000);
    for (const analysed of [false, true]) {
      if (analysed) await pool.query('analyze message');
      const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${SAMPLE.replaceAll('$1', mailing)}`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).not.toContain('Seq Scan');
      expect(plan.match(/message_due_index/g)).toHaveLength(3);
      expect(plan.match(/Index Only Scan using message_retry_index/g)).toHaveLength(2);
      expect(plan).toContain('Index Only Scan using message_due_index');
    }
    expect(await sampleOpen(pool, mailing)).toMatchObject({ delayed: 7_000, sending: 10 });
  });

  it('is read once for all who ask at the same moment, of however many mailings', async () => {
    const { counted, queries } = countingPool();
    const [one, other] = [await withMessages(3, 0, 0), await withMessages(5, 0, 0)];
    const reader = new ProgressReader(counted, running.log);
    const asked = [one, other, ...Array.from({ length: 50 }, () => one)].map((id) => reader.read(id));
    await expect(reader.read('999999999')).rejects.toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', field: 'mailingId' }),
    );
    expect((await Promise.all(asked)).map(({ total }) => total)).toEqual([
      3,
      5,
      ...Array.from({ length: 50 }, () => 3),
    ]);
    expect(queries(), 'all rows, and a sample of each').toBe(3);
  });

  it('samples two mailings at a time, so that many big ones leave the API its connections', async () => {
    const { pool } = running.database;
    const mailings: string[] = [];
    while (mailings.length < 6) mailings.push(await withMessages(1, 0, 0));
    let [sampling, most] = [0, 0];
    const query = async (statement: pg.QueryConfig) => {
      if (statement.name !== 'open-sample') return await pool.query(statement);
      sampling += 1;
      most = Math.max(most, sampling);
      const answer = await pool.query(statement);
      sampling -= 1;
      return answer;
    };
    const reader = new ProgressReader(Object.assign(Object.create(pool), { query }), running.log);
    const all = await Promise.all(mailings.map((id) => reader.read(id)));
    expect([all.map(({ open }) => open), most]).toEqual([[1, 1, 1, 1, 1, 1], 2]);
  });

  it('of one at rest is made of its row alone', async () => {
    const { pool } = running.database;
    const { counted, queries } = countingPool();
    const reader = new ProgressReader(counted, running.log);
    const { rows } = await pool.query(
      `select id, status, version, ends_at as "endsAt", launched_at as "launchedAt", finished_at as "finishedAt",
         total, open, sent, failed, expired, cancelled, unknown from mailing where id = $1`,
      [await insertMailing(pool)],
    );
    expect(await reader.of(rows[0])).toMatchObject({ total: 0, ratePerSecond: 0, eta: null });
    expect(
      await reader.of({ ...rows[0], launchedAt: new Date(0), finishedAt: new Date(1), total: 3, sent: 3 }),
    ).toMatchObject({ sent: 3 });
    expect(queries()).toBe(0);
  });
});

describe('a subscriber to progress', () => {
  it('gets the state now, and after a burst the last state with few in between', async () => {
    const { pool } = running.database;
    const mailing = await insertMailing(pool);
    await pretendLaunched(pool, mailing, 200);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', QUERY, { mailing });
    expect(await nextProgress(live)).toMatchObject({ status: 'RUNNING', total: 200, open: 200, version: '0' });
    const began = performance.now();
    const burst = async () => {
      for (let n = 0; n < 200; n++) await ringChange(pool, mailing, await writeChange(pool, mailing, changeOf(n, 1)));
    };
    const [seen] = await Promise.all([until(live, ({ version }) => version === '200'), burst()]);
    expect(seen.at(-1)).toMatchObject({ sent: 200, open: 0, version: '200' });
    const versions = seen.map(({ version }) => Number(version));
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    // At most four a second: timers never ring early, so this holds on any machine.
    expect(seen.length).toBeLessThanOrEqual((performance.now() - began) / 250 + 2);
    await live.close();
  });

  it('is told at once of a pause, which changes no message, and of the last state when every NOTIFY is lost', async () => {
    const { pool } = running.database;
    const mailing = await insertMailing(pool);
    await pretendLaunched(pool, mailing, 10);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', QUERY, { mailing });
    await nextProgress(live);
    await pool.query(`update mailing set status = 'PAUSED' where id = $1`, [mailing]);
    await until(live, ({ status }) => status === 'PAUSED');
    await writeChange(pool, mailing, changeOf(1, 10));
    expect((await until(live, ({ version }) => version === '1')).at(-1)).toMatchObject({ sent: 10, open: 0 });
    await live.close();
  });

  it('gets the state now first with a cursor as well, so that it never waits for what it missed', async () => {
    const { pool } = running.database;
    const mailing = await insertMailing(pool);
    await pretendLaunched(pool, mailing, 10);
    await writeChange(pool, mailing, changeOf(1, 10));
    const live = await LiveSocket.admitted(running.url);
    for (const after of ['0', '1', '5']) {
      live.subscribe(after, QUERY, { mailing, after });
      expect(await nextProgress(live, after)).toMatchObject({ version: '1', sent: 10 });
    }
    await live.close();
  });

  it('is told NOT_FOUND when there is no such mailing, and once it is deleted', async () => {
    const { pool } = running.database;
    const live = await LiveSocket.admitted(running.url);
    for (const unknown of ['999999999', 'abc', '']) {
      live.subscribe('1', QUERY, { mailing: unknown });
      const { payload } = await live.next('1');
      expect(payload.errors[0].extensions).toEqual({ code: 'NOT_FOUND', field: 'mailingId' });
      expect((await live.next('1')).type).toBe('complete');
    }
    const mailing = await insertMailing(pool);
    live.subscribe('2', QUERY, { mailing });
    await nextProgress(live, '2');
    await pool.query('update mailing set deleted_at = clock_timestamp() where id = $1', [mailing]);
    const { type, payload } = await live.next('2');
    expect([type, payload[0].extensions.code]).toEqual(['error', 'NOT_FOUND']);
    await live.close();
  });

  it('sees the last state among twenty others', async () => {
    const { pool } = running.database;
    const mailing = await insertMailing(pool);
    await pretendLaunched(pool, mailing, 1_000);
    const everybody = await Promise.all(Array.from({ length: 20 }, () => LiveSocket.admitted(running.url)));
    for (const live of everybody) {
      live.subscribe('1', QUERY, { mailing });
      await nextProgress(live);
    }
    const burst = async () => {
      for (let n = 0; n < 100; n++) await ringChange(pool, mailing, await writeChange(pool, mailing, changeOf(n, 10)));
    };
    const all = Promise.all(everybody.map((live) => until(live, ({ version }) => version === '100')));
    await Promise.all([all, burst()]);
    expect(running.live.watched).toBe(1);
    await Promise.all(everybody.map((live) => live.close()));
  });
});
