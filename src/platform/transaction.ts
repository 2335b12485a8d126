import type pg from 'pg';

/**
 * Does work in one transaction; when it gives null, all of it is rolled back.
 *
 * @throws what the work throws, and what pg throws when the database is away
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T | null>,
): Promise<T | null> {
  const client = await pool.connect();
  let done = false;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query(result === null ? 'rollback' : 'commit');
    done = true;
    return result;
  } finally {
    // One that failed is closed, not given back: its transaction may be open still, for whoever comes next.
    client.release(!done);
  }
}
