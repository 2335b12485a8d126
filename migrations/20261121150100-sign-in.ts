import { Migration } from '@mikro-orm/migrations';

/** People with an account of their own, whose session is whose, and the limits of signing in. */
export class Migration20261121150100SignIn extends Migration {
  override up(): void {
    // Who waits for an exclusive lock makes everybody behind wait as well: rather give up, and come again (migrate.ts).
    this.addSql(`set local lock_timeout = '1s'`);
    this.addSql(
      `create table "user_account" ("id" bigserial primary key, "email" text not null, "name" text not null, "role" text not null, "password_hash" text null, "oidc_subject" text null, "created_at" timestamptz not null default clock_timestamp(), "last_sign_in_at" timestamptz null, "disabled_at" timestamptz null)`,
    );
    this.addSql(`comment on table "user_account" is 'A person who may sign in; never removed, only disabled'`);
    this.addSql(`alter table "user_account" add constraint "user_account_email_unique" unique ("email")`);
    this.addSql(`alter table "user_account" add constraint "user_account_oidc_subject_unique" unique ("oidc_subject")`);
    this.addSql(`alter table "user_account" add constraint "user_account_email_check" check (email = lower(email))`);
    this.addSql(
      `alter table "user_account" add constraint "user_account_role_check" check (role in ('viewer', 'operator', 'admin'))`,
    );
    this.addSql(
      `create table "sign_in_limit" ("scope" text not null, "tries" int not null, "free_at" timestamptz not null, "tried_at" timestamptz not null, primary key ("scope"))`,
    );
    this.addSql(`create index "sign_in_limit_tried_at_index" on "sign_in_limit" ("tried_at")`);
    this.addSql(`alter table "session" add "user_id" bigint null`);
    this.addSql(
      `alter table "session" add constraint "session_user_id_foreign" foreign key ("user_id") references "user_account" ("id") on update no action on delete cascade`,
    );
    this.addSql(`create index "session_user_index" on "session" ("user_id")`);
  }
}
