import { Migration } from '@mikro-orm/migrations';

/** Daily reports, and the letters they are sent in. Touches no table there was. */
export class Migration20261122005000DailyReport extends Migration {
  override up(): void {
    this.addSql(
      `create table "daily_report" ("day" date not null, "time_zone" text not null, "booked_at" timestamptz not null default clock_timestamp(), "booked_by" text not null, "content" jsonb not null, "subject" text not null, "html" text not null, "text" text not null, primary key ("day"))`,
    );
    this.addSql(
      `create table "daily_report_letter" ("day" date not null, "recipient" text not null, "message_id" text not null, "state" text not null default 'WAITING', "next_try_at" timestamptz not null default clock_timestamp(), "give_up_at" timestamptz not null, "lease_until" timestamptz null, "fence" int not null default 0, "tries" int not null default 0, "handed_at" timestamptz null, "sent_at" timestamptz null, "problem" text null, primary key ("day", "recipient"))`,
    );
    this.addSql(
      `create index "daily_report_letter_due_index" on "daily_report_letter" ("next_try_at") where state in ('WAITING', 'SENDING', 'HANDING_OVER')`,
    );
    this.addSql(
      `alter table "daily_report_letter" add constraint "daily_report_letter_state_check" check (state in ('WAITING', 'SENDING', 'HANDING_OVER', 'SENT', 'REFUSED', 'IN_DOUBT', 'GIVEN_UP'))`,
    );
    this.addSql(
      `alter table "daily_report_letter" add constraint "daily_report_letter_day_foreign" foreign key ("day") references "daily_report" ("day") on update no action on delete cascade`,
    );
  }
}
