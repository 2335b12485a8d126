import pg from 'pg';

/** A server that is there has cancelled a statement by then, ms after its time-out. */
const GIVE_UP_MS = 5_000;

/** What a pool for hand-written SQL needs to know. */
export interface PoolOptions {
  databaseUrl: string;
  /** Connections at the most. */
  max: number;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Told of connections that the server dropped; the pool replaces them by itself. */
  onError: (error: Error) => void;
  /**
   * A statement that takes longer is cancelled by the server, and given up here a little later in case nobody is there to
   * cancel it, ms; left out: it may take any time.
   */
  statementTimeoutMs?: number;
}

/** What pg is told so that a statement takes no longer than that; undefined: nothing. */
export function boundedBy(statementTimeoutMs: number | undefined): pg.PoolConfig {
  if (statementTimeoutMs === undefined) return {};
  return { statement_timeout: statementTimeoutMs, query_timeout: statementTimeoutMs + GIVE_UP_MS };
}

/**
 * A pool for hand-written SQL. Plans are kept plain: JIT and parallel workers cost more than they give on statements
 * that touch a few thousand rows, and a claim that starts a parallel walk over all clients once took minutes. Prepared
 * statements get their generic plan at once: the planner's first five tries at recording a batch read all messages, 90 ms
 * each instead of 16, on every connection anew.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: options.max,
    application_name: `heliograph ${options.name}`,
    ...boundedBy(options.statementTimeoutMs),
    keepAlive: true,
    options: '-c jit=off -c max_parallel_workers_per_gather=0 -c plan_cache_mode=force_generic_plan -c timezone=UTC',
    connectionTimeoutMillis: 10_000,
  });
  // pg hands errors of idle connections to the pool and those of busy ones to the client; without a listener either
  // ends the process.
  pool.on('error', options.onError);
  pool.on('connect', (client) => client.on('error', options.onError));
  return pool;
}
