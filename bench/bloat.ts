import type { Bench, BenchOptions, Figure } from './bench.js';
import { type BenchStage, onStage } from './children.js';
import { measureRemains, type Stored, storedIn, walOf } from './remains.js';

/** Bytes a message after so many mailings. */
interface Remaining extends Stored {
  /** Of all mailings so far, with what VACUUM did meanwhile. */
  wal: number;
  /** Of the last mailing alone, and of the VACUUM of earlier ones that came during it. */
  lastWal: number;
}

interface Measured {
  first: Remaining;
  last: Remaining;
  /** Share of updates of messages that touched no index. */
  hot: number;
}

async function measure({ withClients, postgresPid }: BenchStage, { size }: BenchOptions): Promise<Measured> {
  const [messages, mailings] = [size('messages'), size('mailings')];
  const database = await withClients(messages);
  const all: Remaining[] = [];
  const begun = await walOf(database);
  for (let sent = 1; sent <= mailings; sent += 1) {
    const { wal: lastWal } = await measureRemains(database, { messages, postgresPid });
    const { heap, indexes, changes } = await storedIn(database);
    const each = (bytes: number) => bytes / (sent * messages);
    const wal = each((await walOf(database)) - begun);
    all.push({ wal, lastWal, heap: each(heap), indexes: each(indexes), changes: each(changes) });
  }
  // What a session did is in there once it has ended, at the latest.
  const { rows } = await database.pool.query<{ hot: number }>(
    `select n_tup_hot_upd::float8 / greatest(n_tup_upd, 1) as hot from pg_stat_user_tables where relname = 'message'`,
  );
  return { first: all[0]!, last: all.at(-1)!, hot: rows[0]!.hot };
}

function figuresOf(all: readonly Measured[], mailings: number): Figure[] {
  const of = (what: string, key: keyof Remaining): Figure => ({
    what: `${what}, after ${mailings} mailings`,
    unit: 'B a message',
    values: all.map(({ last }) => last[key]),
    counterpart: { what: 'after one', values: all.map(({ first }) => first[key]) },
    must: [{ of: 'ratio', most: 1.2 }],
  });
  return [
    of('WAL', 'wal'),
    of('… of the last alone', 'lastWal'),
    of('messages', 'heap'),
    of('indexes on messages', 'indexes'),
    of('change rows', 'changes'),
    { what: 'updates of messages that touched no index', unit: '%', values: all.map(({ hot }) => hot * 100) },
  ];
}

/** Whether a mailing leaves more behind when others went before it. */
export const bloat: Bench = {
  name: 'bloat',
  does: 'what a message leaves behind in PostgreSQL after some mailings, beside after one',
  sizes: { messages: 100_000, mailings: 10 },
  run: async (options) =>
    onStage(async (stage) => {
      const all: Measured[] = [];
      for (let run = 1; run <= options.runs; run += 1) {
        all.push(await measure(stage, options));
        const { first, last } = all.at(-1)!;
        const bytes = ({ wal, heap }: Remaining) => `${Math.round(wal)} B of WAL and ${Math.round(heap)} B`;
        options.say(`run ${run}: ${bytes(first)} a message after one mailing, ${bytes(last)} after the last`);
      }
      return figuresOf(all, options.size('mailings'));
    }),
};
