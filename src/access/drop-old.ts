import type pg from 'pg';
import { dropRows } from '../platform/drop-rows.js';

/**
 * Drops rows of the audit log, the oldest first.
 *
 * @param days how long a row is kept
 * @returns how many
 */
export async function dropOldAudit(pool: pg.Pool, days: number): Promise<number> {
  // Not clock_timestamp(), for which the index on `at` is no use: there may be millions of rows, and none to drop.
  return await dropRows(pool, 'audit_event', `at < statement_timestamp() - $1 * interval '1 day' order by at`, [days]);
}

/** Drops sessions and links that are over. @returns how many */
export async function dropOldSessions(pool: pg.Pool): Promise<number> {
  return await dropRows(pool, 'session', 'expires_at < clock_timestamp()');
}
