import { GraphQLSafeInt } from 'graphql-scalars';
import type pg from 'pg';
import { Field, Int, ObjectType } from 'type-graphql';

/** Hours of a mailing that are told: six weeks without a break. */
export const MAX_HOURS = 1_000;

@ObjectType({ description: "Messages that were sent within one hour of their clients' own clocks." })
export class DeliveryHour {
  @Field(() => String, { description: 'The day where these clients live: `2026-11-21`.' })
  date!: string;

  @Field(() => Int, { description: 'The hour of that day, 0 to 23.' })
  hour!: number;

  @Field(() => GraphQLSafeInt, { description: 'How many were sent in it.' })
  sent!: number;
}

/** What tallies.ts has counted: at most four rows an hour, for each zone. Zones that nobody knows any more are left out. */
const HOURS = `
  with counted as materialized (
    select w.n, c.quarter, c.value as zone, c.count
    from unnest($1::bigint[]) with ordinality w (id, n) join mailing_tally_count c on c.mailing_id = w.id
    where c.dimension = 'TIME_ZONE' and c.status = 'SENT'
  ), zone as materialized (
    select name, zone_is_known(name) as known from (select distinct zone as name from counted) named
  ), by_hour as (
    select n, date_trunc('hour', case when known then quarter at time zone name end) as began, sum(count)::float8 as sent,
      row_number() over (partition by n order by date_trunc('hour', case when known then quarter at time zone name end) desc) as place
    from counted join zone on name = zone where known group by 1, 2
  )
  select n::int, to_char(began, 'YYYY-MM-DD') as date, extract(hour from began)::int as hour, sent
  from by_hour where place <= ${MAX_HOURS} order by n, began`;

/** When messages of each mailing were sent, by each client's own clock, the earliest first; of very long ones the last hours. */
export async function readDeliveries(pool: pg.Pool, mailingIds: readonly string[]): Promise<DeliveryHour[][]> {
  const { rows } = await pool.query<DeliveryHour & { n: number }>(HOURS, [mailingIds]);
  const byMailing = Map.groupBy(rows, ({ n }) => n);
  return mailingIds.map((_, at) => byMailing.get(at + 1) ?? []);
}
