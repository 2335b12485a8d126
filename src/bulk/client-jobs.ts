import type pg from 'pg';
import { AppError } from '../errors.js';
import type { Keyset } from '../graphql/connection.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import type { ChangeBell } from '../live/change-bell.js';
import { dropRows } from '../platform/drop-rows.js';
import { ClientJob, ClientJobStatus } from './client-job.js';
import type { LineProblem } from './client-job-row.js';

/** Jobs that are over are kept so long, with the lines they rejected: those hold personal data. */
const KEPT = '30 days';

/** As the class has them. */
const FIELDS = `id, kind, status, dry_run as "dryRun", params, total, done, created, opted_out as "optedOut", updated, unchanged, duplicates, failed,
  cursor, version, lease_owner as "leaseOwner", lease_until as "leaseUntil", reason, created_by as "createdBy",
  created_at as "createdAt", started_at as "startedAt", finished_at as "finishedAt"`;

/** The channel name by which a job's changes are told: no mailing has such an id. */
export function bellOf(jobId: string): string {
  return `job-${jobId}`;
}

/** Waits for a worker, or has one. */
export function isUnderWay({ status }: Pick<ClientJob, 'status'>): boolean {
  return status === ClientJobStatus.QUEUED || status === ClientJobStatus.RUNNING;
}

/** @throws AppError NOT_FOUND */
export async function findJob(pool: pg.Pool, givenId: string, field = 'id'): Promise<ClientJob> {
  const id = parseId(givenId, 'job', field);
  const { rows } = await pool.query<ClientJob>({
    name: 'find-client-job',
    text: `select ${FIELDS} from client_job where id = $1`,
    values: [id],
  });
  if (!rows[0]) throw notFound('job', field);
  return Object.assign(new ClientJob(), rows[0]);
}

/** A page of jobs, newest first: up to `first + 1`. */
export async function listJobs(pool: pg.Pool, { first, after }: Keyset): Promise<ClientJob[]> {
  const { rows } = await pool.query<ClientJob>(
    `select ${FIELDS} from client_job where $1::bigint is null or id < $1 order by id desc limit $2`,
    [after?.[0] ?? null, first + 1],
  );
  return rows.map((row) => Object.assign(new ClientJob(), row));
}

export async function countJobs(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from client_job');
  return rows[0]!.count;
}

interface CancelParts {
  pool: pg.Pool;
  bell: Pick<ChangeBell, 'ring'>;
}

/**
 * Stops a job, and tells who watches it: at most the batch under way is still done.
 *
 * @throws AppError NOT_FOUND; CONFLICT when it is over already
 */
export async function cancelJob({ pool, bell }: CancelParts, givenId: string): Promise<ClientJob> {
  const id = parseId(givenId, 'job');
  const { rowCount } = await pool.query(
    `update client_job set status = 'CANCELLED', finished_at = clock_timestamp(), lease_until = null, version = version + 1
     where id = $1 and status in ('QUEUED', 'RUNNING')`,
    [id],
  );
  const job = await findJob(pool, id);
  if (rowCount === 0 && job.status !== 'CANCELLED') {
    throw new AppError('CONFLICT', `The job is ${job.status} already.`, 'id');
  }
  bell.ring(bellOf(id), job.version);
  return job;
}

/** A line that was left out. */
export interface RejectedLine {
  line: number;
  cells: string[];
  problems: LineProblem[];
}

/** The first lines of jobs' files that were left out, for each job in their order. */
export async function rejectedLines(
  pool: pg.Pool,
  jobIds: readonly string[],
  first: number,
): Promise<RejectedLine[][]> {
  const { rows } = await pool.query<RejectedLine & { n: number }>(
    `select n::int, r.* from unnest($1::bigint[]) with ordinality j (id, n) cross join lateral (
       select line, cells, problems from client_job_row where job_id = j.id and problems is not null order by line limit $2
     ) r order by n, line`,
    [jobIds, first],
  );
  return jobIds.map((_, at) => rows.filter(({ n }) => n === at + 1));
}

/** All of them, in the order of the file; $1 is the job. */
export const REJECTED = `
  select line, cells, problems from client_job_row where job_id = $1 and problems is not null order by line`;

/** Jobs that wait for somebody: new ones, and those whose worker is gone. */
export async function findDueJobs(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'find-due-client-jobs',
    text: `select id from client_job
           where status in ('QUEUED', 'RUNNING') and (lease_until is null or lease_until <= clock_timestamp())`,
  });
  return rows.map(({ id }) => id);
}

/** Drops what nobody needs: lines that a job that is over did not get to, and jobs that have long been over. */
export async function dropOldJobs(pool: pg.Pool): Promise<void> {
  const over = `select id from client_job where status not in ('QUEUED', 'RUNNING')`;
  await dropRows(pool, 'client_job_row', `problems is null and job_id = any (array(${over}))`);
  const old = `${over} and finished_at < clock_timestamp() - interval '${KEPT}'`;
  await dropRows(pool, 'client_job_row', `job_id = any (array(${old}))`);
  await pool.query(`delete from client_job where id = any (array(${old}))`);
}
