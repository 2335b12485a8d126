import type pg from 'pg';
import type { MomentRange } from '../graphql/moments.js';
import { StatusCounts } from '../mailing/status-counts.js';

/** What statistics are told apart by. */
export enum StatisticsGroupBy {
  STATUS = 'STATUS',
  OPERATOR = 'OPERATOR',
  TAG = 'TAG',
  HOUR = 'HOUR',
  MAILING = 'MAILING',
}

/** Groups of one answer. */
export const MAX_GROUPS = 1_000;

/** Messages that have something in common. */
export interface MessageGroup {
  /** Null: they have none of it. */
  key: string | null;
  messages: StatusCounts;
}

const STATUSES = ['OPEN', 'SENT', 'FAILED', 'EXPIRED', 'CANCELLED', 'UNKNOWN'] as const;
const COUNTS = STATUSES.map(
  (status) => `coalesce(sum(n.count) filter (where n.status = '${status}'), 0)::float8 as ${status.toLowerCase()}`,
).join(', ');

const DIMENSIONS = {
  STATUS: 'TIME_ZONE',
  OPERATOR: 'OPERATOR',
  TAG: 'TAG',
  HOUR: 'TIME_ZONE',
  MAILING: 'TIME_ZONE',
} as const satisfies Record<StatisticsGroupBy, string>;

const KEYS = {
  STATUS: 'n.status',
  OPERATOR: `nullif(n.value, '')`,
  TAG: `nullif(n.value, '')`,
  HOUR: `case when z.known then to_char(n.quarter at time zone z.name, 'HH24') end`,
  MAILING: 'n.mailing_id::text',
} as const satisfies Record<StatisticsGroupBy, string>;

type Row = { key: string | null } & StatusCounts;

/** The rows of a stretch of time, of mailings that are not deleted, one dimension of them. */
const COUNTED = `
  mailing_tally_count n join mailing g on g.id = n.mailing_id and g.deleted_at is null
  where n.dimension = $1 and n.quarter >= coalesce(date_bin('15 minutes', $2::timestamptz, 'epoch'), '-infinity')
    and n.quarter < coalesce($3::timestamptz, 'infinity')`;

/**
 * Adds up what tallies.ts has counted: the largest groups first, hours in their order.
 *
 * @param timeZone for hours; null: each client's own
 */
export async function groupMessages(
  pool: pg.Pool,
  period: MomentRange,
  groupBy: StatisticsGroupBy,
  timeZone: string | null,
): Promise<MessageGroup[]> {
  const order = groupBy === StatisticsGroupBy.HOUR ? 'key' : 'total desc, key';
  const values: unknown[] = [DIMENSIONS[groupBy], period.from ?? null, period.to ?? null];
  if (groupBy === StatisticsGroupBy.HOUR) values.push(timeZone);
  const from =
    groupBy === StatisticsGroupBy.HOUR
      ? `(select n.*, coalesce($4::text, n.value) as zone from ${COUNTED}) n join zone z on z.name = n.zone`
      : COUNTED;
  const zones = `with zone as materialized (
      select name, zone_is_known(name) as known from (select distinct coalesce($4::text, n.value) as name from ${COUNTED}) named
    )`;
  const { rows } = await pool.query<Row>(
    `${groupBy === StatisticsGroupBy.HOUR ? zones : ''}
     select ${KEYS[groupBy]} as key, coalesce(sum(n.count), 0)::float8 as total, ${COUNTS} from ${from}
     group by 1 order by ${order} limit ${MAX_GROUPS}`,
    values,
  );
  return rows.map(({ key, ...counts }) => ({ key, messages: Object.assign(new StatusCounts(), counts) }));
}

/** The messages of a stretch of time. */
export async function countMessagesIn(pool: pg.Pool, period: MomentRange): Promise<StatusCounts> {
  const { rows } = await pool.query<StatusCounts>(
    `select coalesce(sum(n.count), 0)::float8 as total, ${COUNTS} from ${COUNTED}`,
    ['TIME_ZONE', period.from ?? null, period.to ?? null],
  );
  return Object.assign(new StatusCounts(), rows[0]);
}

/** How old the oldest of the counts is that can matter, and how many mailings were not counted at all yet. */
export async function howFresh(pool: pg.Pool): Promise<{ asOf: Date; uncounted: number }> {
  const { rows } = await pool.query<{ asOf: Date; uncounted: number }>(
    `select coalesce(min(t.at) filter (where t.version <> g.version), clock_timestamp()) as "asOf",
       count(*) filter (where t.mailing_id is null)::int as uncounted
     from mailing g left join mailing_tally t on t.mailing_id = g.id where g.deleted_at is null and g.total > 0`,
  );
  return rows[0]!;
}
