import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import type { OutsideEventKind } from '../platform/outside-event.js';
import { WebhookEvent } from './webhook.js';

/** How it stands with what a webhook is told. */
export enum DeliveryStatus {
  WAITING = 'WAITING',
  DELIVERED = 'DELIVERED',
  FAILED = 'FAILED',
}

registerEnumType(DeliveryStatus, {
  name: 'WebhookDeliveryStatus',
  description: 'How it stands with what a webhook is told.',
  valuesConfig: {
    WAITING: { description: 'It is tried at `nextAt`, or just now.' },
    DELIVERED: { description: 'It was answered with a status from 200 to 299.' },
    FAILED: { description: 'It was tried for a day and given up, or answered with 410. A person may send it again.' },
  },
});

/** One event on its way to one webhook, as people are shown it. */
@ObjectType({ description: 'One event on its way to one webhook.', simpleResolvers: true })
export class WebhookDelivery {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  id!: string;

  @Field(() => String, { description: 'The header `webhook-id`: the same at each try, and for each webhook.' })
  messageId!: string;

  @Field(() => WebhookEvent, { description: 'What it tells of.' })
  event!: OutsideEventKind;

  @Field(() => DateTime, { description: 'When that happened.' })
  at!: Date;

  @Field(() => DeliveryStatus, { description: 'How it stands.' })
  status!: DeliveryStatus;

  @Field(() => Int, { description: 'Tries so far, since it was last sent again by a person.' })
  tries!: number;

  @Field(() => DateTime, { nullable: true, description: 'When it is tried next; null: not any more.' })
  nextAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the last try ended; null: none has.' })
  triedAt!: Date | null;

  @Field(() => Int, { nullable: true, description: 'The HTTP status of the last answer; null: there was none.' })
  answerStatus!: number | null;

  @Field(() => String, { nullable: true, description: 'How that answer began: a kilobyte of it at the most.' })
  answerBody!: string | null;

  @Field(() => String, { nullable: true, description: 'Why the last try came to nothing; null: it did not.' })
  reason!: string | null;
}
