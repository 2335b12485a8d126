import { PrimaryKeyProp } from '@mikro-orm/core';
import { Check, Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Allow } from '../access/allow.js';
import { DateTime } from '../graphql/scalars.js';
import type { DailyReportContent } from './daily-report.js';

/** How far a letter with a daily report has got. */
export enum LetterState {
  WAITING = 'WAITING',
  SENDING = 'SENDING',
  HANDING_OVER = 'HANDING_OVER',
  SENT = 'SENT',
  REFUSED = 'REFUSED',
  IN_DOUBT = 'IN_DOUBT',
  GIVEN_UP = 'GIVEN_UP',
}

registerEnumType(LetterState, {
  name: 'DailyReportLetterState',
  description: 'How far a letter with a daily report has got.',
  valuesConfig: {
    WAITING: { description: 'It is to be sent, or sent again after a setback.' },
    SENDING: { description: 'A worker has it in hand; the mail server has not got its last line.' },
    HANDING_OVER: { description: 'The mail server has it, but for an answer.' },
    SENT: { description: 'The mail server said that it has it. Final.' },
    REFUSED: { description: 'The mail server refused this address, or this letter, for good.' },
    IN_DOUBT: {
      description:
        'Its last line was written and no answer came: it may have arrived, and is not sent again unless a person says so.',
    },
    GIVEN_UP: { description: 'The mail server took it at no try, until the next report was due.' },
  },
});

/** The report of one day as it was sent, to the letter. A row is a promise: there is one for each day, and never two. */
@Entity({ tableName: 'daily_report' })
export class DailyReportRow {
  /** `2026-11-21`: the day it is about. */
  @PrimaryKey({ type: 'date' })
  day!: string;

  /** Whose day it was: an IANA time zone. */
  @Property({ type: 'text' })
  timeZone!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  bookedAt!: Date;

  /** By whom it was made: `schedule`, or a person. */
  @Property({ type: 'text' })
  bookedBy!: string;

  /** Its figures. */
  @Property({ type: 'jsonb' })
  content!: DailyReportContent;

  @Property({ type: 'text' })
  subject!: string;

  @Property({ type: 'text' })
  html!: string;

  @Property({ type: 'text' })
  text!: string;
}

/**
 * The letter to one recipient. Whoever sends it holds a lease, and says HANDING_OVER before the last line goes out: so it is
 * known of a process that was killed whether the mail server can have the letter at all.
 */
@ObjectType('DailyReportLetter', { description: 'The letter with a daily report to one recipient.' })
@Entity({ tableName: 'daily_report_letter' })
@Index({
  name: 'daily_report_letter_due_index',
  properties: ['nextTryAt'],
  where: "state in ('WAITING', 'SENDING', 'HANDING_OVER')",
})
export class DailyReportLetter {
  [PrimaryKeyProp]?: ['day', 'recipient'];

  @ManyToOne(() => DailyReportRow, {
    primary: true,
    mapToPk: true,
    fieldName: 'day',
    deleteRule: 'cascade',
    updateRule: 'no action',
    index: false,
  })
  day!: string;

  @Allow('access:admin')
  @Field(() => String, { nullable: true, description: 'The e-mail address; it takes access:admin to see it.' })
  @PrimaryKey({ type: 'text' })
  recipient!: string;

  @Field(() => String, {
    description: 'Its Message-ID: the same for the same day and recipient, so that two of it can be told to be one.',
  })
  @Property({ type: 'text' })
  messageId!: string;

  @Field(() => LetterState, { description: 'How far it has got.' })
  @Property({ type: 'text', default: 'WAITING' })
  @Check({
    name: 'daily_report_letter_state_check',
    expression: "state in ('WAITING', 'SENDING', 'HANDING_OVER', 'SENT', 'REFUSED', 'IN_DOUBT', 'GIVEN_UP')",
  })
  state!: LetterState;

  @Field(() => DateTime, { description: 'When it was, or is, to be sent at the earliest.' })
  @Property({ type: 'timestamptz', defaultRaw: 'clock_timestamp()' })
  nextTryAt!: Date;

  /** No try begins from then on. */
  @Property({ type: 'timestamptz' })
  giveUpAt!: Date;

  /** Until when it is somebody's. */
  @Property({ type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  /** Counts claims: whoever has an older one writes nothing. */
  @Property({ type: 'integer', default: 0 })
  fence!: number;

  @Field(() => Int, { description: 'How many times it was tried.' })
  @Property({ type: 'integer', default: 0 })
  tries!: number;

  @Field(() => DateTime, { nullable: true, description: 'When its last line was about to be written; null: never.' })
  @Property({ type: 'timestamptz', nullable: true })
  handedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the mail server said that it has it; null: not yet.' })
  @Property({ type: 'timestamptz', nullable: true })
  sentAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'What went wrong at its last try, in one sentence.' })
  @Property({ type: 'text', nullable: true })
  problem!: string | null;
}
