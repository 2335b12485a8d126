import { GraphQLSafeInt } from 'graphql-scalars';
import type pg from 'pg';
import { Field, ObjectType } from 'type-graphql';
import type { MomentRange } from '../graphql/moments.js';
import { Mailing } from '../mailing/mailing.js';
import { countsOf, StatusCounts } from '../mailing/status-counts.js';

@ObjectType({ description: 'One mailing in numbers.' })
export class MailingStatistics {
  @Field(() => Mailing, { description: 'Which one.' })
  mailing: Mailing;

  @Field(() => Boolean, { description: 'Its messages were made, or are being made.' })
  launched: boolean;

  @Field(() => GraphQLSafeInt, {
    description: 'How many messages it has: how many should go. Grows while it is being launched.',
  })
  shouldGo: number;

  @Field(() => GraphQLSafeInt, { description: 'How many went: the gateway accepted them.' })
  went: number;

  @Field(() => StatusCounts, { description: 'Its messages by status.' })
  messages: StatusCounts;

  constructor(mailing: Mailing) {
    this.mailing = mailing;
    this.launched = mailing.launchedAt !== null;
    this.shouldGo = mailing.total;
    this.went = mailing.sent;
    this.messages = countsOf(mailing);
  }
}

/** Mailings made and launched in a stretch of time, and the messages of all by status; without those that were deleted. */
export interface Overall {
  mailingCount: number;
  launchedCount: number;
  messages: StatusCounts;
}

/**
 * Adds up the counts of the mailing rows: as many rows as mailings, however many messages there are. A `float8` is exact up
 * to 2^53, where an `int` would end at 2^31.
 */
export async function readOverall(pool: pg.Pool, period: MomentRange = {}): Promise<Overall> {
  const { rows } = await pool.query<StatusCounts & { mailings: number; launched: number }>(
    `select count(*) filter (where created_at >= coalesce($1::timestamptz, '-infinity') and created_at < coalesce($2::timestamptz, 'infinity'))::int as mailings,
       count(*) filter (where launched_at >= coalesce($1::timestamptz, '-infinity') and launched_at < coalesce($2::timestamptz, 'infinity'))::int as launched, coalesce(sum(total), 0)::float8 as total,
       coalesce(sum(open), 0)::float8 as open, coalesce(sum(sent), 0)::float8 as sent, coalesce(sum(failed), 0)::float8 as failed,
       coalesce(sum(expired), 0)::float8 as expired, coalesce(sum(cancelled), 0)::float8 as cancelled,
       coalesce(sum(unknown), 0)::float8 as unknown
     from mailing where deleted_at is null`,
    [period.from ?? null, period.to ?? null],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a query that always gives one row gave none');
  return { mailingCount: row.mailings, launchedCount: row.launched, messages: countsOf(row) };
}
