import type { EntityManager } from '@mikro-orm/postgresql';
import { Field, Float, ID, ObjectType } from 'type-graphql';
import type { Keyset } from '../graphql/connection.js';
import { Entries } from '../graphql/entries.js';
import { DateTime } from '../graphql/scalars.js';
import { StatusCounts } from '../mailing/status-counts.js';
import { MAX_LETTERS } from './daily-report.js';
import { DailyReportLetter } from './daily-report-row.js';

/** A report in the list of those that were sent. */
@ObjectType({ description: 'A daily report that was sent, in the list of them.', simpleResolvers: true })
export class DailyReportSummary {
  @Field(() => ID, { description: 'The day it is about: `2026-11-21`.' })
  id!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  bookedAt!: Date;

  @Field(() => String, { description: 'By whom: `schedule`, or a person.' })
  bookedBy!: string;

  @Field(() => StatusCounts, { description: 'The messages of that day.' })
  messages!: StatusCounts;

  @Field(() => Float, { nullable: true, description: 'Which part of what came to an end was SENT, 0 to 1.' })
  sentShare!: number | null;

  @Entries(MAX_LETTERS)
  @Field(() => [DailyReportLetter], { description: 'Its letters.' })
  letters!: DailyReportLetter[];
}

/** Those that were sent, the newest first: up to `first + 1`. */
export async function listReports(em: EntityManager, { first, after }: Keyset): Promise<DailyReportSummary[]> {
  const rows = await em.execute<Omit<DailyReportSummary, 'letters'>[]>(
    `select day::text as id, booked_at as "bookedAt", booked_by as "bookedBy", content -> 'messages' as messages,
       (content ->> 'sentShare')::float8 as "sentShare"
     from daily_report where ?::text is null or day < to_date(?, 'YYYYMMDD') order by day desc limit ?::int`,
    [after?.[0] ?? null, after?.[0] ?? null, first + 1],
  );
  const letters = Map.groupBy(
    await lettersOf(
      em,
      rows.map(({ id }) => id),
    ),
    ({ day }) => day,
  );
  return rows.map((row) => Object.assign(new DailyReportSummary(), row, { letters: letters.get(row.id) ?? [] }));
}

export async function countReports(em: EntityManager): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>('select count(*)::int as count from daily_report');
  return row?.count ?? 0;
}

export async function lettersOf(em: EntityManager, days: readonly string[]): Promise<DailyReportLetter[]> {
  const order = { orderBy: { recipient: 'asc' }, disableIdentityMap: true } as const;
  return await em.find(DailyReportLetter, { day: { $in: [...days] } }, order);
}
