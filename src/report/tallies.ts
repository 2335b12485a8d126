import { setTimeout as sleep } from 'node:timers/promises';
import { bulkhead } from 'cockatiel';
import type pg from 'pg';
import { dropRows } from '../platform/drop-rows.js';
import type { Logger } from '../platform/log.js';
import { inTransaction } from '../platform/transaction.js';

/** Messages counted in one statement: less than a second. */
const CHUNK = 200_000;
/** What asks for statistics waits so long for fresh ones, ms; then it gets those there are. */
const WAIT_MS = 1_000;
/** What asks of mailings waits so long where one of them was never counted, ms: a few million messages. */
const FIRST_WAIT_MS = 10_000;
/** A mailing that goes on is counted anew after so long, s, and not before twenty times as long as it took. */
const LEAST_AGE_S = 10;
const REST = 20;
/** Mailings counted at the same moment: many that were never counted may not keep all of the API's connections busy. */
const COUNTING = 2;

/** A mailing that was launched and has changed since it was counted, the newest first. */
const STALE = `
  select g.id, g.version from mailing g left join mailing_tally t on t.mailing_id = g.id
  where g.deleted_at is null and g.pruned_at is null and g.total > 0 and g.id <> all ($1::bigint[]) and ($2::bigint[] is null or g.id = any ($2)) and (t.mailing_id is null or t.version <> g.version
    and t.at + t.took_ms * interval '1 ms' + greatest(interval '${LEAST_AGE_S} s', ${REST} * t.took_ms * interval '1 ms') < clock_timestamp())
  order by g.launched_at desc limit 1`;

/** Each message once for its client's operator, once for its time zone, and once for each of its client's tags. */
const COUNT = `
  with chosen as materialized (
    select m.id, m.status, m.time_zone, c.operator_code, c.tags,
      date_bin('15 minutes', coalesce(m.sent_at, m.attempt_ended_at, m.created_at), 'epoch') as quarter
    from (select * from message where mailing_id = $1 and kind = 'CAMPAIGN' and id > $2 order by id limit ${CHUNK}) m
    left join client c on c.id = m.client_id
  ), by_tags as (
    select quarter, tags, status, count(*)::int as count from chosen group by 1, 2, 3
  ), counted as (
    select 'OPERATOR' as dimension, quarter, coalesce(operator_code, '') as value, status, count(*)::int as count from chosen group by 2, 3, 4
    union all select 'TIME_ZONE', quarter, time_zone, status, count(*)::int from chosen group by 2, 3, 4
    union all select 'TAG', quarter, tag, status, sum(count)::int
    from by_tags cross join lateral unnest(case when cardinality(tags) > 0 then tags else array[''] end) tag group by 2, 3, 4
  ), written as (
    insert into mailing_tally_count as n (mailing_id, dimension, quarter, value, status, count)
    select $1, dimension, quarter, value, status, count from counted
    on conflict (dimension, quarter, mailing_id, value, status) do update set count = n.count + excluded.count
  )
  select max(id) as last, count(*)::int as count from chosen`;

/** Drops the counts of mailings that were deleted: no statistics ask for them. */
export async function dropOldTallies(pool: pg.Pool): Promise<void> {
  const gone =
    'select t.mailing_id from mailing_tally t join mailing g on g.id = t.mailing_id where g.deleted_at is not null';
  await dropRows(pool, 'mailing_tally_count', `mailing_id = any (array(${gone}))`);
  await pool.query(
    `delete from mailing_tally t where mailing_id = any (array(${gone}))
       and not exists (select from mailing_tally_count n where n.mailing_id = t.mailing_id)`,
  );
}

/**
 * Keeps the counts that statistics are added up from. Messages are counted when somebody asks for statistics, mailing by
 * mailing, those that have not changed since not at all: so nothing is added to the way of a message, and an answer costs a
 * few thousand rows however many messages there are.
 */
export class Tallies {
  readonly #turns = bulkhead(COUNTING, Number.POSITIVE_INFINITY);
  #running: Promise<void> | undefined;
  /** Of some mailings alone: whoever asks for the same meanwhile waits for it too. */
  readonly #counting = new Map<string, Promise<void>>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** Counts what has changed; gives up waiting after a second, while it goes on. */
  async refresh(): Promise<void> {
    this.#running ??= this.#countAll(null)
      .catch((error: unknown) => this.#warn(error))
      .finally(() => {
        this.#running = undefined;
      });
    await Promise.race([this.#running, sleep(WAIT_MS, undefined, { ref: false })]);
  }

  /** The same of some mailings alone; waits longer for one that was never counted, as there is nothing else to show. */
  async refreshOf(mailingIds: readonly string[]): Promise<void> {
    const { rowCount } = await this.pool.query('select from mailing_tally where mailing_id = any ($1)', [mailingIds]);
    const patience = rowCount === mailingIds.length ? WAIT_MS : FIRST_WAIT_MS;
    const asked = mailingIds.join();
    const counting =
      this.#counting.get(asked) ??
      this.#countAll(mailingIds)
        .catch((error: unknown) => this.#warn(error))
        .finally(() => this.#counting.delete(asked));
    this.#counting.set(asked, counting);
    await Promise.race([counting, sleep(patience, undefined, { ref: false })]);
  }

  #warn(error: unknown): void {
    this.log.warn({ err: error }, 'the messages of a mailing could not be counted');
  }

  /** @param only null: of all mailings */
  async #countAll(only: readonly string[] | null): Promise<void> {
    const done: string[] = [];
    while (await this.#turns.execute(() => this.#countNext(done, only)));
  }

  /** @returns whether there was one: who waited for a turn finds what others have counted meanwhile done */
  async #countNext(done: string[], only: readonly string[] | null): Promise<boolean> {
    const { rows } = await this.pool.query<{ id: string; version: string }>(STALE, [done, only]);
    const [stale] = rows;
    if (stale === undefined) return false;
    await this.#count(stale.id, stale.version);
    done.push(stale.id);
    return true;
  }

  /** Counts anew; whoever finds somebody else at it leaves it to them. */
  async #count(mailingId: string, version: string): Promise<void> {
    const begun = performance.now();
    await inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ mine: boolean }>(
        `select pg_try_advisory_xact_lock(hashtext('mailing_tally'), hashtext($1)) as mine`,
        [mailingId],
      );
      if (!rows[0]?.mine) return null;
      await client.query('set local plan_cache_mode = force_custom_plan');
      await client.query('delete from mailing_tally_count where mailing_id = $1', [mailingId]);
      for (let last: string | null = '0'; last !== null; ) {
        const chunk: pg.QueryResult<{ last: string | null; count: number }> = await client.query(COUNT, [
          mailingId,
          last,
        ]);
        last = chunk.rows[0]!.count < CHUNK ? null : chunk.rows[0]!.last;
      }
      await client.query(
        // now() is when the counting began: a message may have changed since then behind its back.
        `insert into mailing_tally (mailing_id, version, at, took_ms) values ($1, $2, now(), $3)
         on conflict (mailing_id) do update set version = excluded.version, at = excluded.at, took_ms = excluded.took_ms`,
        [mailingId, version, Math.round(performance.now() - begun)],
      );
      return true;
    });
  }
}
