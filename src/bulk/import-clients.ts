import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { TimeZones } from '../graphql/time-zones.js';
import { ClientJobStatus } from './client-job.js';
import { findJob, isUnderWay } from './client-jobs.js';
import { parseImportOptions } from './import-options.js';
import { runBatch } from './run-batch.js';
import { stageImport } from './stage-import.js';

/** While somebody else does it, ms. */
const LOOK_AGAIN_MS = 50;

/** What an import came to. */
export interface ImportResult {
  /** Lines whose clients are there now, with what the file says of them. */
  imported: number;
  /** Lines that were left out. */
  failed: number;
  jobId: string;
}

/**
 * Imports a file at once and waits for it: for the examples, and for scripts. Over the API a worker does it.
 *
 * @param given options as the API takes them
 * @throws AppError BAD_USER_INPUT when the file as a whole makes no sense; what pg and the source throw
 */
export async function importClients(pool: pg.Pool, source: Readable, given: object = {}): Promise<ImportResult> {
  const zones = await new TimeZones(pool).load();
  const jobId = await stageImport(pool, source, parseImportOptions(given, zones), zones, { name: 'import' });
  let job = await findJob(pool, jobId);
  while (isUnderWay(job)) {
    // A worker may have found it first.
    if ((await runBatch(pool, jobId, 'import')) === null) await sleep(LOOK_AGAIN_MS);
    job = await findJob(pool, jobId);
  }
  if (job.status !== ClientJobStatus.COMPLETED) throw new Error(`The import was ${job.status}.`);
  const { total, failed } = job;
  return { imported: (total ?? 0) - failed, failed, jobId };
}
