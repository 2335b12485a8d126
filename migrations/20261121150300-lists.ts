import { Migration } from '@mikro-orm/migrations';

/** Every four digits in a row of a phone: an index of these finds a part of one. Eleven digits have eight of them. */
const PHONE_PARTS = `
create or replace function phone_parts(phone text) returns text[] language sql immutable strict parallel safe
return array[substr(phone, 1, 4), substr(phone, 2, 4), substr(phone, 3, 4), substr(phone, 4, 4),
  substr(phone, 5, 4), substr(phone, 6, 4), substr(phone, 7, 4), substr(phone, 8, 4)]`;

/** What lists are filtered and sorted by; see 20261121111700-without-a-lock.ts. */
export class Migration20261121150300Lists extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    this.addSql(PHONE_PARTS);
    this.addSql(
      `create table if not exists "mailing_tally" ("mailing_id" bigint not null, "version" bigint not null, "at" timestamptz not null, "took_ms" int not null, primary key ("mailing_id"))`,
    );
    this.addSql(
      `create table if not exists "mailing_tally_count" ("dimension" text not null, "quarter" timestamptz not null, "mailing_id" bigint not null, "value" text not null, "status" text not null, "count" int not null, primary key ("dimension", "quarter", "mailing_id", "value", "status"))`,
    );
    for (const [name, what] of [
      ['client_phone_parts_index', `"client" using gin (phone_parts(phone)) where deleted_at is null`],
      ['client_updated_at_index', `"client" ("updated_at", "id") where deleted_at is null`],
      ['mailing_tally_count_mailing_index', `"mailing_tally_count" ("mailing_id")`],
      ['mailing_starts_at_index', `"mailing" ("starts_at", "id") where deleted_at is null`],
      ['mailing_ends_at_index', `"mailing" ("ends_at", "id") where deleted_at is null`],
      ['client_deleted_phone_index', `"client" ("phone") where deleted_at is not null`],
    ]) {
      // One that was interrupted leaves an invalid index behind.
      this.addSql(`drop index concurrently if exists "${name}"`);
      this.addSql(`create index concurrently "${name}" on ${what}`);
    }
  }
}
