import { Migration } from '@mikro-orm/migrations';

/** What the outside is told: events, webhooks, what is on its way to whom, and outages of channels. Touches no table there was. */
export class Migration20261122010500Webhooks extends Migration {
  override up(): void {
    this.addSql(
      `create table "outside_event" ("id" uuid not null default gen_random_uuid(), "at" timestamptz not null default clock_timestamp(), "kind" text not null, "occurrence" text null, "data" jsonb not null, "spread_at" timestamptz null, primary key ("id"))`,
    );
    this.addSql(`alter table "outside_event" add constraint "outside_event_occurrence_unique" unique ("occurrence")`);
    this.addSql(`create index "outside_event_spread_index" on "outside_event" ("at") where spread_at is null`);
    this.addSql(`create index "outside_event_at_index" on "outside_event" ("at")`);
    this.addSql(
      `create table "webhook" ("id" bigserial primary key, "url" text not null, "events" text[] not null, "secret" text not null, "enabled" boolean not null default true, "disabled_reason" text null, "created_at" timestamptz not null default clock_timestamp(), "created_by" text not null)`,
    );
    this.addSql(
      `create table "outside_delivery" ("id" bigserial primary key, "event_id" uuid not null, "webhook_id" bigint null, "recipient" text null, "status" text not null default 'WAITING', "tries" int not null default 0, "next_at" timestamptz not null default clock_timestamp(), "fence" int not null default 0, "lease_until" timestamptz null, "tried_at" timestamptz null, "answer_status" int null, "answer_body" text null, "reason" text null)`,
    );
    this.addSql(
      `alter table "outside_delivery" add constraint "outside_delivery_target_check" check ((webhook_id is null) <> (recipient is null))`,
    );
    this.addSql(`create index "outside_delivery_webhook_index" on "outside_delivery" ("webhook_id", "id")`);
    this.addSql(`create index "outside_delivery_event_index" on "outside_delivery" ("event_id")`);
    this.addSql(
      `create index "outside_delivery_due_index" on "outside_delivery" ("webhook_id", "next_at") where status = 'WAITING'`,
    );
    this.addSql(
      `alter table "outside_delivery" add constraint "outside_delivery_event_id_foreign" foreign key ("event_id") references "outside_event" ("id") on update no action on delete cascade`,
    );
    this.addSql(
      `alter table "outside_delivery" add constraint "outside_delivery_webhook_id_foreign" foreign key ("webhook_id") references "webhook" ("id") on update no action on delete cascade`,
    );
    this.addSql(
      `create table "channel_outage" ("id" bigserial primary key, "channel" text not null, "opened_at" timestamptz not null default clock_timestamp(), "seen_at" timestamptz not null default clock_timestamp(), "closed_at" timestamptz null, "reason" text not null)`,
    );
    this.addSql(`create unique index "channel_outage_now" on "channel_outage" ("channel") where closed_at is null`);
  }
}
