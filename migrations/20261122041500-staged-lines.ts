import { Migration } from '@mikro-orm/migrations';

/**
 * Lines of files come and go by the million, and statistics that were taken between two files say that a job has none: each of its
 * phones was then looked for through all its lines. Without any, PostgreSQL takes a job for a two-hundredth of the table, and keeps to
 * the index. Naming the type again drops what there is; it rewrites no row.
 */
export class Migration20261122041500StagedLines extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '1s'`);
    for (const [column, type] of [
      ['job_id', 'bigint'],
      ['line', 'int'],
      ['phone', 'text'],
    ]) {
      this.addSql(
        `alter table "client_job_row" alter column "${column}" type ${type}, alter column "${column}" set statistics 0`,
      );
    }
  }
}
