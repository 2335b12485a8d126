import { Migration } from '@mikro-orm/migrations';

/** Work on many clients at once, and the rows of files that are being imported. Touches no table there was. */
export class Migration20261121150200Jobs extends Migration {
  override up(): void {
    this.addSql(
      `create table "client_job" ("id" bigserial primary key, "kind" text not null, "status" text not null default 'QUEUED', "dry_run" boolean not null default false, "params" jsonb not null, "total" int null, "done" int not null default 0, "created" int not null default 0, "updated" int not null default 0, "unchanged" int not null default 0, "duplicates" int not null default 0, "failed" int not null default 0, "cursor" bigint not null default 0, "version" bigint not null default 0, "lease_owner" text null, "lease_until" timestamptz null, "reason" text null, "created_by" text not null, "created_at" timestamptz not null default clock_timestamp(), "started_at" timestamptz null, "finished_at" timestamptz null)`,
    );
    this.addSql(
      `create index "client_job_under_way_index" on "client_job" ("id") where status in ('QUEUED', 'RUNNING')`,
    );
    this.addSql(
      `alter table "client_job" add constraint "client_job_kind_check" check (kind in ('IMPORT', 'TAG', 'UNTAG', 'OPT_OUT', 'DELETE'))`,
    );
    this.addSql(
      `alter table "client_job" add constraint "client_job_status_check" check (status in ('QUEUED', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED'))`,
    );
    // No foreign key to the job: it would be looked up for each of a million rows.
    this.addSql(
      `create table "client_job_row" ("job_id" bigint not null, "line" int not null, "cells" text[] not null, "phone" text null, "operator_code" text null, "tags" text[] null, "time_zone" text null, "attributes" jsonb null, "problems" jsonb null, primary key ("job_id", "line"))`,
    );
    this.addSql(
      `create index "client_job_row_phone_index" on "client_job_row" ("job_id", "phone") where problems is null`,
    );
    this.addSql(
      `create index "client_job_row_problems_index" on "client_job_row" ("job_id", "line") where problems is not null`,
    );
    // Several lines of a file with one phone, laid over each other in the order of the file.
    this.addSql(`create aggregate jsonb_overlay (jsonb) (sfunc = jsonb_concat, stype = jsonb, initcond = '{}')`);
    this.addSql(`
      create function without_doubles(labels text[]) returns text[] language sql immutable strict parallel safe as $$
        select coalesce(array_agg(label order by first), '{}')
        from (select label, min(at) as first from unnest(labels) with ordinality as l (label, at) group by label) one
      $$`);
  }
}
