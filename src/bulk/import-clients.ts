import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { By } from '../access/actor.js';
import { AppError } from '../errors.js';
import { TimeZones } from '../graphql/time-zones.js';
import { type ClientJob, ClientJobStatus } from './client-job.js';
import { cancelJob, findJob, isUnderWay } from './client-jobs.js';
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
  /** As it ended. */
  job: ClientJob;
}

/** How somebody goes along with an import. */
export interface ImportWatch {
  /** Whose import it is; left out: `import`. */
  by?: By;
  /** Told after each batch. */
  onBatch?(job: ClientJob): void;
  /** Ends it after the batch under way: what is done stays done. */
  stop?: AbortSignal;
}

/**
 * Imports a file at once and waits for it: for the examples, and for scripts. Over the API a worker does it.
 *
 * @param given options as the API takes them
 * @throws AppError BAD_USER_INPUT when the file as a whole makes no sense, CONFLICT when it was cancelled or could not go on; what pg
 *   and the source throw
 */
export async function importClients(
  pool: pg.Pool,
  source: AsyncIterable<Buffer>,
  given: object = {},
  { by = { name: 'import' }, onBatch, stop }: ImportWatch = {},
): Promise<ImportResult> {
  const zones = await new TimeZones(pool).load();
  const jobId = await stageImport(pool, source, parseImportOptions(given, zones), zones, by);
  let job = await findJob(pool, jobId);
  while (isUnderWay(job)) {
    onBatch?.(job);
    if (stop?.aborted) await cancelJob({ pool, bell: { ring() {} } }, jobId);
    // A worker may have found it first.
    else if ((await runBatch(pool, jobId, 'import')) === null) await sleep(LOOK_AGAIN_MS);
    job = await findJob(pool, jobId);
  }
  onBatch?.(job);
  const { status, reason, total, failed } = job;
  if (status !== ClientJobStatus.COMPLETED) {
    throw new AppError('CONFLICT', `The import is ${status}. ${reason ?? 'What was done stays done.'}`);
  }
  return { imported: (total ?? 0) - failed, failed, jobId, job };
}
