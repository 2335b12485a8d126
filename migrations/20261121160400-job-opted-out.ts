import { Migration } from '@mikro-orm/migrations';

/** How many opt-outs an import found that were left with phones. Rewrites no row. */
export class Migration20261121160400JobOptedOut extends Migration {
  override up(): void {
    this.addSql(`alter table "client_job" add column "opted_out" int not null default 0`);
  }
}
