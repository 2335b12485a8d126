import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { DateTime, LocalTime, TimeZone } from '../graphql/scalars.js';
import { FailureGroup } from '../mailing/failures.js';
import { MailingStatus } from '../mailing/mailing.js';
import { StatusCounts } from '../mailing/status-counts.js';
import { Waiting } from '../mailing/waiting.js';

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

  @Field(() => [Waiting], { description: 'What it waited for then; empty: it was over, or was being sent.' })
  waiting!: Waiting[];

  @Field(() => [FailureGroup], {
    description: `What FAILED and what is UNKNOWN of that day, by reason: the ${MAX_FAILURES} largest groups.`,
  })
  failures!: FailureGroup[];

  @Field(() => GraphQLSafeInt, { description: 'How many FAILED or are UNKNOWN and are in none of these groups.' })
  otherFailures!: number;
}

/** What a report says, apart from how it is written. */
@ObjectType({ description: 'What was sent in one day.', simpleResolvers: true })
export class DailyReportContent {
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

  @Field(() => [DailyReportMailing], {
    description: `Mailings that had messages in that day, were launched or finished in it, or were not over: the ${MAX_REPORTED} largest.`,
  })
  mailings!: DailyReportMailing[];

  @Field(() => Int, { description: 'How many more there are, which count all the same.' })
  otherMailings!: number;
}
