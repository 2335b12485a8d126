import type pg from 'pg';

/** Whose limit it is, and where that stands. */
export type PaceScope =
  | { kind: 'mailing'; id: string }
  /** `ceiling`: messages a second at the most whatever the rows say (GATEWAY_RATE_LIMIT); null: none. */
  | { kind: 'channel'; name: string; ceiling: number | null };

/** What was drawn: the instants `firstAt + k / rate`, `count` of them, in ms since the epoch by the database's clock. */
export interface Draw {
  /** Messages a second, as it holds now; null: there is no limit, and nothing was drawn. */
  rate: number | null;
  /** 0: the next permit lies further ahead than was asked for. */
  count: number;
  firstAt: number;
  /** The first that nobody had before. */
  nextAt: number;
  /** The database's clock, ms since the epoch. */
  now: number;
}

/** How much a draw may take. */
export interface DrawOptions {
  /** Permits at the most. */
  count: number;
  /** So long a stretch of them at the most, ms; one permit may always be drawn. */
  stretchMs: number;
  /** Nothing that begins further ahead than this, ms: what is drawn stays near, so that a changed limit holds soon. */
  horizonMs: number;
}

const LIMIT = {
  mailing: 'select rate_limit from mailing where id = $5::bigint',
  channel: 'select rate_limit from channel_limit where channel = $5 order by id desc limit 1',
};

/**
 * Permits are instants, evenly spaced; `pace.next_at` is the first that nobody has. One statement reads the limit in force,
 * takes a stretch and moves `next_at` behind it. What nobody drew in time is gone: it never lies in the past. A `next_at`
 * that is further ahead than this limit can have brought it was left by a lower limit, or by a clock that was set back.
 */
const draw = (kind: PaceScope['kind']) => `
  with l as materialized (
    select least((${LIMIT[kind]}), $6::int) as rate
  ), w as materialized (
    select rate, n, n * interval '1 s' / rate as stretch, $4 * interval '1 ms' as horizon,
      ($4 + greatest($3, 1000.0 / rate) + 100) * interval '1 ms' as furthest
    from l, lateral (select least($2::int, greatest(1, floor(rate * $3 / 1000)::int)) as n) s
    where rate is not null
  ), d as (
    insert into pace as p (scope, next_at) select $1, clock_timestamp() + stretch from w
    on conflict (scope) do update set next_at = (select stretch from w) + case
      when p.next_at > clock_timestamp() + (select furthest from w) then clock_timestamp() + (select horizon from w)
      else greatest(p.next_at, clock_timestamp()) end
    where p.next_at <= clock_timestamp() + (select horizon from w)
      or p.next_at > clock_timestamp() + (select furthest from w)
    returning next_at
  )
  select l.rate, case when d.next_at is null then 0 else n end as count,
    coalesce(extract(epoch from d.next_at - stretch) * 1000, 0)::float8 as "firstAt",
    coalesce((select extract(epoch from next_at) * 1000 from pace where scope = $1), 0)::float8 as "nextAt",
    (extract(epoch from clock_timestamp()) * 1000)::float8 as now
  from l left join w on true left join d on true`;

const DRAWS = { mailing: draw('mailing'), channel: draw('channel') };

/** @throws what pg throws when the database is away; then nothing was drawn, or what was is lost and harms nobody */
export async function drawPermits(pool: pg.Pool, scope: PaceScope, options: DrawOptions): Promise<Draw> {
  const [key, ceiling] = scope.kind === 'mailing' ? [scope.id, null] : [scope.name, scope.ceiling];
  const { rows } = await pool.query<Draw>({
    name: `draw-permits-${scope.kind}`,
    text: DRAWS[scope.kind],
    values: [`${scope.kind}:${key}`, options.count, options.stretchMs, options.horizonMs, key, ceiling],
  });
  return rows[0]!;
}

/** Forgets the permits of mailings and channels that have drawn none for an hour: like one that never drew any. */
export async function dropOldPaces(pool: pg.Pool): Promise<void> {
  await pool.query(`delete from pace where next_at < clock_timestamp() - interval '1 hour'`);
}
