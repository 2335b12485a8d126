import type pg from 'pg';
import { z } from 'zod';
import type { ReportSettings } from '../report-settings.js';

/** A day as somebody wrote it. */
export const reportDay = z.iso
  .date('must be a date, such as 2026-11-21')
  .refine((day) => day >= '1970-01-01', 'must not be before 1970');

/** A day of a time zone, and the one before it. */
export interface ReportDay {
  /** `2026-11-21`. */
  day: string;
  from: Date;
  to: Date;
  /** When the day before began. */
  before: Date;
}

/**
 * The first quarter of an hour that has a date, in SQL: clocks are set off, and put on and back, by quarters. What PostgreSQL
 * makes of midnight may be an hour late where clocks are put back at that hour.
 */
const beginOf = (date: string, zone: string) => `(
  select min(t) from generate_series((${date})::timestamp at time zone ${zone} - interval '3 hours',
    (${date})::timestamp at time zone ${zone} + interval '27 hours', '15 minutes') t where (t at time zone ${zone})::date >= ${date})`;

/** @param day `2026-11-21`, a date that there is */
export async function readDay(pool: pg.Pool, day: string, timeZone: string): Promise<ReportDay> {
  const { rows } = await pool.query<ReportDay>(
    `select d::text as day, ${beginOf('d', '$2::text')} as "from", ${beginOf('d + 1', '$2::text')} as "to", ${beginOf('d - 1', '$2::text')} as before
     from (select $1::date as d) asked`,
    [day, timeZone],
  );
  return rows[0]!;
}

/** When the report of a day `d` is due, in SQL: an hour that clocks leave out comes when they have been put on. */
const dueAt = (day: string, at: string, zone: string) => `((${day} + 1) + ${at}::time) at time zone ${zone}`;

/** The newest day whose report is due, in SQL: no older one is sent any more. @param at, zone what the settings say */
export const dueDay = (at: string, zone: string) => `(
  select max(d) from (select (clock_timestamp() at time zone ${zone})::date as today) now, unnest(array[today - 1, today - 2]) d
  where ${dueAt('d', at, zone)} <= clock_timestamp())`;

/** A report that is due. */
export interface DueReport {
  /** The day it is about. */
  day: string;
  /** For how long it has been due, ms. */
  sinceMs: number;
  /** When that of the next day will be. */
  next: Date;
}

/** The newest report that is due, sent or not, by the database's clock. */
export async function readDue(pool: pg.Pool, { at, timeZone }: ReportSettings): Promise<DueReport> {
  const { rows } = await pool.query<DueReport>(
    `select d::text as day, ${dueAt('d + 1', '$1', '$2::text')} as next,
       (extract(epoch from clock_timestamp() - (${dueAt('d', '$1', '$2::text')})) * 1000)::float8 as "sinceMs"
     from (select ${dueDay('$1', '$2::text')} as d) due`,
    [at, timeZone],
  );
  return rows[0]!;
}

/** The date of today in a zone, by the database's clock. */
export async function readToday(pool: pg.Pool, timeZone: string): Promise<string> {
  const { rows } = await pool.query<{ today: string }>(
    'select (clock_timestamp() at time zone $1::text)::date::text as today',
    [timeZone],
  );
  return rows[0]!.today;
}
