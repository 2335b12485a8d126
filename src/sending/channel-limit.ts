import { BigIntType } from '@mikro-orm/core';
import { Check, Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * Messages a second of a channel, over all workers, and how that was changed: the newest row of a channel is in force,
 * the older ones are what `verify` holds earlier arrivals against.
 */
@Entity({ tableName: 'channel_limit' })
@Index({ name: 'channel_limit_channel_index', properties: ['channel', 'id'] })
export class ChannelLimit {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Property({ type: 'text' })
  channel!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  at!: Date;

  /** Who set it. */
  @Property({ type: 'text', name: 'by' })
  by!: string;

  /** Messages a second; null: as many as go. */
  @Property({ type: 'integer', nullable: true })
  @Check({ name: 'channel_limit_check', expression: 'rate_limit > 0' })
  rateLimit: number | null = null;
}
