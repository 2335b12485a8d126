import type pg from 'pg';

/** A mailing's row that was written. */
export interface ChangedRow {
  id: string;
  deleted: boolean;
  /** The transaction that wrote it. */
  stamp: string;
}

/** What was written since a cursor. */
export interface Changed {
  /** Everything that a later look may still find was written by this transaction or one after it. */
  cursor: number;
  /** Transactions from this one on have not begun yet. */
  next: number;
  /** The last ones first. */
  rows: ChangedRow[];
  /** Another one whenever one of all these rows was written, also of those that are too many to be given; null: there are none. */
  mark: string | null;
  /** The transaction that last turned the switch of all sending; null: none ever did. */
  switched: string | null;
}

/**
 * The transaction that wrote a row, in full: a row holds its lower 32 bits, and it is not ahead of the next one. Of a row
 * written four billion transactions ago it may be a later one, and then the row is told of once more.
 */
const STAMP = '(t.next - ((t.next - xmin::text::bigint) & 4294967295))';

/**
 * Whatever changes of a mailing, its row is written: by a person, by launch, by each batch of outcomes. So PostgreSQL
 * itself knows what changed since, and no writer has to do a thing for it. Transactions end in another order than they
 * begin in; the oldest one still under way bounds what may yet appear.
 */
const READ = `
  with t as materialized (
    select pg_snapshot_xmin(s)::text::bigint as cursor, pg_snapshot_xmax(s)::text::bigint as next from pg_current_snapshot() s
  ), changed as materialized (
    select id, deleted_at is not null as deleted, ${STAMP} as stamp from t, mailing where ${STAMP} >= $1
  )
  select t.cursor, t.next, (select max(${STAMP}) from sending_stop) as switched,
    (select sum(hashint8extended(id, stamp)) from changed) as mark, m.*
  from t left join lateral (select * from changed order by stamp desc, id limit $2) m on true`;

/** Mailings written since a cursor, at most so many. */
export async function readChanged(pool: pg.Pool, cursor: number, most: number): Promise<Changed> {
  const { rows } = await pool.query<
    ChangedRow & Record<'cursor' | 'next', string> & Pick<Changed, 'switched' | 'mark'>
  >({
    name: 'mailings-changed',
    text: READ,
    values: [cursor, most],
  });
  const [first] = rows;
  if (first === undefined) throw new Error('a select without a condition gave no row');
  return {
    cursor: Number(first.cursor),
    next: Number(first.next),
    switched: first.switched,
    mark: first.mark,
    rows: rows.filter(({ id }) => id !== null),
  };
}

/** Those of the ids that are no mailings, or deleted ones. */
export async function readMissing(pool: pg.Pool, ids: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    'select w.id from unnest($1::bigint[]) w (id) where not exists (select from mailing m where m.id = w.id and m.deleted_at is null)',
    [ids],
  );
  return rows.map(({ id }) => id);
}
