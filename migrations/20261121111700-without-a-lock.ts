import { Migration } from '@mikro-orm/migrations';

/** What reads all of `message`, in ways that let everybody go on working with it meanwhile. */
export class Migration20261121111700WithoutALock extends Migration {
  /** An index that is built concurrently cannot be part of a transaction; each statement can be run again. */
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql('alter table "message" validate constraint "message_text_check"');
    this.addSql('alter table "message" validate constraint "message_client_check"');
    // One that was interrupted leaves an invalid index behind.
    this.addSql('drop index concurrently if exists "message_test_index"');
    this.addSql(
      `create index concurrently "message_test_index" on "message" ("mailing_id", "id") where status = 'OPEN' and kind = 'TEST'`,
    );
    this.addSql('drop index concurrently if exists "message_retry_index"');
    this.addSql(
      `create index concurrently "message_retry_index" on "message" ("mailing_id", "due_at") where status = 'OPEN' and waiting_for = 'RETRY'`,
    );
    this.addSql('drop index concurrently if exists "message_range_test_index"');
    this.addSql(
      `create index concurrently "message_range_test_index" on "message_range" ("mailing_id", "first") where kind = 'TEST'`,
    );
  }
}
