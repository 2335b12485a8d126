import { Migration } from '@mikro-orm/migrations';

/** Links by which a mailing's report is read without signing in. Touches no row there is. */
export class Migration20261121212000ReportLinks extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '1s'`);
    this.addSql(
      `create table "report_link" ("id" bigserial primary key, "mailing_id" bigint not null, "secret_hash" text not null, "expires_at" timestamptz not null, "revoked_at" timestamptz null, "last_used_at" timestamptz null, "created_at" timestamptz not null default clock_timestamp(), "created_by" text not null)`,
    );
    this.addSql(`alter table "report_link" add constraint "report_link_secret_unique" unique ("secret_hash")`);
    this.addSql(`create index "report_link_mailing_index" on "report_link" ("mailing_id", "id")`);
    this.addSql(
      `alter table "report_link" add constraint "report_link_mailing_id_foreign" foreign key ("mailing_id") references "mailing" ("id") on update no action on delete cascade`,
    );
  }
}
