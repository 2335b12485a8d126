import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Message ids are taken from the sequence `message_block` in blocks of this many; a block belongs to one mailing. */
export const MESSAGE_BLOCK = 10_000;

/** Which mailing a block of message ids belongs to: `first = id - id % MESSAGE_BLOCK` finds it. */
@Entity({ tableName: 'message_range' })
@Index({ name: 'message_range_test_index', properties: ['mailingId', 'first'], where: "kind = 'TEST'" })
export class MessageRange {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: false })
  first!: string;

  /** The last id of it that a message has. */
  @Property({ type: new BigIntType('string') })
  last!: string;

  @Property({ type: new BigIntType('string') })
  mailingId!: string;

  /** Test sends have blocks of their own, filled one by one, so that they can be found among a million others. */
  @Property({ type: 'text', default: 'CAMPAIGN' })
  kind!: 'CAMPAIGN' | 'TEST';
}
