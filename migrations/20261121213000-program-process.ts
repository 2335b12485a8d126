import { Migration } from '@mikro-orm/migrations';

/** Which processes of the program are alive. Touches no table there was. */
export class Migration20261121213000ProgramProcess extends Migration {
  override up(): void {
    this.addSql(
      `create table "program_process" ("id" text not null, "role" text not null, "host" text not null, "version" text not null, "node_version" text not null, "started_at" timestamptz not null default clock_timestamp(), "seen_at" timestamptz not null default clock_timestamp(), primary key ("id"))`,
    );
  }
}
