import type pg from 'pg';
import { inTransaction } from '../platform/transaction.js';

/** A password to be set, and what allows it. */
export interface NewPassword {
  userId: string;
  passwordHash: string;
  /** The hash of the link that is used up by it. */
  link?: string;
  /** The hash of the password that it replaces. */
  previous?: string;
}

/**
 * Sets a user's password and ends every session and link of theirs.
 *
 * @returns false, with nothing done: the user is disabled, the link is used up or over, or the password changed meanwhile
 */
export async function setPassword(
  pool: pg.Pool,
  { userId, passwordHash, link, previous }: NewPassword,
): Promise<boolean> {
  const done = await inTransaction(pool, async (tx) => {
    // The user's row first, as everywhere: two who use one link at once come one after the other.
    const user = await tx.query(
      `update user_account set password_hash = $2
       where id = $1 and disabled_at is null and ($3::text is null or password_hash = $3)`,
      [userId, passwordHash, previous ?? null],
    );
    if (user.rowCount !== 1) return null;
    const used = await tx.query<{ hash: string }>(
      `delete from session where user_id = $1
       returning case when kind = 'PASSWORD' and expires_at > clock_timestamp() then secret_hash end as hash`,
      [userId],
    );
    return link === undefined || used.rows.some(({ hash }) => hash === link) ? true : null;
  });
  return done ?? false;
}
