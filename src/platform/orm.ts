import type { EntityClass } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { migrations } from '../../migrations/all.js';
import { boundedBy } from './pool.js';

/** Tables that have no entity: Agenda's own, and those that nobody reads but SQL. */
const SKIPPED_TABLES = ['agenda_jobs', 'agenda_logs', 'pace', 'erasure_key', 'erased_phone'];

/** What connects an ORM to one database. */
export interface OrmOptions {
  databaseUrl: string;
  /** Connections at the most. */
  poolSize?: number;
  entities: EntityClass[];
  /** As of `createPool`; left out: a statement may take any time. */
  statementTimeoutMs?: number;
  /** Told of the pool of its connections. */
  onPool?: (pool: pg.Pool) => void;
}

/** Opens the ORM; the caller closes it. Every timestamp is a `timestamptz`, every id a string. */
export async function createOrm(options: OrmOptions): Promise<MikroORM> {
  const onPoolCreated = (pool: pg.Pool) => {
    takeBackTheLost(pool);
    options.onPool?.(pool);
  };
  return await MikroORM.init({
    clientUrl: options.databaseUrl,
    entities: options.entities,
    pool: { min: 0, max: options.poolSize ?? 10 },
    driverOptions: { onPoolCreated, ...boundedBy(options.statementTimeoutMs) },
    extensions: [Migrator],
    forceUtcTimezone: true,
    discovery: { warnWhenNoEntities: false },
    migrations: {
      path: 'migrations',
      pathTs: 'migrations',
      migrationsList: migrations,
      snapshot: false,
      // Each in a transaction of its own, but for those that say that they must not be in one.
      allOrNothing: false,
      silent: true,
      emit: 'ts',
    },
    // Functions and sequences live in the migrations alone.
    schemaGenerator: { ignoreRoutines: true, skipTables: SKIPPED_TABLES },
  });
}

/**
 * A connection that dies while somebody has it is given back at once. kysely 0.29 forgets it when the rollback or the begin
 * on it fails: ten such transactions, and nobody would ever get a connection again.
 */
function takeBackTheLost(pool: pg.Pool): void {
  const out = new Set<pg.PoolClient>();
  pool.on('acquire', (client) => out.add(client));
  pool.on('release', (_error, client) => out.delete(client));
  pool.on('connect', (client) =>
    client.once('end', () => {
      if (!out.has(client)) return;
      client.release(true);
      // Whoever had it may still remember.
      client.release = () => {};
    }),
  );
}
