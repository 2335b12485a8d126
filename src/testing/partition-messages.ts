import type pg from 'pg';

/** What grows with messages, and names its mailing first in its key. */
const TABLES = ['message', 'message_attempt', 'mailing_change'];

/**
 * Puts tables in the place of those of messages that are parted by mailing, as docs/scale.md says: the same columns, keys, checks and indexes.
 * For a database without messages.
 *
 * @param parts tables that each is parted into
 */
export async function partitionMessages(pool: pg.Pool, parts: number): Promise<void> {
  const settings = `fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05`;
  for (const table of TABLES) {
    await pool.query(`alter table ${table} rename to ${table}_whole`);
    await pool.query(`create table ${table} (like ${table}_whole including all) partition by hash (mailing_id)`);
    for (let part = 0; part < parts; part += 1) {
      await pool.query(
        `create table ${table}_${part} partition of ${table} for values with (modulus ${parts}, remainder ${part}) with (${settings})`,
      );
    }
    await pool.query(`drop table ${table}_whole`);
  }
  await pool.query(`alter table message add foreign key (client_id) references client (id)`);
}
