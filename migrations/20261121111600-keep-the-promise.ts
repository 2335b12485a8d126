import { Migration } from '@mikro-orm/migrations';

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
    this.addSql(`alter table "message" add "text" text null`);
    this.addSql(`alter table "message" alter column "client_id" drop not null`);
    this.addSql(
      `alter table "message" add constraint "message_text_check" check ((kind = 'TEST') = (text is not null)) not valid`,
    );
    this.addSql(
      `alter table "message" add constraint "message_client_check" check (kind = 'TEST' or client_id is not null) not valid`,
    );
  }
}
