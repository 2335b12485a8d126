import { Migration } from '@mikro-orm/migrations';

/** How many of a batch were sent, so that nobody has to unpack its statuses to know. Rows of before have null; they go within a day. */
export class Migration20261121213500Throughput extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '1s'`);
    this.addSql(`alter table "mailing_change" add column "sent" int null`);
  }
}
