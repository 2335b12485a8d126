import { BigIntType } from '@mikro-orm/core';
import { Check, Entity, Formula, Index, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DateTime, PhoneNumber, TimeZone } from '../graphql/scalars.js';
import { microsOf } from '../platform/micros.js';
import { TextArrayType } from '../platform/sql-arrays.js';

/** A person to reach. Deleting hides the row; its messages stay as history. */
@ObjectType({ description: 'A person to reach.' })
@Entity({ tableName: 'client', comment: 'A person to reach; a deleted one is hidden, never removed at once' })
@Unique({ name: 'client_phone_unique', properties: ['phone'], where: 'deleted_at is null' })
@Index({ name: 'client_tags_index', properties: ['tags'], type: 'gin' })
@Index({ name: 'client_operator_code_index', properties: ['operatorCode', 'id'] })
@Index({ name: 'client_time_zone_index', properties: ['timeZone', 'id'] })
@Index({ name: 'client_updated_at_index', properties: ['updatedAt', 'id'], where: 'deleted_at is null' })
@Index({
  name: 'client_phone_parts_index',
  expression:
    'create index "client_phone_parts_index" on "client" using gin (phone_parts(phone)) where deleted_at is null',
})
@Index({ name: 'client_deleted_phone_index', properties: ['phone'], where: 'deleted_at is not null' })
@Index({ name: 'client_opted_out_index', properties: ['id'], where: 'opted_out_at is not null' })
export class Client {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Field(() => PhoneNumber, { description: 'Eleven digits that begin with 7: `79161234567`.' })
  @Property({ type: 'text' })
  @Check({ name: 'client_phone_check', expression: "phone ~ '^7[0-9]{10}$'" })
  phone!: string;

  @Field(() => String, {
    description: 'Three digits; taken from the phone when left out (numbers move, so it may differ).',
  })
  @Property({ type: 'text' })
  operatorCode!: string;

  @Field(() => [String], { description: 'Free labels, no doubles.' })
  @Property({ type: new TextArrayType(), defaultRaw: "'{}'" })
  tags: string[] = [];

  @Field(() => TimeZone, { description: 'IANA name: `Asia/Yekaterinburg`.' })
  @Property({ type: 'text' })
  timeZone!: string;

  @Field(() => GraphQLJSONObject, {
    description: 'What the text of a mailing may use: `{{ name }}`. Strings, numbers and booleans.',
  })
  @Property({ type: 'jsonb', defaultRaw: "'{}'" })
  attributes: Record<string, string | number | boolean> = {};

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when this person wants no messages, as this client or as a former one with the same phone.',
  })
  @Property({ type: 'timestamptz', nullable: true })
  optedOutAt: Date | null = null;

  @Field(() => DateTime, { description: 'When it was added.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When it was changed last; on creation, when it was added.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  updatedAt!: Date;

  /** `updatedAt` in whole µs since the epoch: cursors need what a Date cuts off. */
  @Formula((c) => microsOf(String(c.updatedAt)), { type: new BigIntType('string') })
  readonly updatedAtMicros!: string;

  /** Hidden since then; unique phones count only clients that are not deleted. */
  @Property({ type: 'timestamptz', nullable: true })
  deletedAt: Date | null = null;

  /** Its personal data was erased: nothing of the person is left (care/erase.ts). */
  @Property({ type: 'timestamptz', nullable: true })
  erasedAt: Date | null = null;

  @Field(() => Int, {
    description: 'Grows with every change; send it back to make sure nobody changed it in between.',
  })
  @Property({ type: 'integer', version: true, default: 1 })
  revision!: number;
}
