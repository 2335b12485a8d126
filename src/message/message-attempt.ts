import { BigIntType, PrimaryKeyProp } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

/**
 * An attempt that was not the last one. The last stays on the message row, so a timeline costs nothing when all goes
 * well: the row comes here when the next attempt is recorded, or when a claim finds a lease that ran out.
 */
@Entity({ tableName: 'message_attempt' })
export class MessageAttempt {
  [PrimaryKeyProp]?: ['mailingId', 'messageId', 'fence'];

  @PrimaryKey({ type: new BigIntType('string') })
  mailingId!: string;

  @PrimaryKey({ type: new BigIntType('string') })
  messageId!: string;

  @PrimaryKey({ type: 'integer' })
  fence!: number;

  @Property({ type: 'timestamptz' })
  startedAt!: Date;

  /** Null: its worker died, so nobody knows. */
  @Property({ type: 'timestamptz', nullable: true })
  endedAt: Date | null = null;

  /** accepted, rejected, retry, unknown, or lost: the worker died with it in hand. */
  @Property({ type: 'text' })
  outcome!: string;

  @Property({ type: 'integer', nullable: true })
  gatewayCode: number | null = null;

  @Property({ type: 'text', nullable: true })
  reason: string | null = null;
}
