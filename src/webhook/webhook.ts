import { BigIntType } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { OUTSIDE_EVENTS, type OutsideEventKind } from '../platform/outside-event.js';
import { TextArrayType } from '../platform/sql-arrays.js';

/** The events as GraphQL writes them: `MAILING_STARTED`. */
export const WebhookEvent = Object.fromEntries(
  OUTSIDE_EVENTS.map((kind) => [kind.toUpperCase().replace('.', '_'), kind]),
) as Record<string, OutsideEventKind>;

registerEnumType(WebhookEvent, {
  name: 'WebhookEvent',
  description: 'What a webhook may be told; `type` in its body has it in small letters: `mailing.started`.',
  valuesConfig: {
    MAILING_STARTED: { description: 'The messages of a mailing began to be made.' },
    MAILING_FINISHED: { description: 'Nothing of a mailing is open any more: it was completed, or cancelled.' },
    MAILING_STUCK: { description: 'Nothing of a mailing has moved for STUCK_MINUTES although it is due and allowed.' },
    CIRCUIT_OPENED: {
      description: 'A worker sends nothing by a channel any more: nobody is there, or nobody is taken.',
    },
    CIRCUIT_CLOSED: { description: 'For a minute all workers have sent by that channel again.' },
    WEBHOOK_TEST: { description: 'Somebody sent a test. Each webhook gets its own.' },
  },
});

/** Where programs of others are told what happens here. Its secret is stored as it is: each try is signed with it (ADR 0029). */
@ObjectType({ description: 'An address of a program of yours that is told what happens here.' })
@Entity({ tableName: 'webhook' })
export class Webhook {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Field(() => String, { description: 'Where it is sent to, by POST.' })
  @Property({ type: 'text' })
  url!: string;

  @Field(() => [WebhookEvent], { description: 'What it is told.' })
  @Property({ type: new TextArrayType() })
  events!: OutsideEventKind[];

  /** `whsec_…`, read by who signs and nobody else. */
  @Property({ type: 'text', lazy: true })
  secret!: string;

  @Field(() => Boolean, {
    description: 'False: it is told nothing of what happens, and what waits for it stays where it is.',
  })
  @Property({ type: 'boolean', default: true })
  enabled: boolean = true;

  @Field(() => String, { nullable: true, description: 'Why we disabled it; null: we did not.' })
  @Property({ type: 'text', nullable: true })
  disabledReason: string | null = null;

  @Field(() => DateTime, { description: 'When it was made.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Field(() => String, { description: 'By whom it was made.' })
  @Property({ type: 'text' })
  createdBy!: string;
}
