import type pg from 'pg';
import { carryOptOuts, countOptOuts } from '../client/opt-outs.js';
import { isDatabaseAway } from '../platform/database-away.js';
import { inTransaction } from '../platform/transaction.js';
import { BULK_BATCH, type BulkChange, bulkStatement, countStatement, passOverStatement } from './bulk-change.js';
import { ClientJobKind } from './client-job.js';
import { IMPORT, IMPORT_BATCH, PASS_OVER } from './import-batch.js';

/** How long nobody else takes up the job of a process that has fallen silent, s. A batch takes well under one. */
const LEASE = 10;
/** By how much less a batch takes after one that came to nothing, and more after so many that went well, the last … */
const STEP = 8;
/** … in less than so many ms. */
const GROW_WITHIN = 1_000;
/** Batches in a row that come to nothing, until it is no use: with a time limit of 60 s, twenty minutes. */
const MOST_SETBACKS = 20;
const NO_PROGRESS =
  'It did not get on: its last tries were too much for the database, or met others who changed the same clients.';

/** What a batch came to. */
export interface Batch {
  /** Of the job, which grew. */
  version: string;
  isOver: boolean;
  /** Why it came to nothing; the next one takes less. */
  setback?: unknown;
}

interface Lease {
  kind: ClientJobKind;
  cursor: string;
  params: unknown;
  total: number | null;
  batch_size: number | null;
  setbacks: number;
}

/** What a batch of an import made, or would make. */
interface Made {
  phones: string[];
  dryRun: boolean;
  by: string;
}

/** Not when somebody else has it, is at it just now, or it is over; $1 is the job, $2 who asks. */
const FREE = `
  id = (
    select id from client_job where id = $1 and status in ('QUEUED', 'RUNNING')
      and (lease_until is null or lease_until <= clock_timestamp() or lease_owner = $2)
    for no key update skip locked)`;

/** Takes the job, or goes on holding it. */
const TAKE = `
  update client_job set lease_owner = $2, lease_until = clock_timestamp() + interval '${LEASE} s', status = 'RUNNING',
    started_at = coalesce(started_at, clock_timestamp())
  where ${FREE} returning kind, cursor, params, total, batch_size, setbacks`;

/**
 * Does the next batch of a job: lease, work, counts and cursor are one transaction. A batch that takes the database too long, or
 * meets others on the same clients, is tried again with an eighth of it, and grows again later; a single one that can't be done
 * is left out, and counted as failed.
 *
 * @param owner this process among all others
 * @returns null: the job is over, or somebody else's
 * @throws what pg throws; nothing is half done then
 */
export async function runBatch(pool: pg.Pool, jobId: string, owner: string): Promise<Batch | null> {
  let taken: Lease | undefined;
  try {
    const outcome = await inTransaction(pool, async (client) => {
      // A process that stands still in the middle must not hold the row for good.
      await client.query(`set local idle_in_transaction_session_timeout = '${LEASE}s'`);
      taken = (await client.query<Lease>(TAKE, [jobId, owner])).rows[0];
      return taken ? await doBatch(client, jobId, taken) : 'not-ours';
    });
    if (outcome === 'not-ours') return null;
    if (outcome !== null) return outcome;
  } catch (error) {
    if (taken === undefined || !(isTooMuch(error) || isCollision(error))) throw error;
    return await setBack(pool, jobId, owner, taken, error);
  }
  return await setBack(pool, jobId, owner, taken!, new Error('others changed the same clients'));
}

/** @returns null: somebody changed one of these clients at the same time */
async function doBatch(client: pg.PoolClient, jobId: string, lease: Lease): Promise<Batch | null> {
  const { kind, cursor, params, total, setbacks } = lease;
  if (kind === ClientJobKind.IMPORT && total === null) return await giveFileUp(client, jobId);
  const place = { jobId, cursor, size: sizeOf(lease) };
  const begun = performance.now();
  if (kind !== ClientJobKind.IMPORT && total === null && cursor === '0' && setbacks === 0) {
    await client.query(countStatement(jobId, params as BulkChange));
  }
  const { rows } = await client.query<{ version: string; status: string; whole: boolean } & Partial<Made>>(
    kind === ClientJobKind.IMPORT
      ? { text: IMPORT, values: [jobId, cursor, place.size] }
      : bulkStatement(place, kind, params as BulkChange),
  );
  const { version, status, whole, phones, dryRun, by } = rows[0]!;
  if (whole && phones?.length) await findOptOuts(client, jobId, { phones, dryRun: dryRun!, by: by! });
  if (lease.batch_size !== null) {
    const well = Math.min(setbacks, 0) - 1;
    // By then it is behind what was too much.
    const grows = well <= -STEP && performance.now() - begun < GROW_WITHIN;
    const size = grows ? place.size * STEP : place.size;
    const values = [jobId, grows ? 0 : well, size < fullSizeOf(kind) ? size : null];
    await client.query('update client_job set setbacks = $2, batch_size = $3 where id = $1', values);
  }
  return whole ? { version, isOver: status === 'COMPLETED' } : null;
}

/** A statement of its own, so that it sees also what others did while the clients were made. */
async function findOptOuts(client: pg.PoolClient, jobId: string, { phones, dryRun, by }: Made): Promise<void> {
  const n = await (dryRun ? countOptOuts(client, phones) : carryOptOuts(client, phones, { name: by }));
  if (n > 0) await client.query('update client_job set opted_out = opted_out + $2 where id = $1', [jobId, n]);
}

/** Whoever took the file in is gone, and nobody has the rest of it. */
async function giveFileUp(client: pg.PoolClient, jobId: string): Promise<Batch> {
  const { rows } = await client.query<{ version: string }>(
    `update client_job set status = 'FAILED', reason = 'The server stopped before the file was whole: send it again.',
       finished_at = clock_timestamp(), version = version + 1 where id = $1 returning version`,
    [jobId],
  );
  return { version: rows[0]!.version, isOver: true };
}

/** Below zero they count batches that went well. */
const NEXT = 'greatest(setbacks, 0) + 1';

/** Ends in FAILED what does not get on. */
const SET_BACK = `
  update client_job set lease_owner = $2, lease_until = clock_timestamp() + interval '${LEASE} s', setbacks = ${NEXT}, batch_size = $3,
    started_at = coalesce(started_at, clock_timestamp()), version = version + 1,
    status = case when ${NEXT} < ${MOST_SETBACKS} then 'RUNNING' else 'FAILED' end,
    finished_at = case when ${NEXT} >= ${MOST_SETBACKS} then clock_timestamp() end,
    reason = case when ${NEXT} >= ${MOST_SETBACKS} then '${NO_PROGRESS}' end
  where ${FREE} and cursor = $4 returning version, status = 'FAILED' as "isOver"`;

async function setBack(
  pool: pg.Pool,
  jobId: string,
  owner: string,
  lease: Lease,
  setback: unknown,
): Promise<Batch | null> {
  const { kind, cursor, params } = lease;
  const size = sizeOf(lease);
  const smaller = Math.max(1, Math.floor(size / STEP));
  const { rows } = await pool.query<Batch>(SET_BACK, [jobId, owner, smaller, cursor]);
  const batch = rows[0];
  if (batch === undefined) return null;
  if (size === 1 && isTooMuch(setback) && !batch.isOver) {
    await pool.query(
      kind === ClientJobKind.IMPORT
        ? { text: PASS_OVER, values: [jobId, cursor] }
        : passOverStatement({ jobId, cursor, size }, params as BulkChange),
    );
  }
  return { ...batch, setback };
}

function fullSizeOf(kind: ClientJobKind): number {
  return kind === ClientJobKind.IMPORT ? IMPORT_BATCH : BULK_BATCH;
}

function sizeOf({ kind, batch_size }: Lease): number {
  return batch_size ?? fullSizeOf(kind);
}

const codeOf = (error: unknown) => String(error instanceof Error && (error as NodeJS.ErrnoException).code);

/** The server cancelled a statement that took or waited too long (57014), or will not have what it writes (classes 22, 23, 54). */
const isTooMuch = (error: unknown) => /^(57014|22|23|54)/.test(codeOf(error));

/** Two waited for each other (SQLSTATE class 40). */
const isCollision = (error: unknown) => codeOf(error).startsWith('40');

/** Lets others take a job up at once: this process is stopping. */
export async function leaveJob(pool: pg.Pool, jobId: string, owner: string): Promise<void> {
  await pool.query(`update client_job set lease_until = null where id = $1 and lease_owner = $2`, [jobId, owner]);
}

/** What went wrong will go again: a database that is away, or two who waited for each other. */
export function isPassing(error: unknown): boolean {
  return isDatabaseAway(error) || isCollision(error);
}

/** Ends a job that can't go on, unless somebody else has taken it up. */
export async function failJob(pool: pg.Pool, jobId: string, owner: string, reason: string): Promise<void> {
  await pool.query(
    `update client_job set status = 'FAILED', reason = $3, finished_at = clock_timestamp(), lease_until = null, version = version + 1
     where ${FREE}`,
    [jobId, owner, reason],
  );
}
