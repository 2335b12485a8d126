import { BigIntType, PrimaryKeyProp } from '@mikro-orm/core';
import { Check, Entity, Formula, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Client } from '../client/client.js';
import { DateTime, PhoneNumber, TimeZone } from '../graphql/scalars.js';

/** What is stored. An open message's shown status follows from its lease and `due_at` by the database's clock. */
export type StoredStatus = 'OPEN' | 'SENT' | 'FAILED' | 'EXPIRED' | 'CANCELLED' | 'UNKNOWN';

/** What is shown. */
export enum MessageStatus {
  ENQUEUED = 'ENQUEUED',
  DELAYED = 'DELAYED',
  SENDING = 'SENDING',
  SENT = 'SENT',
  FAILED = 'FAILED',
  EXPIRED = 'EXPIRED',
  CANCELLED = 'CANCELLED',
  UNKNOWN = 'UNKNOWN',
}

registerEnumType(MessageStatus, {
  name: 'MessageStatus',
  description: 'Where one message stands.',
  valuesConfig: {
    ENQUEUED: { description: 'Due; waits for a worker.' },
    DELAYED: { description: 'Not due yet: see `waitingFor` and `dueAt`.' },
    SENDING: { description: 'A worker has it in hand.' },
    SENT: { description: 'The gateway accepted it. Final.' },
    FAILED: { description: 'Refused for good. Final unless a person retries it.' },
    EXPIRED: { description: 'The mailing ended before it could be sent. Final.' },
    CANCELLED: {
      description: 'The mailing was cancelled, or the client opted out or was deleted, before it was sent. Final.',
    },
    UNKNOWN: {
      description:
        'Not sent as far as we know, but the outcome of an attempt was never known: it may have been. Final.',
    },
  },
});

/** What holds back an open message, or a mailing. Only WINDOW and RETRY are stored; the others hold for a whole mailing. */
export enum WaitingFor {
  START = 'START',
  STOPPED = 'STOPPED',
  PAUSED = 'PAUSED',
  CIRCUIT = 'CIRCUIT',
  WORKER = 'WORKER',
  RATE = 'RATE',
  WINDOW = 'WINDOW',
  RETRY = 'RETRY',
}

registerEnumType(WaitingFor, {
  name: 'WaitingFor',
  description: 'What a mailing or a message waits for.',
  valuesConfig: {
    START: { description: 'The start of the mailing. Of mailings only: messages are made at the start.' },
    STOPPED: { description: 'A person stopped all sending, of every mailing: see `sending`.' },
    PAUSED: { description: 'The mailing is paused.' },
    CIRCUIT: { description: 'Its channel cannot be used just now, and is tried again by itself.' },
    WORKER: {
      description:
        'Nobody has taken it in hand for ten seconds: no worker is running, none serves its channel, or all are busy.',
    },
    RATE: { description: 'More is due than may go in a second, by the limit of the mailing or of its channel.' },
    WINDOW: { description: "The client's local time is outside the mailing's window." },
    RETRY: { description: 'An attempt did not succeed; the next one is at `dueAt`.' },
  },
});

/** What is shown of a message, by these columns of it, in SQL; the times are the database's. */
export function shownStatusOf(status: string, leaseUntil: string, dueAt: string): string {
  return `case
    when ${status} <> 'OPEN' then ${status}
    when ${leaseUntil} > statement_timestamp() then 'SENDING'
    when ${dueAt} <= statement_timestamp() then 'ENQUEUED'
    else 'DELAYED' end`;
}

/**
 * One mailing to one client. The id is what the gateway sees; ids are taken in blocks (message-range.ts), so an id
 * alone leads to its mailing and every hot statement can name one mailing (partitions, Citus).
 * Phone, zone and attributes are copied at launch: the same id always carries the same payload.
 *
 * No foreign key to `mailing`: each insert would take a shared lock on the hottest row there is. Mailings are
 * removed only by retention, after their messages.
 */
@ObjectType({ description: 'One mailing to one client.' })
@Entity({ tableName: 'message' })
@Unique({ name: 'message_mailing_client_unique', properties: ['mailingId', 'clientId'], where: "kind = 'CAMPAIGN'" })
@Index({
  name: 'message_due_index',
  properties: ['mailingId', 'dueAt', 'id'],
  where: "status = 'OPEN'",
})
@Index({
  name: 'message_retry_index',
  properties: ['mailingId', 'dueAt'],
  where: "status = 'OPEN' and waiting_for = 'RETRY'",
})
@Index({
  name: 'message_test_index',
  properties: ['mailingId', 'id'],
  where: "status = 'OPEN' and kind = 'TEST'",
})
@Check({ name: 'message_client_check', expression: "kind = 'TEST' or client_id is not null" })
@Check({ name: 'message_text_check', expression: "(kind = 'TEST') = (text is not null)" })
@Index({
  name: 'message_not_sent_index',
  properties: ['mailingId', 'status', 'id'],
  where: "status in ('FAILED', 'EXPIRED', 'CANCELLED', 'UNKNOWN')",
})
export class Message {
  [PrimaryKeyProp]?: ['mailingId', 'id'];

  @PrimaryKey({ type: new BigIntType('string') })
  mailingId!: string;

  @Field(() => ID, { description: 'A 64-bit integer below 2^53, as a string: the id in POST /v1/send/{id}.' })
  @PrimaryKey({ type: new BigIntType('string') })
  id!: string;

  @ManyToOne(() => Client, {
    mapToPk: true,
    fieldName: 'client_id',
    deleteRule: 'no action',
    updateRule: 'no action',
    index: false,
    nullable: true,
  })
  clientId!: string | null;

  /** CAMPAIGN, or TEST: a test send is in no count. */
  @Property({ type: 'text', default: 'CAMPAIGN' })
  @Check({ name: 'message_kind_check', expression: "kind in ('CAMPAIGN', 'TEST')" })
  kind!: 'CAMPAIGN' | 'TEST';

  @Field(() => Boolean, {
    description: 'A person sent it to try the text out: it is in no list and no count of its mailing.',
  })
  get isTest(): boolean {
    return this.kind === 'TEST';
  }

  /** Of a test send: its words as they were rendered, for the mailing may be edited still; null: see the mailing. */
  @Property({ type: 'text', nullable: true, name: 'text' })
  ownText: string | null = null;

  @Field(() => PhoneNumber, { description: 'As it was at launch.' })
  @Property({ type: 'text' })
  phone!: string;

  @Field(() => TimeZone, { description: 'As it was at launch.' })
  @Property({ type: 'text' })
  timeZone!: string;

  /** As they were at launch; the text is rendered from them, so it needs not be stored a million times. */
  @Property({ type: 'jsonb' })
  attributes!: Record<string, string | number | boolean>;

  @Property({ type: 'text' })
  @Check({
    name: 'message_status_check',
    expression: "status in ('OPEN', 'SENT', 'FAILED', 'EXPIRED', 'CANCELLED', 'UNKNOWN')",
  })
  status!: StoredStatus;

  /** What is shown of it when it is read; the times are the database's. */
  @Field(() => MessageStatus, { name: 'status', description: 'Where it stands at this moment.' })
  @Formula((m) => shownStatusOf(`${m.status}`, `${m.leaseUntil}`, `${m.dueAt}`), { type: 'text' })
  readonly shownStatus!: MessageStatus;

  @Field(() => DateTime, { description: 'The first moment it may be sent, or be tried again.' })
  @Property({ type: 'timestamptz' })
  dueAt!: Date;

  /** When the client's window closes, or the mailing ends: nothing of it is under way at or after. */
  @Property({ type: 'timestamptz' })
  windowEndsAt!: Date;

  /** Kept when it is due or over; shown while it is DELAYED (mailing-message.resolver.ts). */
  @Property({ type: 'text', nullable: true })
  waitingFor: WaitingFor | null = null;

  /** The mailing's plan under which `dueAt` was worked out. */
  @Property({ type: 'integer' })
  plan!: number;

  /** A worker has it until then; past and not cleared: that worker died, and the outcome is unknown. */
  @Property({ type: 'timestamptz', nullable: true })
  leaseUntil: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  claimedAt: Date | null = null;

  /** Counts claims and only grows; a record of an older claim writes nothing but SENT. */
  @Field(() => Int, { name: 'attempts', description: 'How often a worker took it in hand.' })
  @Property({ type: 'integer', default: 0 })
  fence: number = 0;

  /** What `maxAttempts` counts: not a 401, not a batch handed back. */
  @Property({ type: 'integer', default: 0 })
  triesUsed: number = 0;

  /** An attempt's outcome was never known; never taken back. */
  @Property({ type: 'boolean', default: false })
  uncertain: boolean = false;

  /** The last attempt, by the database's clock; earlier ones are in message_attempt. */
  @Property({ type: 'timestamptz', nullable: true })
  attemptStartedAt: Date | null = null;

  @Property({ type: 'timestamptz', nullable: true })
  attemptEndedAt: Date | null = null;

  /** The fence of that attempt. */
  @Property({ type: 'integer', nullable: true })
  attemptFence: number | null = null;

  /** accepted, rejected, retry or unknown: see channel.ts. */
  @Property({ type: 'text', nullable: true })
  attemptOutcome: string | null = null;

  @Field(() => Int, { nullable: true, description: "The HTTP status of the gateway's last answer." })
  @Property({ type: 'integer', nullable: true })
  gatewayCode: number | null = null;

  @Field(() => String, { nullable: true, description: 'Why the last attempt did not succeed, or why there was none.' })
  @Property({ type: 'text', nullable: true })
  reason: string | null = null;

  @Field(() => DateTime, { description: 'When it was made: at launch, or when a person sent it for a test.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When the gateway accepted it.' })
  @Property({ type: 'timestamptz', nullable: true })
  sentAt: Date | null = null;
}
