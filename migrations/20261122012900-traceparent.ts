import { Migration } from '@mikro-orm/migrations';

/** By which the trace of a mailing goes on from whoever changed it last to the workers. Null without tracing, and for rows of before. */
export class Migration20261122012900Traceparent extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '1s'`);
    this.addSql(`alter table "mailing" add column "traceparent" text null`);
  }
}
