import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { changeOf, pretendLaunched, ringChange, writeChange } from '../testing/changes.js';
import { LiveSocket } from '../testing/live-socket.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { ADMIN_TOKEN, type RunningApi, startApi } from '../testing/running-api.js';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.js';

const QUERY = `subscription ($mailing: ID!, $after: String, $client: ID, $statuses: [MessageStatus!]) {
  messageStatusChanged(mailingId: $mailing, after: $after, clientId: $client, statuses: $statuses) {
    mailingId version previousVersion snapshot changes { messageId status version at }
  } }`;

interface Event {
  mailingId: string;
  version: string;
  previousVersion: string | null;
  snapshot: boolean;
  changes: { messageId: string; status: string; version: string }[];
}

let running: RunningApi;
let proxy: TcpProxy;
beforeAll(async () => {
  running = await startApi({
    lookEveryMs: 100,
    databaseUrl: async (direct) => {
      proxy = await startTcpProxy(direct);
      const url = new URL(direct);
      url.port = String(proxy.port);
      return url.href;
    },
  });
});
afterAll(async () => {
  await running.close();
  await proxy.close();
});

async function launched(open = 1_000_000): Promise<string> {
  const mailing = await insertMailing(running.database.pool);
  await pretendLaunched(running.database.pool, mailing, open);
  return mailing;
}

/** Writes versions of one message each. */
async function write(mailing: string, first: number, count: number, ring = true): Promise<void> {
  const { pool } = running.database;
  for (let n = first; n < first + count; n++) {
    const version = await writeChange(pool, mailing, changeOf(n, 1));
    if (ring) await ringChange(pool, mailing, version);
  }
}

async function nextEvent(live: LiveSocket, id = '1'): Promise<Event> {
  const { type, payload } = await live.next(id);
  if (type !== 'next' || payload.errors) throw new Error(`no event: ${JSON.stringify(payload)}`);
  return payload.data.messageStatusChanged;
}

/** Follows until a version; every event must join on to the one before. */
async function follow(live: LiveSocket, from: string, until: number, id = '1'): Promise<Event['changes']> {
  const changes: Event['changes'] = [];
  let cursor = from;
  while (Number(cursor) < until) {
    const event = await nextEvent(live, id);
    expect(event).toMatchObject({ snapshot: false, previousVersion: cursor });
    changes.push(...event.changes);
    cursor = event.version;
  }
  return changes;
}

const versions = (changes: Event['changes']) => changes.map(({ version }) => Number(version));
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('a subscriber to message changes', () => {
  it('first gets a snapshot mark, then every version once and in order', async () => {
    const mailing = await launched();
    await write(mailing, 1, 3);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', QUERY, { mailing });
    const first = await nextEvent(live);
    expect(first).toEqual({ mailingId: mailing, version: '3', previousVersion: null, snapshot: true, changes: [] });
    const [changes] = await Promise.all([follow(live, '3', 50), write(mailing, 4, 47)]);
    expect(versions(changes)).toEqual(upTo(4, 50));
    expect(changes.map(({ messageId, status }) => [messageId, status])).toEqual(
      upTo(4, 50).map((n) => [String(n), 'SENT']),
    );
    await live.close();
  });

  it('gets them all the same when every NOTIFY is lost', async () => {
    const mailing = await launched();
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', QUERY, { mailing });
    await nextEvent(live);
    const [changes] = await Promise.all([follow(live, '0', 20), write(mailing, 1, 20, false)]);
    expect(versions(changes)).toEqual(upTo(1, 20));
    await live.close();
  });

  it('goes on from a cursor with exactly what it missed, many versions in one event', async () => {
    const mailing = await launched();
    await write(mailing, 1, 250);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', QUERY, { mailing, after: '17' });
    expect(versions(await follow(live, '17', 250))).toEqual(upTo(18, 250));
    await live.close();
  });

  it('never gets a version in two parts, however large it is', async () => {
    const mailing = await launched();
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', QUERY, { mailing });
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
    const mailing = await launched();
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', QUERY, { mailing });
    await nextEvent(live);
    await writeChange(running.database.pool, mailing, changeOf(1, 0));
    expect(await nextEvent(live)).toMatchObject({ version: '1', previousVersion: '0', changes: [] });
    await live.close();
  });

  it('gets a new snapshot when what it missed is no longer kept, or its cursor is of another database', async () => {
    const mailing = await launched();
    await write(mailing, 1, 10);
    await running.database.pool.query('delete from mailing_change where mailing_id = $1 and version <= 6', [mailing]);
    const live = await LiveSocket.admitted(running.url);
    const firstOf = async (id: string, after: string) => {
      live.subscribe(id, QUERY, { mailing, after });
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
    const mailing = await launched();
    const [client, other] = (await insertClients(pool, 2)) as [string, string];
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('statuses', QUERY, { mailing, statuses: ['FAILED', 'DELAYED'] });
    live.subscribe('client', QUERY, { mailing, client });
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
      const changes: Event['changes'] = [];
      while (changes.length < count) changes.push(...(await nextEvent(live, id)).changes);
      return changes.map(({ messageId, status, version }) => `${version} ${messageId} ${status}`);
    };
    expect(await collect('client', 3)).toEqual(['1 101 SENT', '2 101 DELAYED', '3 101 FAILED']);
    expect(await collect('statuses', 4)).toEqual(['2 101 DELAYED', '2 102 DELAYED', '3 101 FAILED', '3 102 FAILED']);
    live.subscribe('again', QUERY, { mailing, client, after: '1' });
    expect(await collect('again', 2)).toEqual(['2 101 DELAYED', '3 101 FAILED']);
    await live.close();
  });

  it('is told what is wrong with its arguments, and never left waiting', async () => {
    const mailing = await launched();
    const deleted = await launched();
    await running.database.pool.query('update mailing set deleted_at = now() where id = $1', [deleted]);
    const live = await LiveSocket.admitted(running.url);
    const errorOf = async (variables: object) => {
      live.subscribe('1', QUERY, variables);
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

describe('a graphql-ws client that subscribes, is cut off and comes back with its cursor', () => {
  it('has seen every version exactly once', async () => {
    const mailing = await launched();
    const total = 400;
    const seen: number[] = [];
    const cuts: number[] = [];
    let cursor: string | undefined;
    let socket: WebSocket | undefined;
    class Cuttable extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        socket = this;
      }
    }
    const client = createClient({
      url: `${running.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: Cuttable,
      connectionParams: { authorization: `Bearer ${ADMIN_TOKEN}` },
      retryAttempts: 0,
    });
    const session = () =>
      new Promise<void>((resolve, reject) => {
        client.subscribe<{ messageStatusChanged: Event }>(
          { query: QUERY, variables: { mailing, after: cursor ?? null } },
          {
            next: ({ data, errors }) => {
              if (!data) return reject(new Error(JSON.stringify(errors)));
              const event = data.messageStatusChanged;
              if (cursor !== undefined) expect(event.previousVersion).toBe(cursor);
              cursor = event.version;
              seen.push(...versions(event.changes));
              // Cut in the middle of things: what the server has sent after this event is lost.
              if (cuts.length < 8 && seen.length >= (cuts.length + 1) * 40) {
                cuts.push(seen.length);
                socket?.terminate();
              }
              if (seen.length >= total) resolve();
            },
            error: () => resolve(),
            complete: () => resolve(),
          },
        );
      });
    const writing = (async () => {
      while (cursor === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      await write(mailing, 1, total);
    })();
    while (seen.length < total) await session();
    await writing;
    expect(cuts).toHaveLength(8);
    expect(seen).toEqual(upTo(1, total));
    await client.dispose();
  });
});

describe('when the database goes away for a while', () => {
  it('subscribers stay, and have missed nothing once it is back', async () => {
    const mailing = await launched();
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', QUERY, { mailing });
    await nextEvent(live);
    await Promise.all([follow(live, '0', 5), write(mailing, 1, 5)]);
    proxy.cut();
    await write(mailing, 6, 20);
    const back = follow(live, '5', 40);
    proxy.mend();
    await write(mailing, 26, 15);
    expect(versions(await back)).toEqual(upTo(6, 40));
    await live.close();
  });
});

describe('a subscriber that never reads', () => {
  it('costs one event of memory, holds nobody up, and can catch up later', async () => {
    const mailing = await launched();
    const [stuck, reader] = [await LiveSocket.admitted(running.url), await LiveSocket.admitted(running.url)];
    for (const live of [stuck, reader]) {
      live.subscribe('1', QUERY, { mailing });
      await nextEvent(live);
    }
    stuck.socket.pause();
    const { pool } = running.database;
    const writeAll = async () => {
      // About 17 MB of events: more than the sockets' own buffers hold.
      for (let n = 0; n < 40; n++) {
        const version = await writeChange(pool, mailing, changeOf(1 + n * 5_000, 5_000));
        await ringChange(pool, mailing, version);
      }
    };
    let most = 0;
    const sampling = setInterval(() => {
      most = Math.max(most, running.api.load.buffered);
    }, 5);
    const [changes] = await Promise.all([follow(reader, '0', 40), writeAll()]);
    clearInterval(sampling);
    expect(changes).toHaveLength(200_000);
    // What the reader has not taken yet is in it too: one event each, of 5,000 changes.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(2_000_000);
    stuck.socket.resume();
    const late = await follow(stuck, '0', 40);
    expect(new Set(late.map(({ messageId }) => messageId)).size).toBe(200_000);
    expect(late).toHaveLength(200_000);
    await Promise.all([stuck.close(), reader.close()]);
  });
});
