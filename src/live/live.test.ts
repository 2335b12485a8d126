import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../platform/pool.js';
import { changeOf, pretendLaunched, ringChange, writeChange } from '../testing/changes.js';
import { insertMailing } from '../testing/rows.js';
import { recordingLog } from '../testing/running-api.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { cancellable } from './cancellable.js';
import { Live, type Watch } from './live.js';
import { LiveMailing } from './live-mailing.js';

let database: TestDatabase;
let pool: pg.Pool;
let reads = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ databaseUrl: database.url, max: 3, name: 'live test', onError: () => {} });
  pool.on('acquire', () => {
    reads += 1;
  });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function withLive<T>(lookEveryMs: number, use: (live: Live) => Promise<T>): Promise<T> {
  const live = new Live({ databaseUrl: database.url, pool, log: recordingLog().log, lookEveryMs });
  live.start();
  try {
    return await use(live);
  } finally {
    await live.close();
  }
}

async function launched(): Promise<string> {
  const mailing = await insertMailing(database.pool);
  await pretendLaunched(database.pool, mailing, 100_000);
  return mailing;
}

/** Versions after `cursor` until `until`, as one subscriber sees them. */
async function follow(watch: Watch, cursor: number, until: number): Promise<number[]> {
  const seen: number[] = [];
  while ((seen.at(-1) ?? cursor) < until) {
    const { tick } = watch;
    const rows = await watch.rowsAfter(seen.at(-1) ?? cursor);
    if (rows === 'gone') throw new Error('gone');
    if (rows.length === 0) await watch.changed(tick);
    seen.push(...rows.map(({ version }) => version));
  }
  return seen;
}

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('the live feed', () => {
  it('reads each change row once for all who follow closely', async () => {
    await withLive(1_000_000, async (live) => {
      while (!live.listening) await new Promise((resolve) => setTimeout(resolve, 5));
      const mailing = await launched();
      const stop = new AbortController();
      const watches = Array.from({ length: 50 }, () => live.watch(mailing, stop.signal));
      const before = reads;
      for (let version = 1; version <= 10; version++) {
        const following = watches.map((watch) => follow(watch, version - 1, version));
        await ringChange(database.pool, mailing, await writeChange(database.pool, mailing, changeOf(version, 3)));
        for (const seen of await Promise.all(following)) expect(seen).toEqual([version]);
      }
      // One when it begins to wait and one when it is told, each for all fifty.
      expect(reads - before).toBeLessThanOrEqual(20);
      stop.abort();
      expect(live.watched).toBe(0);
    });
  });

  it('gives everybody every version once, wherever each begins and however slow each is', async () => {
    await withLive(20, async (live) => {
      const mailing = await launched();
      const stop = new AbortController();
      const writing = (async () => {
        for (let n = 1; n <= 500; n++) {
          const version = await writeChange(database.pool, mailing, changeOf(n, 100));
          if (n % 3 === 0) await ringChange(database.pool, mailing, version);
        }
      })();
      const followers = Array.from({ length: 12 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 40));
        const { rows } = await database.pool.query('select version from mailing where id = $1', [mailing]);
        const begin = n % 2 === 0 ? Number(rows[0].version) : 0;
        const watch = live.watch(mailing, stop.signal);
        expect(await follow(watch, begin, 500)).toEqual(upTo(begin + 1, 500));
      });
      await Promise.all([writing, ...followers]);
      stop.abort();
    });
  });

  it('does not take the answer of a read that began before the change it was told of', async () => {
    const mailingId = await launched();
    const answered = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    let queries = 0;
    const slow = Object.assign(Object.create(pool), {
      query: async (query: pg.QueryConfig) => {
        const first = queries++ === 0;
        const answer = await pool.query(query);
        answered.resolve();
        if (first) await released.promise;
        return answer;
      },
    });
    const mailing = new LiveMailing(mailingId, slow, recordingLog().log);
    const early = mailing.rowsAfter(0);
    await answered.promise;
    mailing.hear(await writeChange(database.pool, mailingId, changeOf(1, 1)));
    const late = mailing.rowsAfter(0);
    released.resolve();
    expect(await early).toEqual([]);
    expect(await late).toMatchObject([{ version: 1 }]);
  });

  it('serves those who lag although somebody far ahead has come', async () => {
    await withLive(1_000_000, async (live) => {
      const mailing = await launched();
      const stop = new AbortController();
      const watch = live.watch(mailing, stop.signal);
      await writeChange(database.pool, mailing, changeOf(1, 1));
      expect(await follow(watch, 0, 1)).toEqual([1]);
      for (let n = 2; n <= 300; n++) await writeChange(database.pool, mailing, changeOf(n, 1));
      expect(await live.watch(mailing, stop.signal).rowsAfter(300)).toEqual([]);
      expect(await follow(watch, 1, 300)).toEqual(upTo(2, 300));
      expect(await follow(watch, 0, 300)).toEqual(upTo(1, 300));
      stop.abort();
    });
  });

  it('gives the rows of somebody behind whose read was overtaken by somebody far ahead', async () => {
    const mailingId = await launched();
    for (let n = 1; n <= 600; n++) await writeChange(database.pool, mailingId, changeOf(n, 1));
    const mailing = new LiveMailing(mailingId, pool, recordingLog().log);
    mailing.see({ version: 600, state: '', deleted: false }, false);
    const both = await Promise.all([mailing.rowsAfter(50), mailing.rowsAfter(500)]);
    const seen = both.map((rows) => (rows === 'gone' ? rows : rows.map(({ version }) => version)));
    expect(seen).toEqual([upTo(51, 150), upTo(501, 600)]);
  });

  it('says when what comes next is no longer kept', async () => {
    await withLive(20, async (live) => {
      const mailing = await launched();
      for (let n = 1; n <= 4; n++) await writeChange(database.pool, mailing, changeOf(n, 1));
      await database.pool.query('delete from mailing_change where mailing_id = $1 and version <= 2', [mailing]);
      const stop = new AbortController();
      const watch = live.watch(mailing, stop.signal);
      expect(await watch.rowsAfter(0)).toBe('gone');
      expect(await watch.rowsAfter(1)).toBe('gone');
      expect(await follow(watch, 2, 4)).toEqual([3, 4]);
      stop.abort();
    });
  });

  it('listens again by itself when its connection is cut', async () => {
    await withLive(1_000_000, async (live) => {
      const listening = async () => {
        while (!live.listening) await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await listening();
      await database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'heliograph live' and datname = current_database()`,
      );
      while (live.listening) await new Promise((resolve) => setTimeout(resolve, 1));
      const mailing = await launched();
      const stop = new AbortController();
      const watch = live.watch(mailing, stop.signal);
      await writeChange(database.pool, mailing, changeOf(1, 1));
      // Nobody looks here but the listener, once it is back.
      expect(await follow(watch, 0, 1)).toEqual([1]);
      await listening();
      const [seen] = await Promise.all([
        follow(watch, 1, 2),
        writeChange(database.pool, mailing, changeOf(2, 1)).then((version) =>
          ringChange(database.pool, mailing, version),
        ),
      ]);
      expect(seen).toEqual([2]);
      stop.abort();
    });
  });

  it('takes no harm from notifications that make no sense', async () => {
    await withLive(1_000_000, async (live) => {
      while (!live.listening) await new Promise((resolve) => setTimeout(resolve, 5));
      const mailing = await launched();
      const stop = new AbortController();
      const watch = live.watch(mailing, stop.signal);
      for (const payload of [
        '',
        ':',
        'x:y',
        `${mailing}:`,
        `${mailing}:NaN`,
        `${mailing}:-5`,
        `${mailing}:1e9`,
        '0:0',
      ]) {
        await database.pool.query('select pg_notify($1, $2)', ['heliograph_change', payload]);
      }
      await watch.changed(0);
      expect(await watch.rowsAfter(0)).toEqual([]);
      stop.abort();
    });
  });
});

describe('a cancellable generator', () => {
  it('ends while it waits, and cleans up', async () => {
    const trace: string[] = [];
    const numbers = cancellable<number>(async function* (signal) {
      try {
        yield 1;
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        trace.push('woken');
      } finally {
        trace.push('clean');
      }
    });
    expect(await numbers.next()).toEqual({ value: 1, done: false });
    const waiting = numbers.next();
    await numbers.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(trace).toEqual(['woken', 'clean']);
  });

  it('that was never begun ends too', async () => {
    const never = cancellable<number>(async function* () {
      yield 1;
    });
    expect(await never.return?.()).toEqual({ value: undefined, done: true });
    expect(await never.next()).toEqual({ value: undefined, done: true });
  });
});
