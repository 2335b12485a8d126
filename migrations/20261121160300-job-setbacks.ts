import { Migration } from '@mikro-orm/migrations';

/** What a job on clients that does not get on has tried: it takes less at once, and gives up in the end. Rewrites no row. */
export class Migration20261121160300JobSetbacks extends Migration {
  override up(): void {
    this.addSql(
      `alter table "client_job" add column "batch_size" int null, add column "setbacks" int not null default 0`,
    );
  }
}
