import { ArrayType, BigIntType, PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/** What one batch changed: the log that subscriptions are fed from. Gap-free versions of each mailing, kept for a day. */
@Entity({ tableName: 'mailing_change' })
@Index({ name: 'mailing_change_at_index', properties: ['at'], type: 'brin' })
export class MailingChange {
  [PrimaryKeyProp]?: ['mailingId', 'version'];

  @PrimaryKey({ type: new BigIntType('string') })
  mailingId!: string;

  @PrimaryKey({ type: new BigIntType('string') })
  version!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  at!: Date;

  /** How many messages got a final status with it: what the rate is counted from. */
  @Property({ type: 'integer' })
  finished!: number;

  /** How many of these were sent; null: nobody said, and it is to be counted from `statuses`. */
  @Property({ type: 'integer', nullable: true })
  sent: number | null = null;

  /** Parallel to `statuses`; empty where a change concerns no single message (a launch's chunk). */
  @Property({ type: new ArrayType(String), columnType: 'bigint[]' })
  messageIds!: string[];

  /** What is shown of each message from now on: a final status, or DELAYED. */
  @Property({ type: 'text[]' })
  statuses!: string[];
}
