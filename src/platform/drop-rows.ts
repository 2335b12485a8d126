import type pg from 'pg';

/** Rows dropped at once: a statement of some 50 ms. */
const DROP_BATCH = 5_000;

/**
 * Drops the rows of a table that a condition is true of, however many, a batch at a time: no lock is held for long.
 *
 * @param which what follows `where`, in SQL; may end with an order
 * @returns how many
 * @throws what pg throws; what is dropped by then stays so
 */
export async function dropRows(
  pool: pg.Pool,
  table: string,
  which: string,
  values: readonly unknown[] = [],
): Promise<number> {
  const text = `delete from ${table} where ctid = any (array(select ctid from ${table} where ${which} limit ${DROP_BATCH}))`;
  for (let dropped = 0; ; ) {
    const { rowCount } = await pool.query(text, [...values]);
    dropped += rowCount ?? 0;
    if ((rowCount ?? 0) < DROP_BATCH) return dropped;
  }
}
