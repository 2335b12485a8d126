import type pg from 'pg';

/** Moments are ms since the epoch, ±infinity when there is none. */
export interface Stretch {
  since: number;
  until: number;
}

/** What held of a mailing's times: from an edit to the next one, and one time-out longer for what was under way. */
export interface Plan extends Stretch {
  startsAt: number;
  endsAt: number;
  /** Seconds of the local day. */
  opens: number;
  closes: number;
  /** ISO weekdays, Monday is 1; null: every one. */
  days: number[] | null;
  /** Whether it has any allowed hours or weekdays at all. */
  bounded: boolean;
}

/** A limit in force, messages a second; null: none. */
export interface Limit extends Stretch {
  rate: number | null;
}

/** What happened when, as the database keeps it. */
export interface History {
  /** Of every mailing there is. */
  channels: ReadonlyMap<number, string>;
  plans: ReadonlyMap<number, Plan[]>;
  /** Of mailings that ever had a limit. */
  limits: ReadonlyMap<number, Limit[]>;
  /** Of the gateway, without its ceiling. */
  gatewayLimits: readonly Limit[];
  /** Stretches in which nothing may arrive: by mailing paused or cancelled, by client opted out or deleted, for all stopped. */
  pauses: ReadonlyMap<number, Stretch[]>;
  refusals: ReadonlyMap<number, Stretch[]>;
  stops: readonly Stretch[];
}

const ms = (moment: string) => `extract(epoch from ${moment})::float8 * 1000`;
const seconds = (time: string) => `extract(epoch from ${time})::float8`;
const UNTIL_NEXT = (partition: string) =>
  `coalesce(${ms(`lead(at) over (partition by ${partition} order by at, id) + $1::interval`)}, 'infinity')`;

/**
 * A mailing's times by its history: every step says what holds from then on. Before its first step nothing but that step's
 * plan is known; a mailing without any is judged by its row.
 */
const PLANS = `
  with step as (
    select mailing_id, id, at, (details->>'startsAt')::timestamptz as starts_at, (details->>'endsAt')::timestamptz as ends_at,
      coalesce(details->>'allowedFrom', '00:00')::time as opens, coalesce(details->>'allowedTo', '24:00')::time as closes,
      case when jsonb_typeof(details->'weekdays') = 'array'
        then array(select d::int from jsonb_array_elements_text(details->'weekdays') as d) end as days
    from mailing_event where details ? 'startsAt' and details ? 'endsAt'
    union all
    select g.id, 0, '-infinity', starts_at, ends_at, coalesce(allowed_from, '00:00'), coalesce(allowed_to, '24:00'), weekdays
    from mailing g
    where not exists (select from mailing_event e where e.mailing_id = g.id and e.details ? 'startsAt' and e.details ? 'endsAt')
  ), edit as (
    select *, lag(at) over w is null as first, concat_ws(' ', starts_at, ends_at, opens, closes, days)
        is distinct from lag(concat_ws(' ', starts_at, ends_at, opens, closes, days)) over w as changed
    from step window w as (partition by mailing_id order by at, id)
  )
  select mailing_id::float8 as key, ${ms(`case when first then '-infinity' else at end`)} as since, ${UNTIL_NEXT('mailing_id')} as until,
    ${ms('starts_at')} as "startsAt", ${ms('ends_at')} as "endsAt", ${seconds('opens')} as opens, ${seconds('closes')} as closes, days,
    opens <> '00:00' or closes <> '24:00' or days is not null as bounded
  from edit where changed`;

/** The same with limits; a lower one leaves one time-out to what was drawn under the higher one. */
const LIMITS = `
  with step as (
    select mailing_id, id, at, (details->>'rateLimit')::float8 as rate from mailing_event where details ? 'rateLimit'
    union all
    select g.id, 0, '-infinity', rate_limit from mailing g
    where not exists (select from mailing_event e where e.mailing_id = g.id and e.details ? 'rateLimit')
  ), edit as (
    select *, lag(at) over w is null as first, lag(at) over w is null or rate is distinct from lag(rate) over w as changed,
      bool_or(rate is not null) over (partition by mailing_id) as ever
    from step window w as (partition by mailing_id order by at, id)
  )
  select mailing_id::float8 as key, ${ms(`case when first then '-infinity' else at end`)} as since, ${UNTIL_NEXT('mailing_id')} as until, rate
  from edit where changed and ever`;

/** Before its first row a channel has no limit. */
const GATEWAY_LIMITS = `
  with step as (
    select id, at, rate_limit::float8 as rate from channel_limit where channel = 'gateway'
    union all select 0, '-infinity', null
  )
  select ${ms('at')} as since, ${UNTIL_NEXT('1')} as until, rate from step`;

/** One time-out after the step that says so, until the step that takes it back. */
const stretches = (key: string, table: string, begins: string, ends: string) => `
  select e.${key}::float8 as key, ${ms('e.at + $1::interval')} as since, coalesce((
      select ${ms('min(r.at)')} from ${table} r where r.${key} = e.${key} and r.at > e.at and ${ends}), 'infinity') as until
  from ${table} e where ${begins}`;
const PAUSES = stretches(
  'mailing_id',
  'mailing_event',
  `e.kind in ('PAUSED', 'CANCELLED')`,
  `r.kind in ('RESUMED', 'REOPENED')`,
);
const REFUSALS = stretches(
  'client_id',
  'client_event',
  `e.kind in ('OPTED_OUT', 'DELETED')`,
  `r.kind = case e.kind when 'OPTED_OUT' then 'OPTED_IN' else 'RESTORED' end`,
);
const STOPS = `
  select ${ms('stopped_at + $1::interval')} as since, coalesce(${ms('resumed_at')}, 'infinity') as until from sending_stop`;

/** Reads it all, in the snapshot that is open. @param timeoutMs a channel's time-out, ms */
export async function readHistory(client: pg.ClientBase, timeoutMs: number): Promise<History> {
  const grace = `${timeoutMs} ms`;
  const rows = async <T>(sql: string) => (await client.query<T & pg.QueryResultRow>(sql, [grace])).rows as T[];
  const grouped = async <T extends Stretch>(sql: string) => byKey(await rows<T & { key: number }>(sql));
  const channels = await client.query<{ id: number; channel: string }>('select id::float8 as id, channel from mailing');
  return {
    channels: new Map(channels.rows.map(({ id, channel }) => [id, channel])),
    plans: await grouped<Plan>(PLANS),
    limits: await grouped<Limit>(LIMITS),
    gatewayLimits: await rows<Limit>(GATEWAY_LIMITS),
    pauses: await grouped<Stretch>(PAUSES),
    refusals: await grouped<Stretch>(REFUSALS),
    stops: await rows<Stretch>(STOPS),
  };
}

function byKey<T extends { key: number }>(rows: T[]): Map<number, T[]> {
  return Map.groupBy(rows, ({ key }) => key);
}
