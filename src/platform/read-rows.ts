import type pg from 'pg';

/** Rows that are in memory at once. */
const ROWS = 500;
/** Rows that are not read on for so long are given up, s: the snapshot they are of keeps old ones from being swept away. */
const READ_WITHIN = 600;
/** How soon the server sees that nobody waits for its answer any more, s. */
const CHECK_EVERY = 1;

/**
 * Reads as many rows as there are, a few at a time, all as they were at one moment (PostgreSQL manual, DECLARE). Whoever reads
 * slowly holds a connection: take a pool that nobody else needs.
 *
 * @param signal ends the query at once, wherever it is
 * @throws what pg throws
 */
export async function* readRows<T extends pg.QueryResultRow>(
  pool: pg.Pool,
  query: { text: string; values: unknown[] },
  signal: AbortSignal,
): AsyncGenerator<T[], void, void> {
  const client = await pool.connect();
  let isOut = true;
  const release = (destroy: boolean) => {
    if (isOut) client.release(destroy);
    isOut = false;
  };
  // A connection that is cut in the middle of a statement ends it.
  const leave = () => release(true);
  signal.addEventListener('abort', leave, { once: true });
  let isWhole = false;
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`set local client_connection_check_interval = '${CHECK_EVERY}s'`);
    await client.query(`set local idle_in_transaction_session_timeout = '${READ_WITHIN}s'`);
    await client.query(`declare found no scroll cursor for ${query.text}`, query.values);
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const { rows } = await client.query<T>(`fetch ${ROWS} from found`);
      if (rows.length > 0) yield rows;
      hasMore = rows.length === ROWS;
    }
    // Where it was aborted before there was a connection, that one is in the middle of this: nobody may have it next.
    if (signal.aborted) return;
    await client.query('commit');
    isWhole = true;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', leave);
    release(!isWhole);
  }
}
