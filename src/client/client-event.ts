import { BigIntType } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { Client } from './client.js';

/** What happened to a client that decides whether and when messages may reach it. */
export const ClientEventKind = {
  OPTED_OUT: 'OPTED_OUT',
  OPTED_IN: 'OPTED_IN',
  DELETED: 'DELETED',
  RESTORED: 'RESTORED',
  TIME_ZONE_CHANGED: 'TIME_ZONE_CHANGED',
} as const;
export type ClientEventKind = keyof typeof ClientEventKind;

registerEnumType(ClientEventKind, {
  name: 'ClientEventKind',
  description: 'What happened to a client that decides whether and when messages may reach it.',
  valuesConfig: {
    OPTED_OUT: { description: 'It wants no messages from then on, or came with a phone whose owner wanted none.' },
    OPTED_IN: { description: 'That was taken back.' },
    DELETED: { description: 'A person hid it.' },
    RESTORED: { description: 'A person brought it back.' },
    TIME_ZONE_CHANGED: { description: 'It lives by another clock: `details` has both.' },
  },
});

/** One row a change, by the database's clock, kept for good: what `verify` holds arrivals against. */
@ObjectType({ description: 'What happened to a client that decides whether and when messages may reach it.' })
@Entity({ tableName: 'client_event' })
@Index({ name: 'client_event_client_index', properties: ['clientId', 'at'] })
export class ClientEvent {
  @Field(() => ID, { description: 'A 64-bit integer, as a string; grows with time.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @ManyToOne(() => Client, { mapToPk: true, fieldName: 'client_id', deleteRule: 'cascade', updateRule: 'no action' })
  clientId!: string;

  @Field(() => DateTime, { description: "When, by the database's clock." })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  at!: Date;

  @Field(() => ClientEventKind, { description: 'What it was.' })
  @Property({ type: 'text' })
  kind!: ClientEventKind;

  @Field(() => String, { description: 'Who did it: `admin`, `user:<e-mail>`, `token:<name>`, `import`.' })
  @Property({ type: 'text', name: 'by' })
  by!: string;

  /**
   * Old and new values where they matter: `{"from": "Europe/Moscow", "to": "Asia/Omsk"}`. Of an opt-out that came with the phone:
   * `{"formerClientId": "12", "since": "…"}`.
   */
  @Field(() => GraphQLJSONObject, {
    description:
      '`from` and `to` of a time zone. Of an opt-out that came with the phone: `formerClientId` and `since` when it holds.',
  })
  @Property({ type: 'jsonb', defaultRaw: "'{}'" })
  details: Record<string, unknown> = {};
}
