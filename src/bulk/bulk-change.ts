import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { z } from 'zod';
import type { Actor, By } from '../access/actor.js';
import { MAX_TAGS, tag } from '../client/client.inputs.js';
import { type ClientFilter, clientsWhere, isEverybody, parseClientFilter } from '../client/client-filter.js';
import { AppError } from '../errors.js';
import { keyedCall } from '../graphql/idempotency-key.js';
import { parseId, parseInput } from '../graphql/parse-input.js';
import type { TimeZoneList, TimeZones } from '../graphql/time-zones.js';
import { numbered } from '../platform/conditions.js';
import { type KeyedCall, makeOnce } from '../platform/idempotency.js';
import { textArray } from '../platform/sql-arrays.js';
import type { Scheduler } from '../scheduler/scheduler.js';
import { type ClientJob, ClientJobKind } from './client-job.js';
import { findJob } from './client-jobs.js';

/** Clients that one batch looks at: a transaction of some 100 ms. */
export const BULK_BATCH = 1_000;
/** Ids that can be named one by one. */
export const MAX_IDS = 10_000;

export type BulkKind = Exclude<ClientJobKind, ClientJobKind.IMPORT>;

/** What a job of these kinds is to do: its `params`. */
export interface BulkChange {
  /** Whoever matches when the job gets to them; null: those of `ids`. */
  filter: ClientFilter | null;
  ids: string[] | null;
  /** For TAG and UNTAG. */
  tags: string[];
}

/** What the callers of all four give. */
export interface BulkInput {
  filter?: unknown;
  ids?: readonly string[] | null | undefined;
  tags?: readonly string[] | null | undefined;
}

/** Tags to be added or taken away. */
export const tagsSchema = z.array(tag).min(1).max(MAX_TAGS);

/**
 * A filter without a condition is refused: it is more often a slip than everybody.
 *
 * @throws AppError BAD_USER_INPUT that names the field; NOT_FOUND on `ids` for what can be no id; FORBIDDEN on a phone in the
 *   filter
 */
export function parseBulkChange(
  kind: BulkKind,
  input: BulkInput,
  zones: TimeZoneList,
  actor: Pick<Actor, 'need'>,
): BulkChange {
  const { filter, ids } = input;
  if ((filter == null) === (ids == null)) {
    throw new AppError('BAD_USER_INPUT', 'Say which clients: either filter or ids.', 'filter');
  }
  const hasTags = kind === ClientJobKind.TAG || kind === ClientJobKind.UNTAG;
  const tags = hasTags ? [...new Set(parseInput(tagsSchema, input.tags, ['tags']))] : [];
  if (ids != null) {
    if (ids.length > MAX_IDS) throw new AppError('BAD_USER_INPUT', `ids must have at most ${MAX_IDS} entries.`, 'ids');
    return { filter: null, ids: [...new Set(ids.map((id) => parseId(id, 'client', 'ids')))], tags };
  }
  const parsed = parseClientFilter(filter, zones, actor);
  if (isEverybody(parsed)) throw new AppError('BAD_USER_INPUT', 'filter must have a condition.', 'filter');
  return { filter: parsed, ids: null, tags };
}

/**
 * Makes the job, or gives the one that the same call made before; whoever calls rings for it.
 *
 * @throws AppError CONFLICT on `idempotencyKey` when the key was used with other input
 */
export async function createBulkJob(
  em: EntityManager,
  kind: BulkKind,
  change: BulkChange,
  by: By,
  once: KeyedCall | null,
): Promise<string> {
  const { id } = await em.transactional((tx) =>
    makeOnce(tx, once, async () => {
      const [row] = await tx.execute<{ id: string }[]>(
        'insert into client_job (kind, params, created_by) values (?, ?::jsonb, ?) returning id',
        [kind, JSON.stringify(change), by.name],
      );
      return row!.id;
    }),
  );
  return id;
}

/** The mutations, by what their jobs do: a key of one is none of another. */
export const BULK_ACTIONS: Readonly<Record<BulkKind, string>> = {
  TAG: 'clientsTag',
  UNTAG: 'clientsUntag',
  OPT_OUT: 'clientsOptOut',
  DELETE: 'clientsDelete',
};

/** What makes a job needs. */
export interface BulkParts {
  pool: pg.Pool;
  timeZones: TimeZones;
  scheduler: Pick<Scheduler, 'ring'>;
}

/**
 * Makes a job of what a caller asked for, and rings for it.
 *
 * @param key made up by the caller: the same with the same input makes nothing new
 * @throws as `parseBulkChange` and `createBulkJob`
 */
export async function startBulkJob(
  { em, pool, timeZones, scheduler }: BulkParts & { em: EntityManager },
  kind: BulkKind,
  input: BulkInput,
  actor: Actor,
  key: string | null | undefined,
): Promise<ClientJob> {
  const change = parseBulkChange(kind, input, await timeZones.load(), actor);
  const job = await findJob(
    pool,
    await createBulkJob(em, kind, change, actor, keyedCall(actor, BULK_ACTIONS[kind], key, input)),
  );
  await scheduler.ring('client.job', { jobId: job.id });
  return job;
}

interface Change {
  /** What is written, on `client c`. */
  set: string;
  /** Of `client c`: there is something to write. */
  differs: string;
  /** There is, but it must not be. */
  isTooMuch?: string;
  /** The `client_event` that goes with it. */
  event?: 'OPTED_OUT' | 'DELETED';
}

/** The same as the changes of a single one (client/clients.ts); $3 are the tags. */
const CHANGES: Readonly<Record<BulkKind, Change>> = {
  TAG: {
    set: 'tags = without_doubles(c.tags || $3::text[])',
    differs: 'not c.tags @> $3::text[]',
    isTooMuch: `cardinality(without_doubles(c.tags || $3::text[])) > ${MAX_TAGS}`,
  },
  UNTAG: {
    set: 'tags = array(select label from unnest(c.tags) with ordinality t (label, at) where label <> all ($3::text[]) order by at)',
    differs: 'c.tags && $3::text[]',
  },
  OPT_OUT: { set: 'opted_out_at = clock_timestamp()', differs: 'c.opted_out_at is null', event: 'OPTED_OUT' },
  DELETE: { set: 'deleted_at = clock_timestamp()', differs: 'c.deleted_at is null', event: 'DELETED' },
};

/** Where a job stands, and how many it takes at once. */
export interface Place {
  jobId: string;
  cursor: string;
  size: number;
}

/** A statement and its values. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** Counts whom a job means, once, when it begins. */
export function countStatement(jobId: string, change: BulkChange): Statement {
  const where = whom(change, 2);
  return {
    text: `update client_job set total = (select count(*) from client c where ${where.sql}) where id = $1`,
    values: [jobId, ...where.values],
  };
}

/**
 * Changes the next clients behind the cursor, in the order of their ids: clients, events, counts and cursor in one
 * statement. Whoever is changed by somebody else meanwhile is waited for, and looked at as he is then.
 */
export function bulkStatement({ jobId, cursor, size }: Place, kind: BulkKind, change: BulkChange): Statement {
  const { set, differs, isTooMuch = 'false', event } = CHANGES[kind];
  const where = whom(change, 4);
  const events = `, events as (
    insert into client_event (client_id, kind, by) select changed.id, '${event}', created_by from changed, client_job j where j.id = $1
  )`;
  const text = `
    with tags as (select $3::text[]), walked as materialized (
      select c.id from client c where c.id > $2 and ${where.sql} order by c.id limit ${size}
    ), reach as materialized (select count(*) as n, max(id) as last from walked
    ), locked as materialized (
      select c.id, ${differs} as differs, ${isTooMuch} as is_too_much from client c
      where c.id = any (array(select id from walked)) and ${where.sql} order by c.id for no key update
    ), changed as (
      update client c set ${set}, updated_at = clock_timestamp(), revision = c.revision + 1
      where c.id = any (array(select id from locked where differs and not is_too_much))
      returning c.id
    )${event ? events : ''}, tally as (
      select (select count(*) from changed) as updated, (select count(*) from locked where differs and is_too_much) as failed
    )
    update client_job b set cursor = coalesce(reach.last, b.cursor), done = b.done + n, updated = b.updated + t.updated,
      failed = b.failed + t.failed, unchanged = b.unchanged + n - t.updated - t.failed, version = b.version + 1,
      status = case when n < ${size} then 'COMPLETED' else b.status end,
      finished_at = case when n < ${size} then clock_timestamp() end,
      total = coalesce(b.total, case when n < ${size} then b.done + n end)
    from reach, tally t where b.id = $1
    returning b.version, b.status, true as whole`;
  return { text, values: [jobId, cursor, textArray(change.tags), ...where.values] };
}

/** Leaves out the next client behind the cursor, who can't be changed. */
export function passOverStatement({ jobId, cursor }: Place, change: BulkChange): Statement {
  const where = whom(change, 3);
  const text = `
    with next as (select c.id from client c where c.id > $2 and ${where.sql} order by c.id limit 1)
    update client_job b set cursor = next.id, done = b.done + 1, failed = b.failed + 1 from next where b.id = $1 and b.cursor = $2`;
  return { text, values: [jobId, cursor, ...where.values] };
}

function whom({ filter, ids }: BulkChange, firstParam: number): { sql: string; values: string[] } {
  if (filter !== null) return numbered(clientsWhere(filter), firstParam);
  return {
    sql: `c.deleted_at is null and c.id = any ($${firstParam}::bigint[])`,
    values: [`{${(ids ?? []).join(',')}}`],
  };
}
