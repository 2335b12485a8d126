import type { Check } from './check.js';

/** Requests that the database must know of, each with its message. Test sends go when somebody presses the button. */
const ARRIVAL = `
  arrival as (
    select q.seq, q.id, q.at, r.mailing_id, r.client_id, r.time_zone from request q join requested r using (id)
    where q.early and r.kind = 'CAMPAIGN'
  )`;

/**
 * What held of a mailing, and how long, by its history: from a step that changed start, end or window to the next one
 * that did, and one time-out longer for what was under way. Before its first step nothing but that step's plan is known.
 */
const PLAN = `
  step as (
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
  ), plan as materialized (
    select mailing_id, case when first then '-infinity' else at end as since,
      coalesce(lead(at) over (partition by mailing_id order by at, id) + $1, 'infinity') as until,
      starts_at, ends_at, opens, closes, days, opens <> '00:00' or closes <> '24:00' or days is not null as has_window
    from edit where changed
  )`;

/** The small hours of a window over midnight belong to the day before. */
const IN_WINDOW = `(select case
    when p.opens < p.closes then l::time >= p.opens and l::time < p.closes and (p.days is null or extract(isodow from l)::int = any (p.days))
    else l::time >= p.opens and (p.days is null or extract(isodow from l)::int = any (p.days))
      or l::time < p.closes and (p.days is null or extract(isodow from l - interval '1 day')::int = any (p.days))
  end from (select a.at at time zone a.time_zone as l) as local)`;

/** An arrival is wrong when no plan that held at that moment allows it. */
const BY_PLAN = `
  with ${ARRIVAL}, ${PLAN}
  select id, not before, not after, case when bounded then not inside end
  from (
    select a.seq, min(a.id) as id, bool_or(a.at >= p.starts_at) as before, bool_or(a.at < p.ends_at) as after,
      bool_or(p.has_window) as bounded, bool_or(not p.has_window or ${IN_WINDOW}) as inside
    from arrival a join plan p on p.mailing_id = a.mailing_id and a.at >= p.since and a.at < p.until
    group by a.seq
  ) as judged`;

/** Arrivals inside a stretch of time in which nothing may be sent; it begins one time-out after the step that says so. */
function outside(stretch: string, key: 'mailing_id' | 'client_id'): string {
  return `with ${ARRIVAL}, stretch as materialized (${stretch})
    select min(a.id), bool_or(a.at > s.since + $1 and a.at < s.until)
    from arrival a join stretch s on s.${key} = a.${key} group by a.seq`;
}

/** No request at a time at which there must be none, by the history that the database keeps. */
export const timeChecks: readonly Check[] = [
  {
    claims: [
      { invariant: 5, subject: 'requests', must: 'none before the start' },
      { invariant: 5, subject: 'requests', must: 'none at or after the end' },
      {
        invariant: 5,
        subject: 'requests of mailings with allowed hours',
        must: "each inside them by its client's clock",
      },
    ],
    sql: BY_PLAN,
  },
  {
    claims: [
      {
        invariant: 5,
        subject: 'requests of mailings that were paused or cancelled',
        must: 'none later than one time-out after it',
      },
    ],
    sql: outside(
      `select e.mailing_id, e.at as since, coalesce((
         select min(r.at) from mailing_event r
         where r.mailing_id = e.mailing_id and r.at > e.at and r.kind in ('RESUMED', 'REOPENED')), 'infinity') as until
       from mailing_event e where e.kind in ('PAUSED', 'CANCELLED')`,
      'mailing_id',
    ),
  },
  {
    claims: [
      {
        invariant: 5,
        subject: 'requests to clients that opted out or were deleted',
        must: 'none later than one time-out after it',
      },
    ],
    sql: outside(
      `select e.client_id, e.at as since, coalesce((
         select min(r.at) from client_event r
         where r.client_id = e.client_id and r.at > e.at
           and r.kind = case e.kind when 'OPTED_OUT' then 'OPTED_IN' else 'RESTORED' end), 'infinity') as until
       from client_event e where e.kind in ('OPTED_OUT', 'DELETED')`,
      'client_id',
    ),
  },
  {
    claims: [
      {
        invariant: 5,
        subject: 'requests of mailings with a limit',
        must: 'no second with more than 1.1 of the limit and one',
      },
    ],
    sql: `with ${ARRIVAL}, counted as (
        select a.id, g.rate_limit, count(*) over (partition by a.mailing_id order by a.at range between '999999 us' preceding and current row) as n
        from arrival a join mailing g on g.id = a.mailing_id where g.rate_limit is not null
      )
      select id, n > 1.1 * rate_limit + 1 from counted`,
  },
];
