import { Migration } from '@mikro-orm/migrations';

/** Personal API tokens and the audit log. */
export class Migration20261121150150Access extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '1s'`);
    this.addSql(
      `create table "api_token" ("id" bigserial primary key, "user_id" bigint null, "name" text not null, "hash" text not null, "prefix" text not null, "scopes" text[] not null, "expires_at" timestamptz null, "last_used_at" timestamptz null, "revoked_at" timestamptz null, "created_at" timestamptz not null default clock_timestamp(), "created_by" text not null)`,
    );
    this.addSql(
      `alter table "api_token" add constraint "api_token_user_id_foreign" foreign key ("user_id") references "user_account" ("id") on update no action on delete cascade`,
    );
    this.addSql(`alter table "api_token" add constraint "api_token_prefix_unique" unique ("prefix")`);
    this.addSql(`create index "api_token_user_index" on "api_token" ("user_id", "id")`);
    this.addSql(
      `create table "audit_event" ("id" bigserial primary key, "at" timestamptz not null default clock_timestamp(), "actor" text not null, "actor_id" text not null, "action" text not null, "subject_kind" text null, "subject_id" text null, "outcome" text null, "details" jsonb not null default '{}', "ip" text null)`,
    );
    this.addSql(`create index "audit_event_at_index" on "audit_event" ("at")`);
    this.addSql(`create index "audit_event_actor_index" on "audit_event" ("actor", "id")`);
    this.addSql(`create index "audit_event_action_index" on "audit_event" ("action", "id")`);
    this.addSql(`create index "audit_event_subject_index" on "audit_event" ("subject_kind", "subject_id", "id")`);
  }
}
