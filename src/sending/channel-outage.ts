import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * A time in which a channel sent nothing, or not from every worker: from the first circuit that opened until none had been open
 * for a minute. So a gateway that comes and goes is one outage, however many workers see it. At most one of a channel lasts.
 */
@Entity({ tableName: 'channel_outage' })
@Index({
  name: 'channel_outage_now',
  expression: 'create unique index "channel_outage_now" on "channel_outage" ("channel") where closed_at is null',
})
export class ChannelOutage {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Property({ type: 'text' })
  channel!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  openedAt!: Date;

  /** When a circuit of it was last seen open. */
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  seenAt!: Date;

  /** Null: it lasts. */
  @Property({ type: 'timestamptz', nullable: true })
  closedAt!: Date | null;

  /** What the attempt came to that opened the first circuit: no phone, no text. */
  @Property({ type: 'text' })
  reason!: string;
}
