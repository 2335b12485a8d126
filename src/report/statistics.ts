import type pg from 'pg';
import { Field, Int, ObjectType } from 'type-graphql';
import { Mailing } from '../mailing/mailing.js';

@ObjectType({ description: 'Messages by status; `total = open + sent + failed + expired + cancelled + unknown`.' })
export class StatusCounts {
  @Field(() => Int)
  total!: number;

  @Field(() => Int, { description: 'Without a final status yet.' })
  open!: number;

  @Field(() => Int)
  sent!: number;

  @Field(() => Int)
  failed!: number;

  @Field(() => Int)
  expired!: number;

  @Field(() => Int)
  cancelled!: number;

  @Field(() => Int)
  unknown!: number;
}

@ObjectType({ description: 'One mailing in numbers.' })
export class MailingStatistics {
  @Field(() => Mailing)
  mailing: Mailing;

  @Field(() => Boolean, { description: 'Its messages were made, or are being made.' })
  launched: boolean;

  @Field(() => Int, { description: 'How many messages it has: how many should go. Grows while it is being launched.' })
  shouldGo: number;

  @Field(() => Int, { description: 'How many went: the gateway accepted them.' })
  went: number;

  @Field(() => StatusCounts)
  messages: StatusCounts;

  constructor(mailing: Mailing) {
    this.mailing = mailing;
    this.launched = mailing.launchedAt !== null;
    this.shouldGo = mailing.total;
    this.went = mailing.sent;
    this.messages = countsOf(mailing);
  }
}

/** Mailings, and their messages by status; without those that were deleted. */
export interface Overall {
  mailingCount: number;
  launchedCount: number;
  messages: StatusCounts;
}

/** Adds up the counts of the mailing rows: as many rows as mailings, however many messages there are. */
export async function readOverall(pool: pg.Pool): Promise<Overall> {
  const { rows } = await pool.query<StatusCounts & { mailings: number; launched: number }>(
    `select count(*)::int as mailings, count(launched_at)::int as launched, coalesce(sum(total), 0)::int as total,
       coalesce(sum(open), 0)::int as open, coalesce(sum(sent), 0)::int as sent, coalesce(sum(failed), 0)::int as failed,
       coalesce(sum(expired), 0)::int as expired, coalesce(sum(cancelled), 0)::int as cancelled,
       coalesce(sum(unknown), 0)::int as unknown
     from mailing where deleted_at is null`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a query that always gives one row gave none');
  return { mailingCount: row.mailings, launchedCount: row.launched, messages: countsOf(row) };
}

function countsOf(counts: StatusCounts): StatusCounts {
  const { total, open, sent, failed, expired, cancelled, unknown } = counts;
  return Object.assign(new StatusCounts(), { total, open, sent, failed, expired, cancelled, unknown });
}
