import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import { tryDatabase } from '../platform/try-database.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { databaseUrlOf, findRunning } from './running-file.js';

/** The database of a data folder, for as long as one command needs it. */
export interface ReachedDatabase {
  /** With its password: never log it. */
  url: string;
  /** Stops what was started for it; leaves alone what ran already. */
  close(): Promise<void>;
}

/**
 * Finds the database that the settings mean: the one of DATABASE_URL; else that of the program that runs on the data
 * folder; else the embedded one, started for the time of the command.
 *
 * @param make whether a database that is not there yet may be made
 * @throws AppError NOT_FOUND when there is none; CONFLICT, UNAVAILABLE when the embedded one can't be started;
 *   UNAVAILABLE when that of DATABASE_URL can't be reached
 */
export async function reachDatabase(config: Config, make: boolean): Promise<ReachedDatabase> {
  if (config.databaseUrl !== null) {
    await tryDatabase(config.databaseUrl);
    return { url: config.databaseUrl, close: async () => {} };
  }
  const running = findRunning(config.dataDir);
  if (running) return { url: databaseUrlOf(running), close: async () => {} };
  const dir = join(config.dataDir, 'postgres');
  if (!make && !existsSync(dir)) {
    throw new AppError('NOT_FOUND', `There is no database in ${config.dataDir} yet: start the program first.`);
  }
  const postgres = await startEmbeddedPostgres({ dir });
  return { url: postgres.url, close: () => postgres.stop() };
}
