/** Why a message is over before its mailing's end has come. */
export const OUT_OF_REACH = 'the mailing ends before this client can be reached';
/** Why a message fails where there is a window, and the database does not know the client's zone. */
export const NO_ZONE = 'unknown time zone';

/**
 * The CTE `windows (time_zone, opens_at, closes_at, born, why_not)`: the next window of a mailing in each time zone, worked
 * out once a zone and not once a message. It opens at or after the start and now, and closes no later than the mailing ends.
 * `born` is what a message with such a window is: OPEN; EXPIRED, when no attempt can come to its end before the mailing's;
 * or FAILED, in a zone that is not known.
 *
 * @param source a CTE with a column `time_zone`
 * @param timeout one attempt's time-out, an SQL interval; the mailing is the CTE `g`, with the database's clock as `now`
 */
export function windowsOf(source: string, timeout: string): string {
  return `windows as materialized (
    select z.time_zone, w.opens_at, least(w.closes_at, g.ends_at) as closes_at,
      b.born, case b.born when 'EXPIRED' then '${OUT_OF_REACH}' when 'FAILED' then '${NO_ZONE}' end as why_not
    from (select distinct time_zone from ${source}) z, g, lateral ${nextWindow('greatest(g.starts_at, g.now)', 'z.time_zone', timeout)} w,
      lateral (select case when w.opens_at + ${timeout} < g.ends_at then 'OPEN'
        when w.opens_at is null and not zone_is_known(z.time_zone) then 'FAILED' else 'EXPIRED' end as born) b
  )`;
}

/** A call of `next_window` for the mailing `g`: the first window at or after `since`, nulls when there is none. */
export function nextWindow(since: string, timeZone: string, timeout: string): string {
  return `next_window(${since}, ${timeZone}, coalesce(g.allowed_from, '00:00'), coalesce(g.allowed_to, '24:00'),
      coalesce(g.weekdays, '{1,2,3,4,5,6,7}'), ${timeout})`;
}
