import { Migration } from '@mikro-orm/migrations';

/**
 * A claim touches no index, if there is room for the new row beside the old one; and it claims all rows of a page at once, so that half of
 * the page has to be free. With 30 % free, fewer than half of the claims found room, and the others wrote three index entries each. It
 * holds for pages from now on; those that are full stay as they are.
 */
export class Migration20261122073000RoomForClaims extends Migration {
  override up(): void {
    // Longer than deadlock_timeout, after which an autovacuum makes way. The lock holds up nobody who reads or writes.
    this.addSql(`set local lock_timeout = '3s'`);
    // Where the table is parted (docs/scale.md) it is its parts that have pages.
    this.addSql(`do $$ declare part regclass; begin
      for part in select oid from pg_class
        where relkind = 'r' and (oid = 'message'::regclass or oid in (select relid from pg_partition_tree('message')))
      loop
        execute format('alter table %s set (fillfactor = 50)', part);
      end loop;
    end $$`);
  }
}
