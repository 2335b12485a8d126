import { createClient } from 'graphql-ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { changeOf, ringChange, writeChange } from '../testing/changes.js';
import { LiveSocket } from '../testing/live-socket.js';
import { PROGRAM_TOKEN, urlOf } from '../testing/program.js';
import { send, startApi } from '../testing/running-api.js';
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
import { setStage } from './stage.js';

const SUBSCRIBERS = 1_000;
/** Versions that are written, and the changes in each: about 6 MB for whoever asks for all of them. */
const VERSIONS = 12;
const CHANGES = 5_000;
const PROGRESS_QUERY = 'subscription ($mailing: ID!) { mailingProgress(mailingId: $mailing) { version } }';
const VERSION_QUERY = `subscription ($mailing: ID!) { messageStatusChanged(mailingId: $mailing) {
  mailingId version previousVersion snapshot } }`;

test('FAULTS 21: of a thousand subscribers a tenth does not read: the others stay current with no gap, and so does one of those once it comes back', async () => {
  const running = await startApi();
  onTestFinished(() => running.close());
  const { url, database } = running;
  const mailing = await launchedMailing(running);
  const all = await Promise.all(Array.from({ length: SUBSCRIBERS }, () => LiveSocket.admitted(url)));
  const [stuck, closely, roughly] = [all.slice(0, 100), all.slice(100, 200), all.slice(200)];
  for (const live of stuck) live.subscribe('1', STATUS_QUERY, { mailing });
  for (const live of closely) live.subscribe('1', VERSION_QUERY, { mailing });
  for (const live of roughly) live.subscribe('1', PROGRESS_QUERY, { mailing });
  for (const live of all) expect((await live.next('1')).type).toBe('next');
  for (const live of stuck) live.socket.pause();

  for (let n = 0; n < VERSIONS; n += 1) {
    await writeChange(database.pool, mailing, changeOf(1 + n * CHANGES, CHANGES));
  }
  await ringChange(database.pool, mailing, VERSIONS);
  for (const live of closely) await followVersions(live, VERSIONS);
  for (const live of roughly) {
    while ((await live.next('1')).payload.data.mailingProgress.version !== String(VERSIONS));
  }
  expect((await send(`${url}/healthz`)).status).toBe(200);

  // Whoever does not even answer a ping is cut off, sooner or later. The cursor is still good.
  const back = await LiveSocket.admitted(url);
  back.subscribe('1', STATUS_QUERY, { mailing, after: '0' });
  expect(await followChanges(back, '0', VERSIONS)).toHaveLength(VERSIONS * CHANGES);
  for (const live of [...all, back]) live.socket.terminate();
}, 180_000);

test('FAULTS 21: the server ends and is killed under its subscribers: each goes on from its cursor, with no gap', async () => {
  const stage = await setStage();
  let program = await stage.start('api');
  const { port } = new URL(await urlOf(program));
  const mailing = await launchedMailing({ database: stage });
  const followers = Array.from({ length: 20 }, () => follower(`ws://127.0.0.1:${port}/graphql`, mailing));
  let written = 0;
  const write = async (count: number) => {
    await writeVersions({ database: stage }, mailing, written + 1, count);
    written += count;
  };
  const seen = async (version: number) => {
    for (const { versions } of followers) await expect.poll(() => versions.at(-1)).toBe(version);
  };
  for (const { begun } of followers) await begun;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await write(30);
    await seen(written);
    program.kill(signal);
    await Promise.all([program.ended, write(30)]);
    program = await stage.start('api', { env: { PORT: port } });
    await write(30);
    await seen(written);
  }
  for (const { versions } of followers) expect(versions).toEqual(upTo(1, written));
  await Promise.all(followers.map(({ stop }) => stop()));
}, 120_000);

/** Reads events until one version, each of which has to join on to the one before. */
async function followVersions(live: LiveSocket, until: number): Promise<void> {
  for (let cursor = '0'; Number(cursor) < until; ) {
    const { previousVersion, version } = await nextEvent(live);
    expect(previousVersion).toBe(cursor);
    cursor = version;
  }
}

/** A client that comes back with its cursor whenever it was cut off. */
function follower(url: string, mailing: string) {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${PROGRAM_TOKEN}` },
    retryAttempts: 0,
  });
  const versions: number[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let cursor: string | null = null;
  let over = false;
  const session = () =>
    new Promise<void>((resolve) => {
      client.subscribe<{ messageStatusChanged: StatusEvent }>(
        { query: STATUS_QUERY, variables: { mailing, after: cursor } },
        {
          next: ({ data }) => {
            cursor = data!.messageStatusChanged.version;
            versions.push(...versionsOf(data!.messageStatusChanged.changes));
            begin();
          },
          error: () => resolve(),
          complete: () => resolve(),
        },
      );
    });
  const running = (async () => {
    while (!over) {
      await session();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const stop = async () => {
    over = true;
    await client.dispose();
    await running;
  };
  return { versions, begun, stop };
}
