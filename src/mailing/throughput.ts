import { GraphQLSafeInt } from 'graphql-scalars';
import type pg from 'pg';
import { Field, ObjectType } from 'type-graphql';
import { z } from 'zod';
import { parseInput } from '../graphql/parse-input.js';
import { DateTime } from '../graphql/scalars.js';

/** How far back one can look, minutes. */
export const MAX_MINUTES = 60;
/** What one point is at least, s. */
export const LEAST_STEP = 5;
/** Points at the most: as many as ten minutes have of five seconds, and the one that has begun. */
export const MAX_POINTS = (10 * 60) / LEAST_STEP + 1;
/** Batches looked at for one answer, the newest: half an hour of a hundred a second. Many mailings in one answer share them. */
const BATCHES = 200_000;

@ObjectType({ description: 'Messages that got a final status within a few seconds.' })
export class ThroughputPoint {
  @Field(() => DateTime, { description: 'When these seconds began.' })
  at!: Date;

  @Field(() => GraphQLSafeInt, { description: 'How many became SENT.' })
  sent!: number;

  @Field(() => GraphQLSafeInt, { description: 'How many became FAILED, EXPIRED, CANCELLED or UNKNOWN.' })
  other!: number;
}

/** Which mailing, and how far back. */
export interface AskedThroughput {
  mailingId: string;
  minutes: number;
}

/**
 * A mailing's versions are in the order of time, so the first one of the period is found by halving: some twenty looks into the
 * primary key, however many batches there were before it. From there on each batch is one row, whose arrays are not unpacked.
 */
const POINTS = `
  with recursive asked as materialized (
    select n, g.id, g.version, a.step, date_bin(a.step, clock_timestamp() - a.minutes * interval '1 minute', 'epoch') as since
    from (select n, id, minutes, greatest(${LEAST_STEP}, minutes * 60.0 * ${LEAST_STEP} / 600) * interval '1 s' as step
      from unnest($1::bigint[], $2::int[]) with ordinality asked (id, minutes, n)) a
    join mailing g on g.id = a.id
  ), halved as (
    select n, id, since, 0::bigint as before, version + 1 as first from asked
    union all
    select n, id, since, case when is_within then before else middle end, case when is_within then middle else first end
    from halved cross join lateral (select (before + first) / 2 as middle) m cross join lateral (
      select exists (select from mailing_change c where c.mailing_id = id and c.version = middle and c.at >= since) as is_within
    ) looked
    where first - before > 1
  )
  select a.n::int, p.* from asked a cross join lateral (
    select date_bin(a.step, c.at, 'epoch') as at, sum(c.sent)::int as sent, sum(c.finished - c.sent)::int as other
    from (
      select at, finished, coalesce(sent, cardinality(array_positions(statuses, 'SENT'))) as sent from mailing_change
      where mailing_id = a.id and version >= (select min(first) from halved h where h.n = a.n) and at >= a.since
      order by version desc limit $3
    ) c
    where c.finished > 0 group by 1
  ) p
  order by a.n, p.at`;

/** @throws InputError on `minutes` */
export function parseMinutes(given: unknown): number {
  const range = `must be 1 to ${MAX_MINUTES}`;
  return parseInput(z.int().min(1, range).max(MAX_MINUTES, range), given, ['minutes']);
}

/**
 * What went through in the last minutes, the oldest first; moments without anything are left out.
 *
 * @param batches looked at, of all mailings together
 */
export async function readThroughput(
  pool: pg.Pool,
  asked: readonly AskedThroughput[],
  batches = BATCHES,
): Promise<ThroughputPoint[][]> {
  const { rows } = await pool.query<ThroughputPoint & { n: number }>({
    name: 'throughput',
    text: POINTS,
    values: [
      asked.map(({ mailingId }) => mailingId),
      asked.map(({ minutes }) => minutes),
      Math.ceil(batches / asked.length),
    ],
  });
  const byAsked = Map.groupBy(rows, ({ n }) => n);
  return asked.map((_, at) => byAsked.get(at + 1) ?? []);
}
