import type pg from 'pg';

/** Rows dropped at once: a statement of some 50 ms. */
const DROP_BATCH = 5_000;

/**
 * Drops rows of the audit log, the oldest first.
 *
 * @param days how long a row is kept
 * @returns how many
 */
export async function dropOldAudit(pool: pg.Pool, days: number): Promise<number> {
  // Not clock_timestamp(), for which the index on `at` is no use: there may be millions of rows, and none to drop.
  return await dropBatches(pool, 'audit_event', `at < statement_timestamp() - $1 * interval '1 day' order by at`, [
    days,
  ]);
}

/** Drops sessions and links that are over. @returns how many */
export async function dropOldSessions(pool: pg.Pool): Promise<number> {
  return await dropBatches(pool, 'session', 'expires_at < clock_timestamp()', []);
}

async function dropBatches(pool: pg.Pool, table: string, which: string, values: unknown[]): Promise<number> {
  const sql = `delete from ${table} where ctid = any (array(select ctid from ${table} where ${which} limit ${DROP_BATCH}))`;
  for (let dropped = 0; ; ) {
    const { rowCount } = await pool.query(sql, values);
    dropped += rowCount ?? 0;
    if ((rowCount ?? 0) < DROP_BATCH) return dropped;
  }
}
