import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { Mailing } from './mailing.js';

/** A step of a mailing's life. */
export enum MailingEventKind {
  CREATED = 'CREATED',
  EDITED = 'EDITED',
  SCHEDULED = 'SCHEDULED',
  STARTED = 'STARTED',
  LAUNCHED = 'LAUNCHED',
  PAUSED = 'PAUSED',
  RESUMED = 'RESUMED',
  CANCELLED = 'CANCELLED',
  COMPLETED = 'COMPLETED',
  REOPENED = 'REOPENED',
  DELETED = 'DELETED',
}

registerEnumType(MailingEventKind, {
  name: 'MailingEventKind',
  description: "A step of a mailing's life.",
  valuesConfig: {
    CREATED: { description: 'It was made, as a draft or scheduled.' },
    EDITED: { description: 'Fields were changed; `details` names them.' },
    SCHEDULED: { description: 'From a draft it became one that starts by itself.' },
    STARTED: { description: 'A person moved its start to that moment.' },
    LAUNCHED: { description: 'Its messages began to be made.' },
    PAUSED: { description: 'A person held it.' },
    RESUMED: { description: 'A person let it go on.' },
    CANCELLED: { description: 'A person stopped it for good.' },
    COMPLETED: { description: 'Its last message got its final status.' },
    REOPENED: { description: 'A person had failed messages tried again.' },
    DELETED: { description: 'A person hid it.' },
  },
});

/** One row a step, with who and when by the database's clock, kept for good. */
@ObjectType({ description: "A step of a mailing's life: who did what, and when." })
@Entity({ tableName: 'mailing_event' })
@Index({ name: 'mailing_event_mailing_index', properties: ['mailingId', 'id'] })
export class MailingEvent {
  @Field(() => ID, { description: 'A 64-bit integer, as a string; grows with time.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @ManyToOne(() => Mailing, { mapToPk: true, fieldName: 'mailing_id', deleteRule: 'cascade', updateRule: 'no action' })
  mailingId!: string;

  @Field(() => DateTime, { description: "When, by the database's clock." })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  at!: Date;

  @Field(() => MailingEventKind, { description: 'Which step it was.' })
  @Property({ type: 'text' })
  kind!: MailingEventKind;

  @Field(() => String, { description: 'Who did it: `admin`, `session`, or `heliograph` itself.' })
  @Property({ type: 'text', name: 'by' })
  by!: string;

  /** Start, end, window, limit and plan as they hold from this step on; what `verify` holds arrivals against. */
  @Field(() => GraphQLJSONObject, {
    description:
      'Start, end, window and rate limit as they hold from this step on; what was edited, or which mailing it is a copy of.',
  })
  @Property({ type: 'jsonb', defaultRaw: "'{}'" })
  details: Record<string, unknown> = {};
}
