import { Migration } from '@mikro-orm/migrations';

/**
 * Whether PostgreSQL knows a time zone by this name. It may have lost one it knew: zones are renamed and dropped, and a row
 * outlives an upgrade. `pg_timezone_names` reads six hundred files (30 ms and more); this asks for one name (some 10 µs). Not
 * parallel safe: before PostgreSQL 17 nothing may be caught in a parallel worker.
 */
const ZONE_IS_KNOWN = `
create function zone_is_known(zone text) returns boolean language plpgsql stable strict parallel unsafe as $$
begin
  perform now() at time zone zone;
  return true;
exception when invalid_parameter_value then
  return false;
end
$$`;

/**
 * The same answer as before, and null for a zone that is not known, where it used to throw: one such row must not hold up
 * the statement that plans a thousand others. Without a window the zone does not matter, and is not looked at.
 */
const NEXT_WINDOW = `
create function next_window(since timestamptz, zone text, opens time, closes time, days int[], needs interval,
                            out opens_at timestamptz, out closes_at timestamptz)
language plpgsql stable strict parallel unsafe as $$
begin
  if opens = '00:00' and closes = '24:00' and days @> '{1,2,3,4,5,6,7}' then
    opens_at := since;
    closes_at := 'infinity';
  elsif zone_is_known(zone) then
    select w.opens_at, w.closes_at into opens_at, closes_at from window_in_zone(since, zone, opens, closes, days, needs) w;
  end if;
end
$$`;

/**
 * Tables and columns for limits, circuits, the switch, retries by hand and test sends. Only what changes the catalogue and
 * reads no row: checks on `message` are added as not valid, and validated by the next migration.
 */
export class Migration20261121111600KeepThePromise extends Migration {
  override up(): void {
    // Who waits for an exclusive lock makes everybody behind wait as well: rather give up, and come again (migrate.ts).
    this.addSql(`set local lock_timeout = '1s'`);
    this.addSql(
      `create table "channel_circuit" ("channel" text not null, "worker" text not null, "opened_at" timestamptz not null default clock_timestamp(), "probe_at" timestamptz not null, "reason" text not null, primary key ("channel", "worker"))`,
    );
    this.addSql(
      `create table "channel_limit" ("id" bigserial primary key, "channel" text not null, "at" timestamptz not null default clock_timestamp(), "by" text not null, "rate_limit" int null)`,
    );
    this.addSql(`create index "channel_limit_channel_index" on "channel_limit" ("channel", "id")`);
    this.addSql(`alter table "channel_limit" add constraint "channel_limit_check" check (rate_limit > 0)`);
    this.addSql(
      `create table "idempotency" ("operation" text not null, "key" text not null, "input_hash" text not null, "result_id" text not null, "created_at" timestamptz not null default clock_timestamp(), primary key ("operation", "key"))`,
    );
    this.addSql(`create index "idempotency_created_at_index" on "idempotency" ("created_at")`);
    this.addSql(
      `create table "sending_stop" ("id" bigserial primary key, "stopped_at" timestamptz not null default clock_timestamp(), "stopped_by" text not null, "reason" text null, "resumed_at" timestamptz null, "resumed_by" text null)`,
    );
    this.addSql(`create unique index "sending_stop_in_force" on "sending_stop" ((true)) where resumed_at is null`);
    // Up to which instant the permits of a limit are given out. Lost in a crash of the server, which costs nothing.
    this.addSql(
      `create unlogged table pace (scope text primary key, next_at timestamptz not null) with (fillfactor = 20)`,
    );
    this.addSql(`alter table "mailing" add "replan_cursor" bigint null`);
    this.addSql(`alter table "message_range" add "kind" text not null default 'CAMPAIGN'`);
    this.addSql(`alter table "message" add "text" text null`);
    this.addSql(`alter table "message" alter column "client_id" drop not null`);
    this.addSql(
      `alter table "message" add constraint "message_text_check" check ((kind = 'TEST') = (text is not null)) not valid`,
    );
    this.addSql(
      `alter table "message" add constraint "message_client_check" check (kind = 'TEST' or client_id is not null) not valid`,
    );
    this.addSql('alter function next_window(timestamptz, text, time, time, int[], interval) rename to window_in_zone');
    this.addSql(ZONE_IS_KNOWN);
    this.addSql(NEXT_WINDOW);
  }
}
