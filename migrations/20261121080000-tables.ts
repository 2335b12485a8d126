import { Migration } from '@mikro-orm/migrations';

/** The tables of the first version, as the generator wrote them. */
export class Migration20261121080000Tables extends Migration {
  override up(): void {
    this.addSql(
      `create table "client" ("id" bigserial primary key, "phone" text not null, "operator_code" text not null, "tags" text[] not null default '{}', "time_zone" text not null, "attributes" jsonb not null default '{}', "opted_out_at" timestamptz null, "created_at" timestamptz not null default clock_timestamp(), "updated_at" timestamptz not null default clock_timestamp(), "deleted_at" timestamptz null, "revision" int not null default 1)`,
    );
    this.addSql(`comment on table "client" is 'A person to reach; a deleted one is hidden, never removed at once'`);
    this.addSql(`create index "client_operator_code_index" on "client" ("operator_code", "id")`);
    this.addSql(`create index "client_time_zone_index" on "client" ("time_zone", "id")`);
    this.addSql(`create index "client_opted_out_index" on "client" ("id") where opted_out_at is not null`);
    this.addSql(`create index "client_tags_index" on "client" using gin ("tags")`);
    this.addSql(`create unique index "client_phone_unique" on "client" ("phone") where deleted_at is null`);
    this.addSql(`alter table "client" add constraint "client_phone_check" check (phone ~ '^7[0-9]{10}$')`);
    this.addSql(
      `create table "client_event" ("id" bigserial primary key, "client_id" bigint not null, "at" timestamptz not null default clock_timestamp(), "kind" text not null, "by" text not null, "details" jsonb not null default '{}')`,
    );
    this.addSql(`create index "client_event_client_index" on "client_event" ("client_id", "at")`);
    this.addSql(
      `create table "mailing" ("id" bigserial primary key, "name" text not null, "text" text not null, "filter" jsonb not null, "starts_at" timestamptz not null, "ends_at" timestamptz not null, "allowed_from" time(0) null, "allowed_to" time(0) null, "weekdays" int[] null, "rate_limit" int null, "max_attempts" int null, "unknown_outcome" text not null default 'RETRY', "channel" text not null default 'gateway', "status" text not null, "revision" int not null default 1, "plan" int not null default 1, "version" bigint not null default 0, "launch_cursor" bigint not null default 0, "launched_at" timestamptz null, "launch_completed_at" timestamptz null, "finished_at" timestamptz null, "total" int not null default 0, "open" int not null default 0, "sent" int not null default 0, "failed" int not null default 0, "expired" int not null default 0, "cancelled" int not null default 0, "unknown" int not null default 0, "created_at" timestamptz not null default clock_timestamp(), "updated_at" timestamptz not null default clock_timestamp(), "deleted_at" timestamptz null)`,
    );
    this.addSql(`create index "mailing_status_index" on "mailing" ("status")`);
    this.addSql(
      `alter table "mailing" add constraint "mailing_status_check" check (status in ('DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED'))`,
    );
    this.addSql(
      `alter table "mailing" add constraint "mailing_counts_check" check (total = open + sent + failed + expired + cancelled + unknown and open >= 0)`,
    );
    this.addSql(`alter table "mailing" add constraint "mailing_end_check" check (ends_at > starts_at)`);
    this.addSql(
      `create table "mailing_change" ("mailing_id" bigint not null, "version" bigint not null, "at" timestamptz not null default clock_timestamp(), "finished" int not null, "message_ids" bigint[] not null, "statuses" text[] not null, primary key ("mailing_id", "version"))`,
    );
    this.addSql(`create index "mailing_change_at_index" on "mailing_change" using brin ("at")`);
    this.addSql(
      `create table "mailing_event" ("id" bigserial primary key, "mailing_id" bigint not null, "at" timestamptz not null default clock_timestamp(), "kind" text not null, "by" text not null, "details" jsonb not null default '{}')`,
    );
    this.addSql(`create index "mailing_event_mailing_index" on "mailing_event" ("mailing_id", "id")`);
    this.addSql(
      `create table "message" ("mailing_id" bigint not null, "id" bigint not null, "client_id" bigint not null, "kind" text not null default 'CAMPAIGN', "phone" text not null, "time_zone" text not null, "attributes" jsonb not null, "status" text not null, "due_at" timestamptz not null, "window_ends_at" timestamptz not null, "waiting_for" text null, "plan" int not null, "lease_until" timestamptz null, "claimed_at" timestamptz null, "fence" int not null default 0, "tries_used" int not null default 0, "uncertain" boolean not null default false, "attempt_started_at" timestamptz null, "attempt_ended_at" timestamptz null, "attempt_fence" int null, "attempt_outcome" text null, "gateway_code" int null, "reason" text null, "created_at" timestamptz not null default clock_timestamp(), "sent_at" timestamptz null, primary key ("mailing_id", "id"))`,
    );
    this.addSql(`create index "message_due_index" on "message" ("mailing_id", "due_at", "id") where status = 'OPEN'`);
    this.addSql(
      `create index "message_not_sent_index" on "message" ("mailing_id", "status", "id") where status in ('FAILED', 'EXPIRED', 'CANCELLED', 'UNKNOWN')`,
    );
    this.addSql(
      `create unique index "message_mailing_client_unique" on "message" ("mailing_id", "client_id") where kind = 'CAMPAIGN'`,
    );
    this.addSql(`alter table "message" add constraint "message_kind_check" check (kind in ('CAMPAIGN', 'TEST'))`);
    this.addSql(
      `alter table "message" add constraint "message_status_check" check (status in ('OPEN', 'SENT', 'FAILED', 'EXPIRED', 'CANCELLED', 'UNKNOWN'))`,
    );
    this.addSql(
      `create table "message_attempt" ("mailing_id" bigint not null, "message_id" bigint not null, "fence" int not null, "started_at" timestamptz not null, "ended_at" timestamptz null, "outcome" text not null, "gateway_code" int null, "reason" text null, primary key ("mailing_id", "message_id", "fence"))`,
    );
    this.addSql(
      `create table "message_range" ("first" bigint not null, "last" bigint not null, "mailing_id" bigint not null, primary key ("first"))`,
    );
    this.addSql(
      `create table "session" ("secret_hash" text not null, "kind" text not null, "created_at" timestamptz not null default clock_timestamp(), "expires_at" timestamptz not null, "used_at" timestamptz null, primary key ("secret_hash"))`,
    );
    this.addSql(
      `alter table "client_event" add constraint "client_event_client_id_foreign" foreign key ("client_id") references "client" ("id") on update no action on delete cascade`,
    );
    this.addSql(
      `alter table "mailing_event" add constraint "mailing_event_mailing_id_foreign" foreign key ("mailing_id") references "mailing" ("id") on update no action on delete cascade`,
    );
    this.addSql(
      `alter table "message" add constraint "message_client_id_foreign" foreign key ("client_id") references "client" ("id") on update no action on delete no action`,
    );
  }
}
