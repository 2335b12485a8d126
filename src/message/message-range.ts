import { BigIntType } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** Message ids are taken from the sequence `message_block` in blocks of this many; a block belongs to one mailing. */
export const MESSAGE_BLOCK = 10_000;

/** Which mailing a block of message ids belongs to: `first = id - id % MESSAGE_BLOCK` finds it. */
@Entity({ tableName: 'message_range' })
export class MessageRange {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: false })
  first!: string;

  @Property({ type: new BigIntType('string') })
  last!: string;

  @Property({ type: new BigIntType('string') })
  mailingId!: string;
}
