import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeOf, ringChange, writeChange } from '../testing/changes.js';
import { LiveSocket } from '../testing/live-socket.js';
import { insertMailing } from '../testing/rows.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import { launchedMailing } from '../testing/status-events.js';

const CHANGED = `subscription ($ids: [ID!], $after: String) { mailingChanged(ids: $ids, after: $after) {
  version snapshot deletedIds sendingSwitched mailings { id name status progress { sent } } } }`;

interface ListEvent {
  version: string;
  snapshot: boolean;
  deletedIds: string[];
  sendingSwitched: boolean;
  mailings: { id: string; name: string; status: string; progress: { sent: number } }[];
}

let running: RunningApi;
beforeAll(async () => {
  running = await startApi({ lookEveryMs: 100 });
});
afterAll(() => running.close());

const run = (sql: string, ...values: unknown[]) => running.database.pool.query(sql, values);
const rename = (id: string, name: string) => run('update mailing set name = $2 where id = $1', id, name);

async function nextEvent(live: LiveSocket, id = '1'): Promise<ListEvent> {
  const { type, payload } = await live.next(id);
  if (type !== 'next' || payload.errors) throw new Error(`no event: ${JSON.stringify(payload)}`);
  return payload.data.mailingChanged;
}

/** Follows until an event tells that. */
async function until(live: LiveSocket, tells: (event: ListEvent) => boolean, id = '1'): Promise<ListEvent> {
  for (;;) {
    const event = await nextEvent(live, id);
    if (tells(event)) return event;
  }
}

/** What began before, such as a launch, may be told after the snapshot: waits until all of that has been told. */
async function caughtUp(live: LiveSocket): Promise<void> {
  const marker = await insertMailing(running.database.pool);
  await until(live, (event) => event.mailings.some(({ id }) => id === marker));
}

const names = ({ mailings }: ListEvent) => mailings.map(({ name }) => name);

describe('a subscriber to changes of mailings', () => {
  it('first gets the newest as a snapshot, then those that are made, edited, moved on and deleted', async () => {
    const old = await launchedMailing(running, 100);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', CHANGED);
    const first = await nextEvent(live);
    expect(first).toMatchObject({ snapshot: true, deletedIds: [], sendingSwitched: false });
    expect(first.mailings[0]?.id).toBe(old);
    await caughtUp(live);
    const made = await insertMailing(running.database.pool);
    expect(await nextEvent(live)).toMatchObject({ snapshot: false, mailings: [{ id: made, status: 'SCHEDULED' }] });
    await rename(made, 'Renamed');
    expect(await nextEvent(live)).toMatchObject({ mailings: [{ id: made, name: 'Renamed' }] });
    await ringChange(running.database.pool, old, await writeChange(running.database.pool, old, changeOf(1, 7)));
    expect(await nextEvent(live)).toMatchObject({ mailings: [{ id: old, progress: { sent: 7 } }] });
    await run('update mailing set deleted_at = clock_timestamp() where id = $1', made);
    expect(await nextEvent(live)).toMatchObject({ mailings: [], deletedIds: [made] });
    await live.close();
  });

  it('is told when all sending is stopped, and when it is resumed', async () => {
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', CHANGED);
    const { version } = await nextEvent(live);
    await caughtUp(live);
    await running.ask('mutation { sendingStop(reason: "noon") { userErrors { code } } }');
    expect(await nextEvent(live)).toMatchObject({ sendingSwitched: true, mailings: [] });
    await running.ask('mutation { sendingResume { userErrors { code } } }');
    expect(await nextEvent(live)).toMatchObject({ sendingSwitched: true });
    live.subscribe('2', CHANGED, { after: version });
    expect(await nextEvent(live, '2')).toMatchObject({ sendingSwitched: true, snapshot: false });
    await live.close();
  });

  it('who names some is told of those alone, and of one that is not there', async () => {
    const [mine, other] = [await launchedMailing(running), await launchedMailing(running)];
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', CHANGED, { ids: [mine, '999999999'] });
    expect(await nextEvent(live)).toMatchObject({
      snapshot: true,
      deletedIds: ['999999999'],
      mailings: [{ id: mine }],
    });
    live.subscribe('all', CHANGED);
    await nextEvent(live, 'all');
    await rename(other, 'Not mine');
    // What began before, such as the launches, may still be told first.
    await until(live, (event) => names(event).includes('Not mine'), 'all');
    await rename(mine, 'Mine');
    const told: string[] = [];
    await until(live, (event) => told.push(...names(event)) > 0 && told.includes('Mine'));
    expect(told).not.toContain('Not mine');
    await live.close();
  });

  it('goes on from a cursor with what it missed, even while an older transaction is still under way', async () => {
    const [slow, quick] = [await launchedMailing(running), await launchedMailing(running)];
    const live = await LiveSocket.admitted(running.url);
    const writer = await running.database.pool.connect();
    await writer.query('begin');
    await writer.query(`update mailing set name = 'Slow' where id = $1`, [slow]);
    live.subscribe('1', CHANGED);
    await nextEvent(live);
    await rename(quick, 'Quick');
    const { version } = await until(live, (event) => names(event).includes('Quick'));
    await writer.query('commit');
    writer.release();
    // Later than the cursor, by a transaction that began before it.
    expect(names(await nextEvent(live))).toEqual(['Slow']);
    live.subscribe('2', CHANGED, { after: version });
    const missed = await nextEvent(live, '2');
    expect(missed.snapshot).toBe(false);
    expect(names(missed)).toContain('Slow');
    await live.close();
  });

  it('is not told again and again of the same change while an older transaction goes on', async () => {
    const mailing = await launchedMailing(running);
    const live = await LiveSocket.admitted(running.url);
    const writer = await running.database.pool.connect();
    await writer.query('begin');
    await writer.query('select pg_current_xact_id()');
    live.subscribe('1', CHANGED);
    await nextEvent(live);
    await caughtUp(live);
    for (const name of ['One', 'Two', 'Three']) {
      await rename(mailing, name);
      expect(names(await nextEvent(live))).toEqual([name]);
    }
    await rename(await launchedMailing(running), 'Another');
    expect(await until(live, (event) => names(event).includes('Another'))).not.toMatchObject({
      mailings: expect.arrayContaining([expect.objectContaining({ id: mailing })]),
    });
    await writer.query('rollback');
    writer.release();
    await live.close();
  });

  it('gets a new snapshot when too much was missed, or its cursor is of another database', async () => {
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', CHANGED);
    const { version } = await nextEvent(live);
    for (let n = 0; n < 101; n++) await insertMailing(running.database.pool);
    live.subscribe('2', CHANGED, { after: version });
    const again = await nextEvent(live, '2');
    expect(again).toMatchObject({ snapshot: true });
    expect(again.mailings).toHaveLength(100);
    live.subscribe('3', CHANGED, { after: '999999999999999' });
    expect(await nextEvent(live, '3')).toMatchObject({ snapshot: true });
    await live.close();
  });

  it('is told what is wrong with its arguments', async () => {
    const live = await LiveSocket.admitted(running.url);
    const errorOf = async (variables: object) => {
      live.subscribe('1', CHANGED, variables);
      const { type, payload } = await live.next('1');
      if (type === 'next') await live.next('1');
      return (type === 'error' ? payload : payload.errors)[0].extensions;
    };
    expect(await errorOf({ after: 'x' })).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
    expect(await errorOf({ ids: ['abc'] })).toEqual({ code: 'NOT_FOUND', field: 'ids' });
    expect(await errorOf({ ids: [] })).toEqual({ code: 'BAD_USER_INPUT', field: 'ids' });
    const many = Array.from({ length: 101 }, (_, n) => String(n + 1));
    expect(await errorOf({ ids: many })).toEqual({ code: 'BAD_USER_INPUT', field: 'ids' });
    await live.close();
  });

  // Last, as whoever subscribes while an old transaction goes on may be told of all these as well.
  it('misses nothing of older transactions when more changes beside them than is kept', async () => {
    const slow = await launchedMailing(running);
    const [oldest, old] = [await running.database.pool.connect(), await running.database.pool.connect()];
    for (const writer of [oldest, old]) await writer.query('begin; select pg_current_xact_id()');
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', CHANGED, { ids: [slow] });
    live.subscribe('all', CHANGED);
    await nextEvent(live);
    await nextEvent(live, 'all');
    await old.query(`update mailing set name = 'Slow' where id = $1`, [slow]);
    await run(`insert into mailing (name, text, filter, starts_at, ends_at, status)
      select 'Many', text, filter, starts_at, ends_at, 'DRAFT' from mailing, generate_series(1, 1100) where id = ${slow}`);
    await until(live, (event) => names(event).includes('Many'), 'all');
    await old.query('commit');
    expect(names(await until(live, (event) => names(event)[0] === 'Slow'))).toEqual(['Slow']);
    await oldest.query('commit');
    for (const writer of [oldest, old]) writer.release();
    await live.close();
  });
});
