import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { dropOldTallies } from './tallies.js';

interface Answer {
  statistics: {
    mailingCount: number;
    messages: { total: number; sent: number };
    groups: {
      key: string | null;
      messages: { total: number; sent: number; failed: number };
      mailing: { id: string } | null;
    }[];
    uncountedMailings: number;
  };
}

let api: TestApi;
let first: string;
let second: string;

beforeAll(async () => {
  api = await createTestApi();
  const { pool } = api.database;
  await insertClients(pool, 2, { operatorCode: '916', tags: ['vip', 'a b'], timeZone: 'Asia/Kathmandu' });
  await insertClients(pool, 1, { operatorCode: '900', timeZone: 'America/New_York' });
  first = await launched();
  second = await launched();
  // Kathmandu is 5:45 ahead of UTC; New York is 5 behind in winter, 4 in summer.
  await set(first, 0, `status = 'SENT', sent_at = '2026-01-01T10:14:59.999Z'`);
  await set(first, 1, `status = 'SENT', sent_at = '2026-01-01T10:15:00Z'`);
  await set(first, 2, `status = 'SENT', sent_at = '2026-01-01T10:15:00Z'`);
  await set(second, 0, `status = 'FAILED', attempt_ended_at = '2026-07-01T10:20:00Z'`);
  await set(second, 1, `status = 'OPEN', created_at = '2026-07-01T10:20:00Z'`);
  await set(second, 2, `status = 'SENT', sent_at = '2026-07-01T10:20:00Z'`);
  await pool.query(
    `update mailing set open = case when id = $1 then 0 else 1 end, sent = case when id = $1 then 3 else 1 end, failed = case when id = $1 then 0 else 1 end`,
    [first],
  );
});
afterAll(() => api.close());

async function launched(): Promise<string> {
  const { pool } = api.database;
  const id = await insertMailing(pool);
  await beginLaunch(pool, id);
  await launchChunk(pool, id, () => 1_000);
  return id;
}

const set = (mailingId: string, at: number, assignments: string) =>
  api.database.pool.query(
    `update message set ${assignments} where mailing_id = $1 and id = (select id from message where mailing_id = $1 order by id offset ${at} limit 1)`,
    [mailingId],
  );

async function statistics(args: string): Promise<Answer['statistics']> {
  const { statistics: found } = await api.run<Answer>(`{ statistics(${args}) { mailingCount messages { total sent }
    groups { key messages { total sent failed } mailing { id } } uncountedMailings } }`);
  return found;
}

const brief = ({ groups }: Answer['statistics']) =>
  groups.map(({ key, messages: { total, sent } }) => [key, total, sent]);

describe('statistics', () => {
  it('tell messages apart by status, operator, tag and mailing, the largest groups first', async () => {
    const byStatus = await statistics('groupBy: STATUS');
    expect(byStatus).toMatchObject({ mailingCount: 2, messages: { total: 6, sent: 4 }, uncountedMailings: 0 });
    expect(brief(byStatus)).toEqual([
      ['SENT', 4, 4],
      ['FAILED', 1, 0],
      ['OPEN', 1, 0],
    ]);
    expect(brief(await statistics('groupBy: OPERATOR'))).toEqual([
      ['916', 4, 2],
      ['900', 2, 2],
    ]);
    expect(brief(await statistics('groupBy: TAG'))).toEqual([
      ['a b', 4, 2],
      ['vip', 4, 2],
      [null, 2, 2],
    ]);
    const byMailing = (await statistics('groupBy: MAILING')).groups;
    expect(byMailing.map(({ key, mailing, messages }) => [key, mailing?.id, messages])).toEqual([
      [first, first, { total: 3, sent: 3, failed: 0 }],
      [second, second, { total: 3, sent: 1, failed: 1 }],
    ]);
  });

  it("tell them apart by the hour of each client's own clock, or of one zone's", async () => {
    expect(brief(await statistics('groupBy: HOUR'))).toEqual([
      ['05', 1, 1],
      ['06', 1, 1],
      ['15', 1, 1],
      ['16', 3, 1],
    ]);
    expect(brief(await statistics('groupBy: HOUR, timeZone: "Asia/Kolkata"'))).toEqual([['15', 6, 4]]);
  });

  it('count what was sent, tried last or made in a period, in quarters of an hour', async () => {
    const in2026 = (from: string, to: string) =>
      `period: { from: "2026-${from}Z", to: "2026-${to}Z" }, groupBy: STATUS`;
    expect(brief(await statistics(in2026('01-01T10:00:00', '01-01T10:15:00')))).toEqual([['SENT', 1, 1]]);
    expect(brief(await statistics(in2026('01-01T10:16:00', '01-01T10:20:00')))).toEqual([['SENT', 2, 2]]);
    const summer = await statistics(in2026('07-01T10:15:00', '07-01T10:30:00'));
    expect(summer).toMatchObject({ mailingCount: 0, messages: { total: 3, sent: 1 } });
    expect(brief(summer)).toHaveLength(3);
    expect((await statistics(in2026('02-01T00:00:00', '03-01T00:00:00'))).groups).toEqual([]);
  });

  it('count a mailing anew that has changed, after a while, and forget one that was deleted', async () => {
    const { pool } = api.database;
    await statistics('groupBy: STATUS');
    await set(second, 1, `status = 'FAILED'`);
    await pool.query('update mailing set version = version + 1 where id = $1', [second]);
    expect(brief(await statistics('groupBy: STATUS'))).toContainEqual(['OPEN', 1, 0]);
    await pool.query(`update mailing_tally set at = at - interval '11 s'`);
    expect(brief(await statistics('groupBy: STATUS'))).toEqual([
      ['SENT', 4, 4],
      ['FAILED', 2, 0],
    ]);
    await pool.query('update mailing set deleted_at = now() where id = $1', [second]);
    expect(brief(await statistics('groupBy: STATUS'))).toEqual([['SENT', 3, 3]]);
    await dropOldTallies(pool);
    const left =
      'select distinct mailing_id as id from mailing_tally_count union all select mailing_id from mailing_tally';
    expect((await pool.query(left)).rows).toEqual([{ id: first }, { id: first }]);
    await pool.query('update mailing set deleted_at = null where id = $1', [second]);
  });

  it('say that they are as of when the counting began, as what changed meanwhile may be left out', async () => {
    const { pool } = api.database;
    await statistics('groupBy: STATUS');
    await pool.query(`update mailing_tally set at = at - interval '11 s'`);
    await pool.query('update mailing set version = version + 1 where id = $1', [second]);
    const holder = await pool.connect();
    await holder.query('begin');
    await holder.query('lock table mailing_tally_count in share mode');
    const counting = statistics('groupBy: STATUS');
    await expect
      .poll(async () => (await pool.query('select from pg_locks where not granted')).rowCount, { timeout: 5_000 })
      .toBe(1);
    const { rows } = await holder.query<{ at: Date }>('select clock_timestamp() as at');
    await holder.query('commit');
    holder.release();
    await counting;
    const counted = async () =>
      (
        await pool.query<{ at: Date }>(
          'select max(at) as at from mailing_tally where at > $1::timestamptz - interval $$5 s$$',
          [rows[0]?.at],
        )
      ).rows[0]?.at;
    await expect.poll(counted).toBeInstanceOf(Date);
    expect(await counted()).toSatisfy((at: Date) => at < rows[0]!.at);
  });

  it.each([
    ['period: { from: "yesterday" }', 'period.from'],
    ['period: { from: "2026-01-02T00:00:00Z", to: "2026-01-02T00:00:00Z" }', 'period.to'],
    ['timeZone: "Mars/Olympus"', 'timeZone'],
  ])('are refused by name: %s', async (args, field) => {
    const { errors } = await api.execute(`{ statistics(${args}, groupBy: HOUR) { mailingCount } }`);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });
});
