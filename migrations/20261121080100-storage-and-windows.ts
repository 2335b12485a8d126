import { Migration } from '@mikro-orm/migrations';

/**
 * True while a clock that shows `local` is inside the window. `opens` after `closes` means over midnight, and the small
 * hours then belong to the day before: a window that opens on Friday at 22:00 is still Friday's at 01:00.
 */
const WINDOW_IS_OPEN = `
create function window_is_open(local timestamp, opens time, closes time, days int[]) returns boolean
language sql immutable strict parallel safe as $$
  select case
    when opens < closes then local::time >= opens and local::time < closes and extract(isodow from local)::int = any (days)
    else (local::time >= opens and extract(isodow from local)::int = any (days))
      or (local::time < closes and extract(isodow from local - interval '1 day')::int = any (days))
  end
$$`;

/** How far the clock of a zone is ahead of UTC at an instant. */
const ZONE_OFFSET = `
create function zone_offset(instant timestamptz, zone text) returns interval
language sql stable strict parallel safe as $$
  select (instant at time zone zone) - (instant at time zone 'UTC')
$$`;

/** The instant between two others at which a zone's clock was moved, to the second. */
const ZONE_TRANSITION = `
create function zone_transition(before timestamptz, after timestamptz, zone text) returns timestamptz
language plpgsql stable strict parallel safe as $$
declare
  old interval := zone_offset(before, zone);
  lo bigint := floor(extract(epoch from before));
  hi bigint := ceil(extract(epoch from after));
  mid bigint;
begin
  while hi - lo > 1 loop
    mid := (lo + hi) / 2;
    if zone_offset(to_timestamp(mid), zone) = old then lo := mid; else hi := mid; end if;
  end loop;
  return to_timestamp(hi);
end
$$`;

/**
 * The first moment at or after \`since\` at which the clock in \`zone\` is inside the window and stays so for longer than
 * \`needs\`, and the moment it leaves it again. Null when there is none in the next 16 days.
 *
 * A wall-clock time that happens twice (autumn) or never (spring) has no single instant: every boundary is tried under
 * the offsets of both sides, the transitions themselves are tried as well, and \`window_is_open\` decides on each.
 */
const NEXT_WINDOW = `
create function next_window(since timestamptz, zone text, opens time, closes time, days int[], needs interval,
                            out opens_at timestamptz, out closes_at timestamptz)
language plpgsql stable strict parallel safe as $$
declare
  candidates timestamptz[];
  candidate timestamptz;
begin
  if opens = '00:00' and closes = '24:00' and days @> '{1,2,3,4,5,6,7}' then
    opens_at := since;
    closes_at := 'infinity';
    return;
  end if;

  with boundary as (
    select (((since at time zone zone)::date + day) + edge) at time zone zone as instant,
           ((since at time zone zone)::date + day) + edge as wall
    from generate_series(-1, 16) as day, unnest(array[opens, closes]) as edge
  ), sides as (
    select *, instant - interval '1 day' as before, instant + interval '1 day' as after from boundary
  )
  select array_agg(distinct c order by c) into candidates
  from sides, lateral (
    select instant as c
    union all
    select s from unnest(array[
      (wall - zone_offset(before, zone)) at time zone 'UTC',
      (wall - zone_offset(after, zone)) at time zone 'UTC',
      zone_transition(before, after, zone)]) as s
    where zone_offset(before, zone) <> zone_offset(after, zone)
  ) as tried
  where c > since;

  foreach candidate in array since || candidates loop
    if opens_at is null then
      if window_is_open(candidate at time zone zone, opens, closes, days) then opens_at := candidate; end if;
    elsif not window_is_open(candidate at time zone zone, opens, closes, days) then
      closes_at := candidate;
      if closes_at - opens_at > needs then return; end if;
      opens_at := null;
      closes_at := null;
    end if;
  end loop;
  opens_at := null;
  closes_at := null;
end
$$`;

/** What the generator does not know: functions, the sequence of id blocks, and room on the pages for HOT updates. */
export class Migration20261121080100StorageAndWindows extends Migration {
  override up(): void {
    this.addSql(WINDOW_IS_OPEN);
    this.addSql(ZONE_OFFSET);
    this.addSql(ZONE_TRANSITION);
    this.addSql(NEXT_WINDOW);
    this.addSql('create sequence message_block as bigint');
    // A claim changes no indexed column, so with room on the page it is a HOT update; dead rows are swept early.
    this.addSql(`alter table message set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05,
      autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.05)`);
    this.addSql('alter table mailing set (fillfactor = 20, autovacuum_vacuum_threshold = 200)');
  }
}
