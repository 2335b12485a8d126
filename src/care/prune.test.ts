import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryFailed } from '../mailing/retry-messages.js';
import { groupMessages, StatisticsGroupBy } from '../report/group-messages.js';
import { Tallies } from '../report/tallies.js';
import { broken, makeSoundRun, type SoundRun } from '../testing/sound-run.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { verify } from '../verify/verify.js';
import { findOld, prune } from './prune.js';

const LOG = { info: () => {}, warn: () => {} };

let database: TestDatabase;
let run: SoundRun;
beforeEach(async () => {
  database = await createTestDatabase();
  run = await makeSoundRun(database.pool);
  // The first ended 500 days ago, the second 300; ids of messages lead to their mailings by blocks.
  await database.pool.query(`
    update mailing set finished_at = now() - case id when 1 then interval '500 days' else interval '300 days' end;
    insert into message_range (first, last, mailing_id) values (0, 20, 1);
    insert into message_attempt (mailing_id, message_id, fence, started_at, outcome) values (1, 6, 1, now(), 'retry'), (2, 11, 1, now(), 'retry');
    insert into mailing_change (mailing_id, version, finished, message_ids, statuses) values (1, 1, 1, '{1}', '{SENT}')`);
});
afterEach(async () => {
  run.remove();
  await database.drop();
});

const count = async (table: string) =>
  (await database.pool.query(`select mailing_id::int as id, count(*)::int as n from ${table} group by 1 order by 1`))
    .rows;
const statistics = async () => {
  await new Tallies(database.pool, LOG).refreshOf(['1', '2']);
  return await groupMessages(database.pool, {}, StatisticsGroupBy.MAILING, null);
};

describe('retention', () => {
  it('removes the messages of old mailings, and keeps their counts, their history and their part of the statistics', async () => {
    const before = await statistics();
    const rows = 'select id, total, sent, failed, cancelled, unknown, status from mailing order by id';
    const mailings = (await database.pool.query(rows)).rows;
    const events = await count('mailing_event');
    expect((await findOld(database.pool, 400)).map(({ id, total }) => [id, total])).toEqual([['1', 10]]);
    expect((await prune(database.pool, { days: 400, log: LOG })).map(({ id }) => id)).toEqual(['1']);
    expect(await count('message')).toEqual([{ id: 2, n: 9 }]);
    expect(await count('message_attempt')).toEqual([{ id: 2, n: 1 }]);
    expect(await count('mailing_change')).toEqual([]);
    expect(await count('mailing_event')).toEqual(events);
    expect((await database.pool.query(rows)).rows).toEqual(mailings);
    expect(await statistics()).toEqual(before);
    expect(await broken(verify(database.pool, run.ledgerFile()))).toEqual([]);
    expect(await prune(database.pool, { days: 400, log: LOG })).toEqual([]);
  });

  it('keeps messages until they are counted for the statistics, and goes on where it was interrupted', async () => {
    const stopped = new AbortController();
    stopped.abort();
    expect(await prune(database.pool, { days: 100, log: LOG, signal: stopped.signal })).toEqual([]);
    // Killed when the mark was set and half of the rows were gone.
    await database.pool.query(`update mailing set pruned_at = now() where id = 1; delete from message where id < 5`);
    const names: string[] = [];
    const done = await prune(database.pool, { days: 100, log: LOG, onMailing: ({ id }) => names.push(id) });
    expect([names, done.map(({ id }) => id)]).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
    const { rows } = await database.pool.query(
      'select mailing_id::int as id, version = 0 as counted from mailing_tally',
    );
    expect(rows).toEqual([{ id: 2, counted: true }]);
    expect(await count('message')).toEqual([]);
  });

  it('goes by the days of a mailing where it has its own, and leaves alone what is open or not over', async () => {
    await database.pool.query(
      'update mailing set keep_days = 1000 where id = 1; update mailing set keep_days = 10 where id = 2',
    );
    expect((await findOld(database.pool, 400)).map(({ id }) => id)).toEqual(['2']);
    expect((await findOld(database.pool, null)).map(({ id }) => id)).toEqual(['2']);
    await database.pool.query(`update mailing set keep_days = null, status = 'RUNNING' where id = 2`);
    expect(await findOld(database.pool, 100)).toEqual([]);
    // Over by its row, and not by its messages: a retry may have opened one in between.
    await database.pool.query(`
      update mailing set status = 'COMPLETED' where id = 2;
      update message set status = 'OPEN' where mailing_id = 2 and id = 11`);
    await new Tallies(database.pool, LOG).refreshOf(['2']);
    expect(await prune(database.pool, { days: 100, log: LOG })).toEqual([]);
    expect(await count('message')).toContainEqual({ id: 2, n: 9 });
  });

  it('has nothing tried again of a mailing whose messages are being removed', async () => {
    await database.pool.query(
      `update mailing set pruned_at = '2026-11-20T00:00:00Z', ends_at = now() + interval '1 day' where id = 1`,
    );
    const parts = { pool: database.pool, timeoutMs: () => 1_000 } as never;
    const all = { statuses: ['FAILED'], gatewayCodes: null, reasonContains: null, group: null } as never;
    await expect(retryFailed(parts, '1', all, { name: 'test' })).rejects.toThrow('were removed on 2026-11-20');
  });
});
