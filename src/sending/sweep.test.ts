import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertClients, insertMailing, type MailingRow } from '../testing/rows.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { beginLaunch, launchChunk } from './launch.js';
import { dropOldChanges, findDueWork } from './sweep.js';

describe('the sweep', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await insertClients(database.pool, 3);
  });
  afterAll(() => database.drop());

  async function launched(row: MailingRow = {}): Promise<string> {
    const id = await insertMailing(database.pool, row);
    await beginLaunch(database.pool, id);
    await launchChunk(database.pool, id, () => 10_000);
    return id;
  }
  const sql = (text: string, id: string) => database.pool.query(text, [id]);
  const workFor = async (id: string) => (await findDueWork(database.pool)).find((work) => work.mailingId === id)?.job;

  it.each<[string, MailingRow, string | undefined]>([
    ['a scheduled mailing whose start has come', {}, 'mailing.launch'],
    ['a scheduled mailing whose start lies ahead', { startsIn: '1 minute' }, undefined],
    ['a draft whose start has come', { status: 'DRAFT' }, undefined],
    ['a launch that stopped half-way', { status: 'RUNNING' }, 'mailing.launch'],
    ['a launch that stopped half-way and was paused', { status: 'PAUSED' }, 'mailing.launch'],
    ['a cancelled mailing without messages', { status: 'CANCELLED' }, undefined],
  ])('finds what %s needs', async (_title, row, job) => {
    expect(await workFor(await insertMailing(database.pool, row))).toBe(job);
  });

  it('finds due messages that nobody has in hand, and none that somebody has', async () => {
    const id = await launched();
    expect(await workFor(id)).toBe('mailing.dispatch');
    await sql(`update message set lease_until = clock_timestamp() + interval '1 minute' where mailing_id = $1`, id);
    expect(await workFor(id)).toBeUndefined();
    await sql(`update message set lease_until = clock_timestamp() - interval '1 second' where mailing_id = $1`, id);
    expect(await workFor(id)).toBe('mailing.dispatch');
    await sql(`update message set due_at = clock_timestamp() + interval '1 minute' where mailing_id = $1`, id);
    expect(await workFor(id)).toBeUndefined();
  });

  it('leaves a paused mailing alone until its end, and then has it settled', async () => {
    const id = await launched();
    await sql(`update mailing set status = 'PAUSED' where id = $1`, id);
    expect(await workFor(id)).toBeUndefined();
    await sql(`update mailing set ends_at = clock_timestamp() where id = $1`, id);
    expect(await workFor(id)).toBe('mailing.finish');
  });

  it('dispatches nothing while all sending is stopped, and launches, settles and ends what is due', async () => {
    const running = await launched();
    const due = await insertMailing(database.pool);
    const over = await launched();
    await sql('update mailing set ends_at = clock_timestamp() where id = $1', over);
    await database.pool.query(`insert into sending_stop (stopped_by) values ('test')`);
    expect([await workFor(running), await workFor(due), await workFor(over)]).toEqual([
      undefined,
      'mailing.launch',
      'mailing.finish',
    ]);
    await database.pool.query('update sending_stop set resumed_at = clock_timestamp()');
    expect(await workFor(running)).toBe('mailing.dispatch');
  });

  it.each(['RUNNING', 'CANCELLED'])(
    'finds due test sends of a mailing that is %s by a job of their own',
    async (status) => {
      const id = await launched();
      await sql(`update message set kind = 'TEST', text = 'Hello' where mailing_id = $1`, id);
      await database.pool.query('update mailing set status = $2, open = 0, total = 0 where id = $1', [id, status]);
      const jobs = async () => (await findDueWork(database.pool)).filter(({ mailingId }) => mailingId === id);
      expect(await jobs()).toEqual([{ mailingId: id, job: 'mailing.test' }]);
      await sql(`update message set lease_until = clock_timestamp() + interval '1 minute' where mailing_id = $1`, id);
      expect(await jobs()).toEqual([]);
      await sql(
        `update message set lease_until = null, due_at = clock_timestamp() + interval '1 minute' where mailing_id = $1`,
        id,
      );
      expect(await jobs()).toEqual([]);
    },
  );

  it('has a cancelled mailing settled while anything of it is open', async () => {
    const id = await launched();
    await sql(`update mailing set status = 'CANCELLED' where id = $1`, id);
    expect(await workFor(id)).toBe('mailing.finish');
  });

  it('drops change rows after a day, and keeps younger ones', async () => {
    const id = await launched();
    const versions = async () => (await sql('select version from mailing_change where mailing_id = $1', id)).rowCount;
    expect(await versions()).toBe(2);
    await sql(`update mailing_change set at = at - interval '25 hours' where mailing_id = $1 and version = 1`, id);
    expect(await dropOldChanges(database.pool)).toBe(1);
    expect(await versions()).toBe(1);
  });
});
