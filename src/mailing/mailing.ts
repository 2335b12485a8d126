import { ArrayType, BigIntType } from '@mikro-orm/core';
import { Check, Entity, Index, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PublicWords } from '../access/allow.js';
import type { ChannelName } from '../channel/channel.js';
import { DateTime, LocalTime, TimeZone } from '../graphql/scalars.js';

/** A person moves it by a step of lifecycle.ts; by itself it is launched (sending/launch.ts) and completed (message/publish-changes.ts). */
export enum MailingStatus {
  DRAFT = 'DRAFT',
  SCHEDULED = 'SCHEDULED',
  RUNNING = 'RUNNING',
  PAUSED = 'PAUSED',
  COMPLETED = 'COMPLETED',
  CANCELLED = 'CANCELLED',
}

registerEnumType(MailingStatus, {
  name: 'MailingStatus',
  description: 'Where a mailing stands.',
  valuesConfig: {
    DRAFT: { description: 'Being written; starts only when somebody schedules or starts it.' },
    SCHEDULED: { description: 'Starts by itself at `startsAt`.' },
    RUNNING: { description: 'Goes out now, each message when its client may be reached.' },
    PAUSED: { description: 'Nothing new is sent until it is resumed; its end still counts.' },
    COMPLETED: { description: 'Every message has its final status.' },
    CANCELLED: { description: 'Stopped for good by a person.' },
  },
});

/** What to do after an attempt whose outcome never became known. */
export enum UnknownOutcome {
  RETRY = 'RETRY',
  NEVER_AGAIN = 'NEVER_AGAIN',
}

registerEnumType(UnknownOutcome, {
  name: 'UnknownOutcome',
  description: 'What to do when it is not known whether an attempt reached the gateway.',
  valuesConfig: {
    RETRY: { description: 'Send it again under the same id: a gateway that knows its ids makes that exactly once.' },
    NEVER_AGAIN: { description: 'Rather lose one than send one twice: the message becomes UNKNOWN.' },
  },
});

/** The channels as the API names them; the values are those that are stored. */
export const MailingChannel = { GATEWAY: 'gateway', CONSOLE: 'console' } as const satisfies Record<
  Uppercase<ChannelName>,
  ChannelName
>;

registerEnumType(MailingChannel, {
  name: 'Channel',
  description: 'A way to send.',
  valuesConfig: {
    GATEWAY: { description: 'The HTTP gateway of the settings.' },
    CONSOLE: { description: "The server's own log: for trying things out." },
  },
});

/** Who a mailing goes to. All conditions must hold; an empty list is no condition. Clients that opted out never match. */
@ObjectType({ description: 'Who a mailing goes to: all conditions hold together, an empty list is no condition.' })
export class AudienceFilter {
  @Field(() => [String], { description: 'Operator codes, any of them.' })
  operatorCodes: string[] = [];

  @Field(() => [String], { description: 'Tags, at least one of them.' })
  tagsAny: string[] = [];

  @Field(() => [String], { description: 'Tags, all of them.' })
  tagsAll: string[] = [];

  @Field(() => [TimeZone], { description: 'IANA time zones, any of them.' })
  timeZones: string[] = [];
}

/**
 * A campaign. Text, filter and channel are frozen from launch, so that one message id always carries one payload.
 * Counts and version are written only with the messages they count, in one transaction (record-outcomes.ts and its kin).
 */
@ObjectType({ description: 'A campaign: one text to every client that matches a filter.' })
@Entity({ tableName: 'mailing' })
@Index({ name: 'mailing_status_index', properties: ['status'] })
@Index({ name: 'mailing_starts_at_index', properties: ['startsAt', 'id'], where: 'deleted_at is null' })
@Index({ name: 'mailing_ends_at_index', properties: ['endsAt', 'id'], where: 'deleted_at is null' })
@Check({ name: 'mailing_end_check', expression: 'ends_at > starts_at' })
@Check({
  name: 'mailing_counts_check',
  expression: 'total = open + sent + failed + expired + cancelled + unknown and open >= 0',
})
export class Mailing {
  @Field(() => ID, { description: 'A 64-bit integer, as a string.' })
  @PrimaryKey({ type: new BigIntType('string'), autoincrement: true })
  id!: string;

  @Field(() => String, { description: 'For people; clients never see it.' })
  @Property({ type: 'text' })
  name!: string;

  @PublicWords()
  @Field(() => String, { description: "Liquid template over the client: `Hello, {{ name | default: 'friend' }}!`" })
  @Property({ type: 'text' })
  text!: string;

  @Field(() => AudienceFilter, { description: 'Who gets it.' })
  @Property({ type: 'jsonb' })
  filter!: AudienceFilter;

  @Field(() => DateTime, { description: 'Goes out from then on, by itself.' })
  @Property({ type: 'timestamptz' })
  startsAt!: Date;

  @Field(() => DateTime, { description: 'Nothing is under way at or after this moment.' })
  @Property({ type: 'timestamptz' })
  endsAt!: Date;

  @Field(() => LocalTime, {
    nullable: true,
    description: "From this time of each client's own clock (inclusive).",
  })
  @Property({ type: 'time', nullable: true })
  allowedFrom: string | null = null;

  @Field(() => LocalTime, {
    nullable: true,
    description: "To this time of each client's own clock (exclusive); earlier than `allowedFrom`: over midnight.",
  })
  @Property({ type: 'time', nullable: true })
  allowedTo: string | null = null;

  @Field(() => [Int], {
    nullable: true,
    description: 'Days on which the window opens: 1 (Monday) to 7; null: every day.',
  })
  @Property({ type: new ArrayType(Number), columnType: 'int[]', nullable: true })
  weekdays: number[] | null = null;

  @Field(() => Int, {
    nullable: true,
    description: "Messages a second at the most, over all workers; null: only the channel's own limit.",
  })
  @Property({ type: 'integer', nullable: true })
  rateLimit: number | null = null;

  @Field(() => Int, {
    nullable: true,
    description: 'Attempts that count before a message is FAILED; null: until the end.',
  })
  @Property({ type: 'integer', nullable: true })
  maxAttempts: number | null = null;

  @Field(() => UnknownOutcome, {
    description: 'What to do when it is not known whether an attempt reached the gateway.',
  })
  @Property({ type: 'text', default: 'RETRY' })
  unknownOutcome: UnknownOutcome = UnknownOutcome.RETRY;

  @Field(() => MailingChannel, { description: 'The way it is sent.' })
  @Property({ type: 'text', default: 'gateway' })
  channel: string = 'gateway';

  @Field(() => MailingStatus, { description: 'Where it stands.' })
  @Property({ type: 'text' })
  @Check({
    name: 'mailing_status_check',
    expression: "status in ('DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED')",
  })
  status!: MailingStatus;

  @Field(() => Int, { description: 'Grows with every edit; send it back to make sure nobody edited in between.' })
  @Property({ type: 'integer', default: 1 })
  revision: number = 1;

  /** Grows with each edit of start, end or window; a message planned under an older one is planned anew. */
  @Property({ type: 'integer', default: 1 })
  plan: number = 1;

  /** Grows by one with each batch of message changes, gap-free in commit order: the cursor of subscriptions. */
  @Property({ type: new BigIntType('string'), defaultRaw: '0' })
  version: string = '0';

  /** The last client id that launch has looked at. */
  @Property({ type: new BigIntType('string'), defaultRaw: '0' })
  launchCursor: string = '0';

  /** By which its trace goes on to the workers (W3C Trace Context); null: it is not traced. */
  @Property({ type: 'text', nullable: true })
  traceparent: string | null = null;

  /** Ids up to here are planned anew (replan.ts), none where it is 0 or less; null: every message's plan is the mailing's, or will be at its claim. */
  @Property({ type: new BigIntType('string'), nullable: true })
  replanCursor: string | null = null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When its messages began to be made; null: not launched.',
  })
  @Property({ type: 'timestamptz', nullable: true })
  launchedAt: Date | null = null;

  /** When the last chunk of its messages was written. */
  @Property({ type: 'timestamptz', nullable: true })
  launchCompletedAt: Date | null = null;

  @Field(() => DateTime, { nullable: true, description: 'When it was completed or cancelled.' })
  @Property({ type: 'timestamptz', nullable: true })
  finishedAt: Date | null = null;

  @Property({ type: 'integer', default: 0 })
  total: number = 0;

  @Property({ type: 'integer', default: 0 })
  open: number = 0;

  @Property({ type: 'integer', default: 0 })
  sent: number = 0;

  @Property({ type: 'integer', default: 0 })
  failed: number = 0;

  @Property({ type: 'integer', default: 0 })
  expired: number = 0;

  @Property({ type: 'integer', default: 0 })
  cancelled: number = 0;

  @Property({ type: 'integer', default: 0 })
  unknown: number = 0;

  @Field(() => DateTime, { description: 'When it was made.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When a person edited it last; on creation, when it was made.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  updatedAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'Since when its messages are being removed, for they are old; its counts and its history stay. Null: they are kept.',
  })
  @Property({ type: 'timestamptz', nullable: true })
  prunedAt: Date | null = null;

  /** Days after its end for which its messages are kept; null: as RETENTION_DAYS says. */
  @Property({ type: 'integer', nullable: true })
  keepDays: number | null = null;

  /** Hidden with its messages since then; retention removes it. */
  @Property({ type: 'timestamptz', nullable: true })
  deletedAt: Date | null = null;
}
