import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPool } from '../platform/pool.js';
import { insertMailing } from '../testing/rows.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.js';
import { ChangesFeed } from './changes-feed.js';

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

it('while the database is away followers stay, and are told once it is back, also who came with a cursor meanwhile', async () => {
  const pool = createPool({
    databaseUrl: proxy.through(running.database.url),
    max: 2,
    name: 'feed',
    onError: () => {},
  });
  let failed = 0;
  const query = (asked: pg.QueryConfig) =>
    pool.query(asked).catch((error: unknown) => {
      failed += 1;
      throw error;
    });
  const feed = new ChangesFeed(running.live, Object.assign(Object.create(pool), { query }));
  const stop = new AbortController();
  const mailing = await insertMailing(running.database.pool);
  const here = feed.follow({ ids: null, after: null }, stop.signal);
  const { value: first } = await here.next();
  proxy.cut();
  const late = feed.follow({ ids: null, after: Number(first!.version) }, stop.signal);
  const told = [here.next(), late.next()];
  await running.database.pool.query(`update mailing set name = 'Meanwhile' where id = $1`, [mailing]);
  // Somebody who comes now reads for themselves, and the feed looks for all: both in vain, and again and again.
  await expect.poll(() => failed, { timeout: 5_000 }).toBeGreaterThan(3);
  proxy.mend();
  for (const { value } of await Promise.all(told)) {
    expect(value).toMatchObject({ snapshot: false, mailingIds: [mailing] });
  }
  stop.abort();
  await pool.end();
});

it('who lags is told in one event what came meanwhile, and begins anew when that was more than is kept', async () => {
  const { pool } = running.database;
  const feed = new ChangesFeed(running.live, pool);
  const stop = new AbortController();
  const [lagging, close] = [0, 1].map(() => feed.follow({ ids: null, after: null }, stop.signal));
  const first = await lagging!.next();
  await close!.next();
  const made: string[] = [];
  for (let n = 0; n < 3; n++) {
    const id = await insertMailing(pool);
    made.push(id);
    while (!(await close!.next()).value!.mailingIds?.includes(id));
  }
  const { value: missed } = await lagging!.next();
  expect(missed).toMatchObject({ snapshot: false });
  expect(missed!.mailingIds).toEqual(expect.arrayContaining(made));
  for (let n = 0; n < 3; n++) {
    await pool.query(
      `insert into mailing (name, text, filter, starts_at, ends_at, status)
       select name, text, filter, starts_at, ends_at, status from mailing, generate_series(1, 400) where id = $1`,
      [made[0]],
    );
    while (!(await close!.next()).value!.snapshot);
  }
  const { value: anew } = await lagging!.next();
  expect(anew).toMatchObject({ snapshot: true });
  expect(Number(anew!.version)).toBeGreaterThan(Number(first.value!.version));
  stop.abort();
});
