import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { Entries } from '../graphql/entries.js';
import { DateTime, LocalTime, TimeZone } from '../graphql/scalars.js';
import { FailureGroup } from '../mailing/failures.js';
import { MailingStatus } from '../mailing/mailing.js';
import { StatusCounts } from '../mailing/status-counts.js';
import { Waiting } from '../mailing/waiting.js';
import { DailyReportLetter } from './daily-report-row.js';

/** Letters of one report that are told of. */
export const MAX_LETTERS = 100;
/** Mailings that a report tells of one by one, the largest of the day. */
export const MAX_REPORTED = 100;
/** Groups of failures of one mailing, and of all, the largest. */
export const MAX_FAILURES = 10;

/** What a mailing did in one day. Moments are dates, or text where it was read from JSON. */
@ObjectType({ description: 'What a mailing did in one day.', simpleResolvers: true })
export class DailyReportMailing {
  @Field(() => ID, { description: 'Which mailing.' })
  id!: string;

  @Field(() => String, { description: 'Its name, with each phone in it masked.' })
  name!: string;

  @Field(() => MailingStatus, { description: 'Where it stood when the report was made.' })
  status!: MailingStatus;

  @Field(() => DateTime, { description: 'When it starts.' })
  startsAt!: Date | string;

  @Field(() => DateTime, { description: 'When it ends.' })
  endsAt!: Date | string;

  @Field(() => LocalTime, { nullable: true, description: "From this time of each client's own clock; null: any time." })
  allowedFrom!: string | null;

  @Field(() => LocalTime, { nullable: true, description: "To this time of each client's own clock; null: any time." })
  allowedTo!: string | null;

  @Field(() => StatusCounts, {
    description: 'Its messages that were sent, tried last or made in that day, as `statistics` count them.',
  })
  messages!: StatusCounts;

  @Field(() => StatusCounts, { description: 'All its messages, of whatever day, when the report was made.' })
  overall!: StatusCounts;

  @Field(() => Boolean, { description: 'It was not over when the report was made.' })
  isUnfinished!: boolean;

  @Entries(10)
  @Field(() => [Waiting], { description: 'What it waited for then; empty: it was over, or was being sent.' })
  waiting!: Waiting[];

  @Entries(MAX_FAILURES)
  @Field(() => [FailureGroup], {
    description: `What FAILED and what is UNKNOWN of that day, by reason: the ${MAX_FAILURES} largest groups.`,
  })
  failures!: FailureGroup[];

  @Field(() => GraphQLSafeInt, { description: 'How many FAILED or are UNKNOWN and are in none of these groups.' })
  otherFailures!: number;
}

/** A day's report: as it was sent, or, where it was not, as it would be now. */
@ObjectType({ description: 'What was sent in one day, as the daily report tells it.', simpleResolvers: true })
export class DailyReport {
  @Field(() => ID, { description: 'The day it is about: `2026-11-21`.' })
  id!: string;

  @Field(() => TimeZone, { description: 'Whose day it is.' })
  timeZone!: string;

  @Field(() => DateTime, { description: 'When that day began.' })
  from!: Date | string;

  @Field(() => DateTime, { description: 'When it ended; 23 or 25 hours later where clocks are put on or back.' })
  to!: Date | string;

  @Field(() => DateTime, { description: 'At least everything until then is counted.' })
  asOf!: Date | string;

  @Field(() => Int, { description: 'Mailings that are being counted for the first time, and are not in it yet.' })
  uncountedMailings!: number;

  @Field(() => StatusCounts, { description: 'The messages of that day, of all mailings, as `statistics` count them.' })
  messages!: StatusCounts;

  @Field(() => Float, {
    nullable: true,
    description: 'Which part of what came to an end was SENT, 0 to 1; null: nothing came to an end.',
  })
  sentShare!: number | null;

  @Field(() => Float, { nullable: true, description: 'The same of the day before; null: nothing came to an end.' })
  sentShareBefore!: number | null;

  @Entries(MAX_REPORTED)
  @Field(() => [DailyReportMailing], {
    description: `Mailings that had messages in that day, were launched or finished in it, or were not over: the ${MAX_REPORTED} largest.`,
  })
  mailings!: DailyReportMailing[];

  @Field(() => Int, { description: 'How many more there are, which count all the same.' })
  otherMailings!: number;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'When it was made to be sent; from then on it stays as it is. Null: it was not, and was counted just now.',
  })
  bookedAt!: Date | null;

  @Entries(MAX_LETTERS)
  @Field(() => [DailyReportLetter], { description: 'Its letters; none where it was not sent.' })
  letters!: DailyReportLetter[];

  @Field(() => String, { description: 'The subject of its letters.' })
  subject!: string;

  @Field(() => String, { description: 'Its letter as HTML. It fetches nothing, and has no scripts.' })
  html!: string;

  @Field(() => String, { description: 'Its letter as plain text.' })
  text!: string;
}

/** What a report says, apart from how it is written: the part of it that is stored as JSON. */
export type DailyReportContent = Omit<DailyReport, 'bookedAt' | 'letters' | 'subject' | 'html' | 'text'>;
