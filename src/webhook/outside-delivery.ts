import { BigIntType } from '@mikro-orm/core';
import { Check, Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { OutsideEvent } from '../platform/outside-event.js';
import { Webhook } from './webhook.js';

/**
 * One event on its way to one webhook, or to one e-mail address. Who is at it holds its lease, and writes what came of it by the
 * fence it was given, so a worker that was killed, or stood still, costs at most another try under the same id.
 */
@Entity({ tableName: 'outside_delivery' })
@Check({ name: 'outside_delivery_target_check', expression: '(webhook_id is null) <> (recipient is null)' })
@Index({ name: 'outside_delivery_webhook_index', properties: ['webhookId', 'id'] })
@Index({ name: 'outside_delivery_event_index', properties: ['eventId'] })
@Index({ name: 'outside_delivery_due_index', properties: ['webhookId', 'nextAt'], where: "status = 'WAITING'" })
export class OutsideDelivery {
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @ManyToOne(() => OutsideEvent, {
    mapToPk: true,
    fieldName: 'event_id',
    deleteRule: 'cascade',
    updateRule: 'no action',
    index: false,
  })
  eventId!: string;

  @ManyToOne(() => Webhook, {
    mapToPk: true,
    nullable: true,
    fieldName: 'webhook_id',
    deleteRule: 'cascade',
    updateRule: 'no action',
    index: false,
  })
  webhookId!: string | null;

  /** An e-mail address; null: it goes to a webhook. */
  @Property({ type: 'text', nullable: true })
  recipient!: string | null;

  /** `WAITING`, `DELIVERED`, or `FAILED` when it was given up. */
  @Property({ type: 'text', default: 'WAITING' })
  status!: string;

  /** Since it was made, or last sent again by a person. */
  @Property({ type: 'integer', default: 0 })
  tries!: number;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  nextAt!: Date;

  /** Grows with each try, for good. */
  @Property({ type: 'integer', default: 0 })
  fence!: number;

  @Property({ type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  /** When the last try ended. */
  @Property({ type: 'timestamptz', nullable: true })
  triedAt!: Date | null;

  @Property({ type: 'integer', nullable: true })
  answerStatus!: number | null;

  /** The first kilobyte of it. */
  @Property({ type: 'text', nullable: true })
  answerBody!: string | null;

  /** Why the last try came to nothing. */
  @Property({ type: 'text', nullable: true })
  reason!: string | null;
}
