import { PostgresJobRepository } from '@agendajs/postgres-backend';
import type pg from 'pg';
import type { JobData, JobName, StoredJob, When } from './scheduler-jobs.js';
import { type JobStore, type Look, ownerOf, type RunEnd } from './scheduler-store.js';

const BOOK = `
  INSERT INTO agenda_jobs AS job (name, data, next_run_at, repeat_interval)
  VALUES ($1, $2, coalesce($3::timestamptz, now() + $4::float8 * interval '1 millisecond'), $5)
  ON CONFLICT (name, (data->>'key')) WHERE data ? 'key' DO UPDATE
    SET next_run_at = least(job.next_run_at, excluded.next_run_at),
        repeat_interval = coalesce(excluded.repeat_interval, job.repeat_interval)
    WHERE job.next_run_at IS NULL OR excluded.next_run_at < job.next_run_at
       OR excluded.repeat_interval IS DISTINCT FROM coalesce(job.repeat_interval, excluded.repeat_interval)
  RETURNING locked_at IS NULL AS free`;

/** An expired lock goes first: where work never ends, a dead worker's job would else wait for ever. */
const LOOK = `
  WITH due AS (
    SELECT id FROM agenda_jobs
    WHERE name = $1 AND disabled = false
      AND (locked_at IS NULL AND next_run_at <= now() OR locked_at <= now() - $3::float8 * interval '1 millisecond')
    ORDER BY locked_at, next_run_at LIMIT 1 FOR UPDATE SKIP LOCKED
  ), locked AS (
    UPDATE agenda_jobs SET locked_at = now(), last_run_at = now(), next_run_at = NULL, last_modified_by = $2
    FROM due WHERE agenda_jobs.id = due.id RETURNING agenda_jobs.id, agenda_jobs.data
  )
  SELECT locked.id, locked.data, CASE WHEN locked.id IS NULL THEN (
      SELECT ceil(extract(epoch FROM min(next_run_at) - now()) * 1000)::int FROM agenda_jobs
      WHERE name = $1 AND disabled = false AND locked_at IS NULL
        AND next_run_at <= now() + $4::float8 * interval '1 millisecond'
    ) END AS next_in_ms
  FROM (VALUES (1)) AS always LEFT JOIN locked ON true`;

/** The first of each name by an index: EXISTS was planned as a walk over all jobs, 6 ms of 9,000 instead of one. */
const GLANCE = `
  SELECT name FROM unnest($1::text[], $2::float8[]) AS asked(name, lock_ms)
  WHERE (
    SELECT min(next_run_at) FROM agenda_jobs AS job
    WHERE job.name = asked.name AND job.disabled = false AND job.locked_at IS NULL
  ) <= now() + $3::float8 * interval '1 millisecond' OR (
    SELECT min(locked_at) FROM agenda_jobs AS job
    WHERE job.name = asked.name AND job.disabled = false AND job.locked_at IS NOT NULL
  ) <= now() - asked.lock_ms * interval '1 millisecond'`;

const TOUCH = 'UPDATE agenda_jobs SET locked_at = now() WHERE id = $1 AND last_modified_by = $2';

const REMOVE = `
  DELETE FROM agenda_jobs
  WHERE id = $1 AND last_modified_by = $2 AND next_run_at IS NULL AND repeat_interval IS NULL`;

const UNLOCK = `
  UPDATE agenda_jobs
  SET locked_at = NULL, last_modified_by = NULL, last_finished_at = now(), fail_reason = $4,
      failed_at = CASE WHEN $4::text IS NULL THEN failed_at ELSE now() END,
      fail_count = CASE WHEN $4::text IS NULL THEN 0 ELSE coalesce(fail_count, 0) + 1 END,
      next_run_at = least(next_run_at, coalesce($3::timestamptz, now() + $5::float8 * interval '1 millisecond'),
                          last_run_at + repeat_interval::float8 * interval '1 millisecond')
  WHERE id = $1 AND last_modified_by = $2 RETURNING next_run_at <= clock_timestamp() AS due`;

const RELEASE = `
  UPDATE agenda_jobs SET locked_at = NULL, last_modified_by = NULL, next_run_at = least(next_run_at, now())
  WHERE id = $1 AND last_modified_by = $2`;

const LIST = `
  SELECT name, coalesce(data->>'key', '') AS key, locked_at IS NOT NULL AS running, last_modified_by AS "lockedBy",
    locked_at AS "lockedAt", next_run_at AS "nextRunAt", last_run_at AS "lastRunAt", repeat_interval::int AS "everyMs",
    coalesce(fail_count, 0) AS "failCount", CASE WHEN fail_reason IS NOT NULL THEN failed_at END AS "failedAt",
    fail_reason AS "failReason", count(*) OVER ()::int AS total
  FROM agenda_jobs ORDER BY locked_at IS NULL, fail_reason IS NULL, next_run_at NULLS LAST, name, id LIMIT $1`;

/** Jobs in the table `agenda_jobs` of our own migrations; `last_modified_by` holds the token of the lock. */
export class PostgresJobStore implements JobStore {
  readonly repository: PostgresJobRepository;
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    this.repository = new PostgresJobRepository({ pool, ensureSchema: false });
  }

  async connect(): Promise<void> {
    await this.ping();
  }

  /** Asks the table, not the server alone: without it no job is ever found. */
  async ping(): Promise<void> {
    await this.#pool.query({ name: 'ping-jobs', text: 'SELECT 1 FROM agenda_jobs LIMIT 1' });
  }

  async book(name: JobName, data: JobData, when: When, everyMs: number | null): Promise<boolean> {
    const { rows } = await this.#pool.query<{ free: boolean }>({
      name: 'book-job',
      text: BOOK,
      values: [name, data, ...dateOrMs(when), everyMs],
    });
    return rows[0]?.free ?? false;
  }

  async look(name: JobName, token: string, lockMs: number, horizonMs: number): Promise<Look> {
    const { rows } = await this.#pool.query<{ id: string | null; data: JobData; next_in_ms: number | null }>({
      name: 'look-for-job',
      text: LOOK,
      values: [name, token, lockMs, horizonMs],
    });
    const { id, data, next_in_ms: nextInMs } = rows[0]!;
    return id === null ? { nextInMs } : { job: { id, data } };
  }

  async glance(asked: readonly { name: JobName; lockMs: number }[], horizonMs: number): Promise<ReadonlySet<string>> {
    const { rows } = await this.#pool.query<{ name: string }>({
      name: 'glance-at-jobs',
      text: GLANCE,
      values: [asked.map(({ name }) => name), asked.map(({ lockMs }) => lockMs), horizonMs],
    });
    return new Set(rows.map(({ name }) => name));
  }

  async touch(id: string, token: string): Promise<boolean> {
    return (await this.#pool.query(TOUCH, [id, token])).rowCount === 1;
  }

  async finish(id: string, token: string, end: RunEnd): Promise<'done' | 'due' | 'lost'> {
    if (!end.again && end.failure === null) {
      const removed = await this.#pool.query({ name: 'remove-job', text: REMOVE, values: [id, token] });
      if (removed.rowCount === 1) return 'done';
    }
    const [at, inMs] = dateOrMs(end.again);
    const { rows } = await this.#pool.query<{ due: boolean | null }>({
      name: 'unlock-job',
      text: UNLOCK,
      values: [id, token, at, end.failure, inMs],
    });
    if (!rows[0]) return 'lost';
    return rows[0].due ? 'due' : 'done';
  }

  async release(id: string, token: string): Promise<void> {
    await this.#pool.query(RELEASE, [id, token]);
  }

  async list(first: number): Promise<{ jobs: StoredJob[]; total: number }> {
    const { rows } = await this.#pool.query<StoredJob & { total: number }>(LIST, [first]);
    const jobs = rows.map(({ total: _, ...job }) => ({ ...job, lockedBy: job.running ? ownerOf(job.lockedBy) : null }));
    return { jobs, total: rows[0]?.total ?? 0 };
  }

  /** Nothing to do: the pool is its owner's. */
  async close(): Promise<void> {}
}

/** Two parameters, of which one is null. */
function dateOrMs(when: When | null): [Date | null, number | null] {
  return when === null || when instanceof Date ? [when, null] : [null, when.inMs];
}
