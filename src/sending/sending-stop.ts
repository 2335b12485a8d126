import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * The switch that holds all sending, and its history, kept for good: a row without `resumedAt` is in force, and at most
 * one can be. Claims look at it (claim-messages.ts), so a stop works as a pause of every mailing does.
 */
@Entity({ tableName: 'sending_stop' })
@Index({
  name: 'sending_stop_in_force',
  expression: 'create unique index "sending_stop_in_force" on "sending_stop" ((true)) where resumed_at is null',
})
export class SendingStop {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  stoppedAt!: Date;

  /** Who. */
  @Property({ type: 'text' })
  stoppedBy!: string;

  /** Why, in that person's words. */
  @Property({ type: 'text', nullable: true })
  reason: string | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  resumedAt: Date | null = null;

  @Property({ type: 'text', nullable: true })
  resumedBy: string | null = null;
}
