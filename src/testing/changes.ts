import type pg from 'pg';
import { CHANGE_CHANNEL } from '../live/change-bell.js';

/** One version as the writers make it: counts, version and change row in one transaction. */
export interface Change {
  messageIds: string[];
  statuses: string[];
}

/** Makes a mailing look launched, with so many open messages in its counts. */
export async function pretendLaunched(pool: pg.Pool, mailingId: string, open: number): Promise<void> {
  await pool.query(
    `update mailing set status = 'RUNNING', launched_at = clock_timestamp(), launch_completed_at = clock_timestamp(),
       total = $2, open = $2 where id = $1`,
    [mailingId, open],
  );
}

/** Writes the next version; gives it. No NOTIFY is sent. */
export async function writeChange(pool: pg.Pool, mailingId: string, { messageIds, statuses }: Change): Promise<number> {
  const sent = statuses.filter((status) => status === 'SENT').length;
  const { rows } = await pool.query<{ version: string }>(
    `with moved as (
       update mailing set version = version + 1, sent = sent + $2, open = open - $2 where id = $1 returning version
     ), change as (
       insert into mailing_change (mailing_id, version, finished, message_ids, statuses) select $1, version, $2, $3, $4 from moved
     ) select version from moved`,
    [mailingId, sent, messageIds, statuses],
  );
  return Number(rows[0]?.version);
}

/** Tells servers that a mailing has a new version. */
export async function ringChange(pool: pg.Pool, mailingId: string, version: number): Promise<void> {
  await pool.query('select pg_notify($1, $2)', [CHANGE_CHANNEL, `${mailingId}:${version}`]);
}

/** Messages `first`…`first + count - 1`, all with one status. */
export function changeOf(first: number, count: number, status = 'SENT'): Change {
  return {
    messageIds: Array.from({ length: count }, (_, n) => String(first + n)),
    statuses: Array.from({ length: count }, () => status),
  };
}
