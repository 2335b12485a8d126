import { Migration } from '@mikro-orm/migrations';

/**
 * A claim touches no index, if there is room for the new row beside the old one; and it claims all rows of a page at once, so that half of
 * the page has to be free. With 30 % free, fewer than half of the claims found room, and the others wrote three index entries each. It
 * holds for pages from now on; those that are full stay as they are.
 */
export class Migration20261122073000RoomForClaims extends Migration {
  override up(): void {
    this.addSql(`set local lock_timeout = '1s'`);
    this.addSql('alter table message set (fillfactor = 50)');
  }
}
