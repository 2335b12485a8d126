import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { changeOf, ringChange, writeChange } from '../testing/changes.js';
import { LiveSocket } from '../testing/live-socket.js';
import { ADMIN_TOKEN, type RunningApi, startApi } from '../testing/running-api.js';
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
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.js';

let running: RunningApi;
let proxy: TcpProxy;
beforeAll(async () => {
  running = await startApi({
    lookEveryMs: 100,
    databaseUrl: async (direct) => {
      proxy = await startTcpProxy(direct);
      return proxy.through(direct);
    },
  });
});
afterAll(async () => {
  await running.close();
  await proxy.close();
});

describe('a graphql-ws client that subscribes, is cut off and comes back with its cursor', () => {
  it('has seen every version exactly once', async () => {
    const mailing = await launchedMailing(running);
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
        client.subscribe<{ messageStatusChanged: StatusEvent }>(
          { query: STATUS_QUERY, variables: { mailing, after: cursor ?? null } },
          {
            next: ({ data, errors }) => {
              if (!data) return reject(new Error(JSON.stringify(errors)));
              const event = data.messageStatusChanged;
              if (cursor !== undefined) expect(event.previousVersion).toBe(cursor);
              cursor = event.version;
              seen.push(...versionsOf(event.changes));
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
      await writeVersions(running, mailing, 1, total);
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
    const mailing = await launchedMailing(running);
    const live = await LiveSocket.admitted(running.url);
    live.subscribe('1', STATUS_QUERY, { mailing });
    await nextEvent(live);
    await Promise.all([followChanges(live, '0', 5), writeVersions(running, mailing, 1, 5)]);
    proxy.cut();
    await writeVersions(running, mailing, 6, 20);
    const back = followChanges(live, '5', 40);
    proxy.mend();
    await writeVersions(running, mailing, 26, 15);
    expect(versionsOf(await back)).toEqual(upTo(6, 40));
    await live.close();
  });
});

describe('a subscriber that never reads', () => {
  it('costs one event of memory, holds nobody up, and can catch up later', async () => {
    const mailing = await launchedMailing(running);
    const [stuck, reader] = [await LiveSocket.admitted(running.url), await LiveSocket.admitted(running.url)];
    for (const live of [stuck, reader]) {
      live.subscribe('1', STATUS_QUERY, { mailing });
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
    const [changes] = await Promise.all([followChanges(reader, '0', 40), writeAll()]);
    clearInterval(sampling);
    expect(changes).toHaveLength(200_000);
    // What the reader has not taken yet is in it too: one event each, of 5,000 changes.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(2_000_000);
    stuck.socket.resume();
    const late = await followChanges(stuck, '0', 40);
    expect(new Set(late.map(({ messageId }) => messageId)).size).toBe(200_000);
    expect(late).toHaveLength(200_000);
    await Promise.all([stuck.close(), reader.close()]);
  });
});
