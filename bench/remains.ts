import type { BenchDatabase } from './children.js';
import { type DispatchOptions, dispatchRun } from './dispatch-run.js';

/** Bytes a message in the tables, over all that are there. */
export interface Stored {
  /** Of messages and their earlier attempts. */
  heap: number;
  /** On these. */
  indexes: number;
  /** Change rows with their indexes. */
  changes: number;
}

/** What a mailing has left behind, bytes a message, and how fast it was sent. */
export interface Remains extends Stored {
  /** Messages a second. */
  speed: number;
  wal: number;
}

const STORED = `
  select sum(pg_table_size(t)) filter (where n like 'message%')::float8 as heap, sum(pg_indexes_size(t)) filter (where n like 'message%')::float8 as indexes,
    sum(pg_total_relation_size(t)) filter (where n like 'mailing_change%')::float8 as changes
  from (select oid::regclass as t, relname as n from pg_class where relkind = 'r' and relname ~ '^(message|message_attempt|mailing_change)(_\\d+)?$') as one`;

/** What the tables take now, bytes in all, parts of them included. */
export async function storedIn({ pool }: BenchDatabase): Promise<Stored> {
  return (await pool.query<Stored>(STORED)).rows[0]!;
}

/** What the whole server has written to its WAL so far, bytes. */
export async function walOf({ pool }: BenchDatabase): Promise<number> {
  const { rows } = await pool.query<{ bytes: number }>(
    `select (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 as bytes`,
  );
  return rows[0]!.bytes;
}

/** Sends a mailing to everybody and looks at what it added. WAL is that of the whole server. */
export async function measureRemains(database: BenchDatabase, options: DispatchOptions): Promise<Remains> {
  const { pool } = database;
  await pool.query('checkpoint');
  const [before, from] = [await storedIn(database), await walOf(database)];
  const { messagesPerSecond } = await dispatchRun(database, options);
  const [after, to] = [await storedIn(database), await walOf(database)];
  const each = (key: keyof Stored) => (after[key] - before[key]) / options.messages;
  return {
    speed: messagesPerSecond,
    wal: (to - from) / options.messages,
    heap: each('heap'),
    indexes: each('indexes'),
    changes: each('changes'),
  };
}
