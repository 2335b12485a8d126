import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeOf, ringChange, writeChange } from '../testing/changes.js';
import { LiveSocket } from '../testing/live-socket.js';
import { insertClients } from '../testing/rows.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import {
  followChanges,
  launchedMailing,
  nextEvent,
  STATUS_QUERY,
  type StatusEvent,
  upTo,
  versionsOf,
  writeVersions,
} from '../testing/status-events.js';

let running: RunningApi;
beforeAll(async () => {
  running = await startApi({ lookEveryMs: 100 });
});
afterAll(() => running.close());

describe('a subscriber to message changes', () => {
  it('first gets a snapshot mark, then every version once and in order', async () => {
    const mailing = await launchedMailing(running);
    await writeVersions(running, mailing, 1, 3);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', STATUS_QUERY, { mailing });
    const first = await nextEvent(live);
    expect(first).toEqual({ mailingId: mailing, version: '3', previousVersion: null, snapshot: true, changes: [] });
    const [changes] = await Promise.all([followChanges(live, '3', 50), writeVersions(running, mailing, 4, 47)]);
    expect(versionsOf(changes)).toEqual(upTo(4, 50));
    expect(changes.map(({ messageId, status }) => [messageId, status])).toEqual(
      upTo(4, 50).map((n) => [String(n), 'SENT']),
    );
    await live.close();
  });

  it('gets them all the same when every NOTIFY is lost', async () => {
    const mailing = await launchedMailing(running);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', STATUS_QUERY, { mailing });
    await nextEvent(live);
    const [changes] = await Promise.all([followChanges(live, '0', 20), writeVersions(running, mailing, 1, 20, false)]);
    expect(versionsOf(changes)).toEqual(upTo(1, 20));
    await live.close();
  });

  it('goes on from a cursor with exactly what it missed, many versions in one event', async () => {
    const mailing = await launchedMailing(running);
    await writeVersions(running, mailing, 1, 250);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', STATUS_QUERY, { mailing, after: '17' });
    expect(versionsOf(await followChanges(live, '17', 250))).toEqual(upTo(18, 250));
    await live.close();
  });

  it('never gets a version in two parts, however large it is', async () => {
    const mailing = await launchedMailing(running);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', STATUS_QUERY, { mailing });
    await nextEvent(live);
    const { pool } = running.database;
    for (let n = 0; n < 4; n++) await writeChange(pool, mailing, changeOf(1 + n * 5_000, 5_000));
    await ringChange(pool, mailing, 4);
    let cursor = 0;
    while (cursor < 4) {
      const event = await nextEvent(live);
      for (let version = cursor + 1; version <= Number(event.version); version++) {
        expect(event.changes.filter((change) => change.version === String(version))).toHaveLength(5_000);
      }
      cursor = Number(event.version);
    }
    await live.close();
  });

  it('is told of versions without messages too, such as a chunk of a launch', async () => {
    const mailing = await launchedMailing(running);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', STATUS_QUERY, { mailing });
    await nextEvent(live);
    await writeChange(running.database.pool, mailing, changeOf(1, 0));
    expect(await nextEvent(live)).toMatchObject({ version: '1', previousVersion: '0', changes: [] });
    await live.close();
  });

  it('gets a new snapshot when what it missed is no longer kept, or its cursor is of another database', async () => {
    const mailing = await launchedMailing(running);
    await writeVersions(running, mailing, 1, 10);
    await running.database.pool.query('delete from mailing_change where mailing_id = $1 and version <= 6', [mailing]);
    const live = await LiveSocket.admitted(running.url);
    const firstOf = async (id: string, after: string) => {
      live.subscribe(id, STATUS_QUERY, { mailing, after });
      return await nextEvent(live, id);
    };
    expect(await firstOf('1', '5')).toMatchObject({ snapshot: true, version: '10' });
    expect(await firstOf('2', '0')).toMatchObject({ snapshot: true, version: '10' });
    expect(await firstOf('3', '11')).toMatchObject({ snapshot: true, version: '10' });
    expect(await firstOf('4', '6')).toMatchObject({ snapshot: false, previousVersion: '6', version: '10' });
    await running.database.pool.query('delete from mailing_change where mailing_id = $1', [mailing]);
    expect(await firstOf('5', '9')).toMatchObject({ snapshot: true, version: '10' });
    await live.close();
  });

  it('who asks for a part gets that part, with cursors that still work for it', async () => {
    const { pool } = running.database;
    const mailing = await launchedMailing(running);
    const [client, other] = (await insertClients(pool, 2)) as [string, string];
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('statuses', STATUS_QUERY, { mailing, statuses: ['FAILED', 'DELAYED'] });
    live.subscribe('client', STATUS_QUERY, { mailing, client });
    await nextEvent(live, 'statuses');
    await nextEvent(live, 'client');
    // The message is made while somebody watches for it already.
    await pool.query(
      `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
       select $1, 100 + n, c, '79000000000', 'Europe/Moscow', '{}', 'OPEN', now(), now(), 1
       from unnest($2::bigint[]) with ordinality as t (c, n)`,
      [mailing, [client, other]],
    );
    for (const status of ['SENT', 'DELAYED', 'FAILED']) {
      await ringChange(pool, mailing, await writeChange(pool, mailing, changeOf(101, 2, status)));
    }
    const collect = async (id: string, count: number) => {
      const changes: StatusEvent['changes'] = [];
      while (changes.length < count) changes.push(...(await nextEvent(live, id)).changes);
      return changes.map(({ messageId, status, version }) => `${version} ${messageId} ${status}`);
    };
    expect(await collect('client', 3)).toEqual(['1 101 SENT', '2 101 DELAYED', '3 101 FAILED']);
    expect(await collect('statuses', 4)).toEqual(['2 101 DELAYED', '2 102 DELAYED', '3 101 FAILED', '3 102 FAILED']);
    live.subscribe('again', STATUS_QUERY, { mailing, client, after: '1' });
    expect(await collect('again', 2)).toEqual(['2 101 DELAYED', '3 101 FAILED']);
    await live.close();
  });

  it('may ask for the messages behind the changes, as they are by then', async () => {
    const { pool } = running.database;
    const mailing = await launchedMailing(running);
    const [client] = await insertClients(pool, 1);
    await pool.query(
      `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
       values ($1, 7, $2, '79000000000', 'Europe/Moscow', '{}', 'OPEN', now() + interval '1 hour', now(), 1)`,
      [mailing, client],
    );
    const live = await LiveSocket.admitted(running.url);
    live.subscribe(
      '1',
      `subscription ($mailing: ID!) { messageStatusChanged(mailingId: $mailing) { changes { messageId message { id status client { id } } } } }`,
      { mailing },
    );
    await nextEvent(live);
    const shown = async (status: string, stored: string) => {
      await pool.query('update message set status = $2 where mailing_id = $1 and id = 7', [mailing, stored]);
      await ringChange(pool, mailing, await writeChange(pool, mailing, changeOf(7, 2, status)));
      return (await nextEvent(live)).changes;
    };
    expect(await shown('DELAYED', 'OPEN')).toEqual([
      { messageId: '7', message: { id: '7', status: 'DELAYED', client: { id: client } } },
      { messageId: '8', message: null },
    ]);
    await pool.query('update client set deleted_at = now() where id = $1', [client]);
    expect((await shown('SENT', 'SENT'))[0]).toEqual({
      messageId: '7',
      message: { id: '7', status: 'SENT', client: null },
    });
    await live.close();
  });

  it('is told NOT_FOUND once the mailing is deleted, after what it has not seen yet', async () => {
    const mailing = await launchedMailing(running);
    const live = await LiveSocket.admitted(running.url);
    for (const [id, statuses] of [['all'], ['part', ['FAILED']]] as const) {
      live.subscribe(id, STATUS_QUERY, { mailing, ...(statuses && { statuses }) });
      expect((await live.next(id)).type).toBe('next');
    }
    await writeVersions(running, mailing, 1, 1);
    await running.database.pool.query('update mailing set deleted_at = clock_timestamp() where id = $1', [mailing]);
    expect((await live.next('all')).payload.data.messageStatusChanged.version).toBe('1');
    for (const id of ['all', 'part']) {
      const { type, payload } = await live.next(id);
      expect([type, payload[0].extensions]).toEqual(['error', { code: 'NOT_FOUND', field: 'mailingId' }]);
    }
    await live.close();
  });

  it('is told what is wrong with its arguments, and never left waiting', async () => {
    const mailing = await launchedMailing(running);
    const deleted = await launchedMailing(running);
    await running.database.pool.query('update mailing set deleted_at = now() where id = $1', [deleted]);
    const live = await LiveSocket.admitted(running.url);
    const errorOf = async (variables: object) => {
      live.subscribe('1', STATUS_QUERY, variables);
      const { type, payload } = await live.next('1');
      if (type === 'next') await live.next('1');
      return (type === 'error' ? payload : payload.errors)[0].extensions;
    };
    for (const unknown of ['999999999', '0', '-1', 'abc', '', '9223372036854775808', "1' or '1'='1", deleted]) {
      expect(await errorOf({ mailing: unknown })).toEqual({ code: 'NOT_FOUND', field: 'mailingId' });
    }
    for (const unknown of ['999999999', 'abc', '9223372036854775808']) {
      expect(await errorOf({ mailing, client: unknown })).toEqual({ code: 'NOT_FOUND', field: 'clientId' });
    }
    for (const after of ['-1', 'abc', '1.5', '9'.repeat(30), ' 1']) {
      expect(await errorOf({ mailing, after })).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
    }
    expect(await errorOf({ mailing, statuses: ['NONE'] })).toEqual({ code: 'BAD_USER_INPUT' });
    await live.close();
  });
});
