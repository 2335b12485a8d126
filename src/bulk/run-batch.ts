import type pg from 'pg';
import { isDatabaseAway } from '../platform/database-away.js';
import { inTransaction } from '../platform/transaction.js';
import { type BulkChange, type BulkKind, bulkStatement, countStatement } from './bulk-change.js';
import { ClientJobKind } from './client-job.js';
import { IMPORT } from './import-batch.js';

/** How long nobody else takes up the job of a process that has fallen silent, s. A batch takes well under one. */
const LEASE = 10;

/** What a batch came to. */
export interface Batch {
  /** Of the job, which grew. */
  version: string;
  isOver: boolean;
}

interface Lease {
  kind: ClientJobKind;
  cursor: string;
  params: unknown;
  total: number | null;
}

/** Takes the job, or goes on holding it: not when somebody else has it, is at it just now, or it is over. */
const TAKE = `
  update client_job set lease_owner = $2, lease_until = clock_timestamp() + interval '${LEASE} s', status = 'RUNNING',
    started_at = coalesce(started_at, clock_timestamp())
  where id = (
    select id from client_job where id = $1 and status in ('QUEUED', 'RUNNING')
      and (lease_until is null or lease_until <= clock_timestamp() or lease_owner = $2)
    for no key update skip locked)
  returning kind, cursor, params, total`;

/**
 * Does the next batch of a job: lease, work, counts and cursor are one transaction.
 *
 * @param owner this process among all others
 * @returns null: the job is over, or somebody else's
 * @throws what pg throws; nothing is half done then
 */
export async function runBatch(pool: pg.Pool, jobId: string, owner: string): Promise<Batch | null> {
  for (;;) {
    const outcome = await inTransaction(pool, async (client) => {
      // A process that stands still in the middle must not hold the row for good.
      await client.query(`set local idle_in_transaction_session_timeout = '${LEASE}s'`);
      const { rows } = await client.query<Lease>(TAKE, [jobId, owner]);
      return rows[0] ? await doBatch(client, jobId, rows[0]) : 'not-ours';
    });
    if (outcome === 'not-ours') return null;
    if (outcome !== null) return outcome;
  }
}

/** @returns null: somebody changed one of these clients at the same time; do it again */
async function doBatch(client: pg.PoolClient, jobId: string, lease: Lease): Promise<Batch | null> {
  const { rows } = await client.query<{ version: string; status: string; whole: boolean }>(
    lease.kind === ClientJobKind.IMPORT
      ? { text: IMPORT, values: [jobId, lease.cursor] }
      : await nextChange(client, jobId, lease.kind, lease),
  );
  const { version, status, whole } = rows[0]!;
  return whole ? { version, isOver: status === 'COMPLETED' } : null;
}

async function nextChange(client: pg.PoolClient, jobId: string, kind: BulkKind, { params, cursor, total }: Lease) {
  const change = params as BulkChange;
  if (total === null) await client.query(countStatement(jobId, change));
  return bulkStatement(jobId, cursor, kind, change);
}

/** Lets others take a job up at once: this process is stopping. */
export async function leaveJob(pool: pg.Pool, jobId: string, owner: string): Promise<void> {
  await pool.query(`update client_job set lease_until = null where id = $1 and lease_owner = $2`, [jobId, owner]);
}

/** What went wrong will go again: a database that is away, or two who waited for each other (SQLSTATE class 40). */
export function isPassing(error: unknown): boolean {
  return isDatabaseAway(error) || (error instanceof Error && /^40/.test(String((error as NodeJS.ErrnoException).code)));
}

/** Ends a job that can't go on. */
export async function failJob(pool: pg.Pool, jobId: string, reason: string): Promise<void> {
  await pool.query(
    `update client_job set status = 'FAILED', reason = $2, finished_at = clock_timestamp(), lease_until = null, version = version + 1
     where id = $1 and status in ('QUEUED', 'RUNNING')`,
    [jobId, reason],
  );
}
