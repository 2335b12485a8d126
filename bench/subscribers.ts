import 'reflect-metadata';
import { changeOf, pretendLaunched, ringChange, writeChange } from '../src/testing/changes.js';
import { LiveSocket } from '../src/testing/live-socket.js';
import { LiveStream } from '../src/testing/live-stream.js';
import { insertMailing } from '../src/testing/rows.js';
import { ask, type BenchStage, onStage, start } from './children.js';

/**
 * `npm run bench -- subscribers [--subscribers 1000]`: what subscribers to one mailing cost, over WebSocket and as event streams:
 * the server's memory for each, how long a change takes until the last of them has it beside one subscriber alone, and the
 * memory for each of a tenth that do not read while `UNREAD` changes come.
 */
const at = process.argv.indexOf('--subscribers');
const count = at < 0 ? 1_000 : Number(process.argv[at + 1]);
const TOKEN = 'bench-admin-token';
const CHANGES = 30;
const UNREAD = { events: 12, changes: 5_000 };
const FOLLOW = 'subscription ($id: ID!) { messageStatusChanged(mailingId: $id) { version } }';
const ALL =
  'subscription ($id: ID!) { messageStatusChanged(mailingId: $id) { version changes { messageId status version at } } }';
const out = process.stdout;

interface Subscriber {
  next(): Promise<unknown>;
  /** Stops reading. */
  pause(): void;
  end(): void;
}
type Open = (n: number, query: string, id: string) => Promise<Subscriber>;

/** At most 100 event streams go with one token, and some more are open than are measured. */
async function tokensOf(url: string): Promise<string[]> {
  const query = `mutation { tokenCreate(input: { name: "bench", scopes: [MAILINGS_READ] }) { secret } }`;
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  const make = async () => {
    const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    const { data } = (await answer.json()) as { data: { tokenCreate: { secret: string } } };
    return data.tokenCreate.secret;
  };
  return Promise.all(Array.from({ length: Math.ceil(count / 50) }, make));
}

async function compare({ databaseUrl, pool }: BenchStage): Promise<void> {
  const api = start('api-process.js', databaseUrl, TOKEN);
  const { url } = await ask(api);
  const tokens = await tokensOf(url);
  const kinds: Record<string, Open> = {
    WebSocket: async (_n, query, id) => {
      const live = await LiveSocket.admitted(url, TOKEN);
      live.subscribe('1', query, { id });
      return { next: () => live.next('1'), pause: () => live.socket.pause(), end: () => live.socket.terminate() };
    },
    'event stream': async (n, query, id) => {
      const headers = { authorization: `Bearer ${tokens[n % tokens.length]}` };
      const live = await LiveStream.open(url, query, { id }, headers);
      return { next: () => live.data(), pause: () => {}, end: () => live.close() };
    },
  };
  const memory = (): Promise<number> => ask(api, 'memory');
  const mailing = async () => {
    const id = await insertMailing(pool);
    await pretendLaunched(pool, id, 1_000_000);
    return id;
  };
  const opened = async (open: Open, many: number, query: string, id: string) => {
    const all: Subscriber[] = [];
    for (let n = 0; n < many; n += 1) {
      const subscriber = await open(n, query, id);
      await subscriber.next();
      all.push(subscriber);
    }
    return all;
  };
  /** ms until the last has it, in the middle of all changes. */
  const delay = async (all: Subscriber[], id: string) => {
    const took: number[] = [];
    for (let n = 1; n <= CHANGES; n += 1) {
      const told = all.map((each) => each.next());
      const begun = performance.now();
      await ringChange(pool, id, await writeChange(pool, id, changeOf(n, 1)));
      await Promise.all(told);
      took.push(performance.now() - begun);
    }
    return took.sort((a, b) => a - b)[CHANGES / 2]!;
  };
  for (const [kind, open] of Object.entries(kinds)) {
    const id = await mailing();
    const one = await opened(open, 1, FOLLOW, id);
    const alone = await delay(one, id);
    const before = await memory();
    const all = await opened(open, count, FOLLOW, id);
    const each = ((await memory()) - before) / count / 1_024;
    for (const subscriber of one) subscriber.end();
    const together = await delay(all, id);
    out.write(`${kind}: ${each.toFixed(0)} KB for each of ${count}; a change takes ${alone.toFixed(1)} ms to one and `);
    out.write(`${together.toFixed(1)} ms to the last of all, ratio ${(together / alone).toFixed(1)}\n`);
    for (const subscriber of all) subscriber.end();

    const unread = await mailing();
    const stuck = await opened(open, Math.ceil(count / 10), ALL, unread);
    for (const subscriber of stuck) subscriber.pause();
    const [reader] = await opened(open, 1, ALL, unread);
    const calm = await memory();
    let bytes = 0;
    for (let n = 0; n < UNREAD.events; n += 1) {
      await ringChange(pool, unread, await writeChange(pool, unread, changeOf(1 + n * UNREAD.changes, UNREAD.changes)));
      bytes += JSON.stringify(await reader!.next()).length;
    }
    const kept = ((await memory()) - calm) / stuck.length / 2 ** 20;
    const missed = bytes / 2 ** 20;
    out.write(`${kind}: ${kept.toFixed(2)} MB for each of ${stuck.length} who do not read ${missed.toFixed(1)} MB, `);
    out.write(`ratio ${(kept / missed).toFixed(2)}\n`);
    for (const subscriber of [...stuck, reader!]) subscriber.end();
  }
  api.kill('SIGKILL');
}

await onStage(compare);
