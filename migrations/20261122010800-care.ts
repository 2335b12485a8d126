import { Migration } from '@mikro-orm/migrations';

/** HMAC-SHA256 (RFC 2104) of a phone by the key of this database. Null: there is no key, which cannot be. */
const ERASED_PHONE_HASH = `
create function erased_phone_hash(phone text) returns bytea language sql stable strict parallel safe as $$
  select sha256(outer_pad || sha256(inner_pad || convert_to(phone, 'UTF8'))) from erasure_key
$$`;

/** The key as HMAC takes it, filled up to a block and laid over with both pads. Two random UUIDs have 244 random bits. */
const ERASURE_KEY = `
insert into erasure_key (inner_pad, outer_pad)
select string_agg(set_byte('\\x00', 0, get_byte(key, n) # 54), null order by n),
  string_agg(set_byte('\\x00', 0, get_byte(key, n) # 92), null order by n)
from (select uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || decode(repeat('00', 32), 'hex') as key) k,
  generate_series(0, 63) n`;

/** Where the database has lived, what was removed of old mailings, and what is kept of phones that were erased. */
export class Migration20261122010800Care extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '1s'`);
    this.addSql(
      `create table "database_place" ("id" bigserial primary key, "noticed_at" timestamptz not null default clock_timestamp(), "server" text not null, "database" text not null, "restored" boolean not null default false, "copied_at" timestamptz null, "first_block" bigint null, "ready_at" timestamptz null, "settled_at" timestamptz null, "settled_by" text null)`,
    );
    this.addSql(`alter table "mailing" add "pruned_at" timestamptz null, add "keep_days" int null`);
    this.addSql(`alter table "client" add "erased_at" timestamptz null`);
    this.addSql(
      `create table "erased_phone" ("hash" bytea not null, "opted_out_at" timestamptz not null, "erased_at" timestamptz not null default clock_timestamp(), primary key ("hash"))`,
    );
    // One row, and nothing but SQL reads it.
    this.addSql('create table erasure_key (inner_pad bytea not null, outer_pad bytea not null)');
    this.addSql(ERASURE_KEY);
    this.addSql(ERASED_PHONE_HASH);
  }
}
