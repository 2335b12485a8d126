import { createHash } from 'node:crypto';
import type pg from 'pg';
import { ANSWER_WITHIN, HAND_WITHIN } from '../platform/mailer.js';
import { inTransaction } from '../platform/transaction.js';
import type { DailyReportContent } from './daily-report.js';
import type { EarlierLetters } from './daily-report-words.js';
import type { WrittenReport } from './write-report.js';

/** How much longer a letter stays somebody's than it may take, ms: their clock and ours go alike, their processor may not. */
const SPARE = 15_000;
/** The wait after the first try that came to nothing, s; each further one is twice as long. */
const FIRST_WAIT = 30;
/** The longest wait, s. */
const LONGEST_WAIT = 1_800;

/** A letter in somebody's hands. */
export interface ClaimedLetter {
  day: string;
  recipient: string;
  messageId: string;
  fence: number;
}

/** What makes a report's row and its letters. */
export interface Booking {
  content: DailyReportContent;
  written: WrittenReport;
  recipients: readonly string[];
  /** Who made it: `schedule`, or a person. */
  by: string;
  /** When no letter is tried any more: the next report is due. */
  giveUpAt: Date;
  /** Whose address stands behind the @ of Message-IDs. */
  from: string;
}

/** The same for the same day and recipient, whoever makes it and whenever (RFC 5322, 3.6.4). Short: a header that is folded in its middle is not read by all. */
export function messageIdOf(day: string, recipient: string, from: string): string {
  const who = createHash('sha256').update(recipient.toLowerCase()).digest('hex').slice(0, 16);
  return `<report.${day}.${who}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}

/**
 * Makes a day's row and its letters, at once or not at all.
 *
 * @returns false: somebody else has, and what they made stands
 */
export async function bookReport(pool: pg.Pool, booking: Booking): Promise<boolean> {
  const { content, written, recipients, by, giveUpAt, from } = booking;
  const booked = await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `insert into daily_report (day, time_zone, booked_by, content, subject, html, text) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (day) do nothing`,
      [content.id, content.timeZone, by, JSON.stringify(content), written.subject, written.html, written.text],
    );
    if (rowCount === 0) return null;
    await client.query(
      `insert into daily_report_letter (day, recipient, message_id, give_up_at)
       select $1, recipient, message_id, $4 from unnest($2::text[], $3::text[]) l (recipient, message_id)`,
      [content.id, recipients, recipients.map((to) => messageIdOf(content.id, to, from)), giveUpAt],
    );
    return true;
  });
  return booked !== null;
}

/** The letters of the report before a day, where not all of them arrived for sure. */
export async function earlierLetters(pool: pg.Pool, day: string): Promise<EarlierLetters | null> {
  const { rows } = await pool.query<EarlierLetters>(
    `select day::text, count(*)::int as total, count(*) filter (where state = 'SENT')::int as sent from daily_report_letter
     where day = (select max(day) from daily_report where day < $1) group by day having count(*) > count(*) filter (where state = 'SENT')`,
    [day],
  );
  return rows[0] ?? null;
}

/**
 * Judges the letters of those who died, and those that nobody took in time.
 *
 * @returns those it is not known of whether they arrived
 */
export async function settleLetters(pool: pg.Pool): Promise<{ day: string; messageId: string }[]> {
  await pool.query(
    `update daily_report_letter set state = 'GIVEN_UP', lease_until = null
     where state in ('WAITING', 'SENDING') and give_up_at <= clock_timestamp()
       and (lease_until is null or lease_until <= clock_timestamp())`,
  );
  const { rows } = await pool.query<{ day: string; messageId: string }>(
    `update daily_report_letter set state = 'IN_DOUBT', lease_until = null, problem = $1
     where state = 'HANDING_OVER' and lease_until <= clock_timestamp() returning day::text, message_id as "messageId"`,
    ['The process that sent it ended before the mail server had answered.'],
  );
  return rows;
}

/** The next letter that is due to one of the recipients, for a minute or so; undefined: there is none. */
export async function claimLetter(pool: pg.Pool, recipients: readonly string[]): Promise<ClaimedLetter | undefined> {
  const { rows } = await pool.query<ClaimedLetter>(
    `with b as materialized (
       select day, recipient from daily_report_letter
       where state in ('WAITING', 'SENDING') and next_try_at <= clock_timestamp() and give_up_at > clock_timestamp()
         and (lease_until is null or lease_until <= clock_timestamp()) and recipient = any ($1)
       order by next_try_at, day, recipient limit 1 for update skip locked
     )
     update daily_report_letter l set state = 'SENDING', fence = fence + 1, tries = tries + 1,
       lease_until = clock_timestamp() + $2 * interval '1 ms'
     from b where l.day = b.day and l.recipient = b.recipient
     returning l.day::text, l.recipient, l.message_id as "messageId", l.fence`,
    [recipients, HAND_WITHIN + SPARE],
  );
  return rows[0];
}

/**
 * Notes that the last line is about to be written, before it is: from then on nobody sends this letter a second time by themselves.
 *
 * @throws LetterLost: it is somebody else's, and nothing may be written
 */
export async function beginHandOver(pool: pg.Pool, { day, recipient, fence }: ClaimedLetter): Promise<void> {
  const { rowCount } = await pool.query(
    `update daily_report_letter set state = 'HANDING_OVER', handed_at = clock_timestamp(),
       lease_until = clock_timestamp() + $4 * interval '1 ms'
     where day = $1 and recipient = $2 and fence = $3 and state = 'SENDING' and lease_until > clock_timestamp()`,
    [day, recipient, fence, ANSWER_WITHIN + SPARE],
  );
  if (rowCount !== 1) throw new LetterLost();
}

/** Somebody who held a letter for too long may not send it. */
class LetterLost extends Error {
  override readonly name = 'LetterLost';
}

/** The mail server has it. Holds also where it was already taken for doubtful. */
export async function recordSent(pool: pg.Pool, { day, recipient, fence }: ClaimedLetter): Promise<void> {
  await pool.query(
    `update daily_report_letter set state = 'SENT', sent_at = clock_timestamp(), lease_until = null, problem = null
     where day = $1 and recipient = $2 and fence = $3`,
    [day, recipient, fence],
  );
}

/** What a try came to that was not good. */
export type LetterSetback = 'WAITING' | 'REFUSED' | 'IN_DOUBT';

/** It goes on later, or not at all. One that was lost to somebody else stays theirs. */
export async function recordSetback(
  pool: pg.Pool,
  { day, recipient, fence }: ClaimedLetter,
  state: LetterSetback,
  problem: string,
): Promise<void> {
  await pool.query(
    `update daily_report_letter set state = $4, problem = $5, lease_until = null,
       next_try_at = clock_timestamp() + least($6 * power(2, least(tries, 20) - 1), $7) * (0.8 + 0.4 * random()) * interval '1 s'
     where day = $1 and recipient = $2 and fence = $3 and state in ('SENDING', 'HANDING_OVER')`,
    [day, recipient, fence, state, problem, FIRST_WAIT, LONGEST_WAIT],
  );
}

/** How long until a letter can be tried, ms; null: none is to be. */
export async function nextTryIn(pool: pg.Pool, recipients: readonly string[]): Promise<number | null> {
  const { rows } = await pool.query<{ ms: number | null }>(
    `select (extract(epoch from min(greatest(next_try_at, coalesce(lease_until, next_try_at))) - clock_timestamp()) * 1000)::float8 as ms
     from daily_report_letter
     where state in ('WAITING', 'SENDING', 'HANDING_OVER') and (state = 'HANDING_OVER' or recipient = any ($1))`,
    [recipients],
  );
  return rows[0]?.ms ?? null;
}

/**
 * Has letters of a day to these recipients sent again that did not arrive, or may not have: a person says so. Those that arrived
 * stay as they are.
 *
 * @returns how many
 */
export async function sendAgain(pool: pg.Pool, day: string, recipients: readonly string[]): Promise<number> {
  const { rowCount } = await pool.query(
    `update daily_report_letter set state = 'WAITING', next_try_at = clock_timestamp(), lease_until = null, tries = 0,
       give_up_at = clock_timestamp() + interval '1 day'
     where day = $1 and state in ('WAITING', 'REFUSED', 'IN_DOUBT', 'GIVEN_UP') and recipient = any ($2)`,
    [day, recipients],
  );
  return rowCount ?? 0;
}

/** Drops reports and their letters. @param days how long they are kept */
export async function dropOldReports(pool: pg.Pool, days: number): Promise<void> {
  await pool.query(`delete from daily_report where booked_at < clock_timestamp() - $1 * interval '1 day'`, [days]);
}
