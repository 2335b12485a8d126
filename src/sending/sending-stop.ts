import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';

/**
 * The switch that holds all sending, and its history, kept for good: a row without `resumedAt` is in force, and at most
 * one can be. Claims look at it (claim-messages.ts), so a stop works as a pause of every mailing does.
 */
@ObjectType({ description: 'Once that all sending was stopped.', simpleResolvers: true })
@Entity({ tableName: 'sending_stop' })
@Index({
  name: 'sending_stop_in_force',
  expression: 'create unique index "sending_stop_in_force" on "sending_stop" ((true)) where resumed_at is null',
})
export class SendingStop {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Field(() => DateTime, { description: 'Nothing is under way later than one time-out after this moment.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  stoppedAt!: Date;

  @Field(() => String, { description: 'Who stopped it.' })
  @Property({ type: 'text' })
  stoppedBy!: string;

  @Field(() => String, { nullable: true, description: "Why, in that person's words." })
  @Property({ type: 'text', nullable: true })
  reason: string | null = null;

  @Field(() => DateTime, { nullable: true, description: 'When sending went on; null: it is stopped.' })
  @Property({ type: 'timestamptz', nullable: true })
  resumedAt: Date | null = null;

  @Field(() => String, { nullable: true, description: 'Who had it go on.' })
  @Property({ type: 'text', nullable: true })
  resumedBy: string | null = null;
}
