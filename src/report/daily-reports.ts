import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.js';
import type { Logger } from '../platform/log.js';
import { type Mailer, MailFailure } from '../platform/mailer.js';
import type { ReportSettings } from '../report-settings.js';
import { type CountingParts, countDay, isWhole } from './count-day.js';
import type { DailyReportContent } from './daily-report.js';
import { readDay, readDue, readToday } from './report-days.js';
import {
  beginHandOver,
  bookReport,
  type ClaimedLetter,
  claimLetter,
  earlierLetters,
  nextTryIn,
  recordSent,
  recordSetback,
  sendAgain,
  settleLetters,
} from './report-letters.js';
import type { Tallies } from './tallies.js';
import { type WrittenReport, writeReport } from './write-report.js';

/** Letters one process hands over at once: a server that is slow with one should not keep the others waiting. */
const AT_ONCE = 4;
/** How long it is waited for all messages of a day to be counted before the report goes without, ms… */
const COUNTED_WITHIN = 1_800_000;
/** …looking again so often, ms. */
const LOOK_EVERY = 5_000;
/** How long letters of a report that a person asked for are tried, ms. */
const BY_HAND_FOR = 86_400_000;
/** Why nothing is sent. */
export const NO_MAIL = 'No mail server is set up: SMTP_URL and MAIL_FROM.';
/** How long it is tried to write down that a letter was taken, ms: the lease holds for longer. */
const RECORD_WITHIN = 120_000;

/** What reports work with. */
export interface DailyReportParts extends CountingParts {
  tallies: Tallies;
  log: Logger;
  /** What the settings say now. */
  settings: () => ReportSettings;
  /** Null: no mail server is set up, and nothing is sent. */
  mail: { mailer: Mailer; from: string } | null;
  publicUrl: string | null;
}

/** A report, and when it was made to be sent; null: it was not. */
export interface ShownReport extends WrittenReport {
  bookedAt: Date | null;
  content: DailyReportContent;
}

/** Makes reports and sends their letters. Whoever is killed at it is followed by whoever finds the rows. */
export class DailyReports {
  constructor(private readonly parts: DailyReportParts) {}

  /**
   * The report of a day: as it was sent, or, where it was not, as it would be now.
   *
   * @throws AppError BAD_USER_INPUT on `date`: it is in the future
   */
  async show(day: string): Promise<ShownReport> {
    const { pool, settings } = this.parts;
    const { rows } = await pool.query<ShownReport>(
      'select booked_at as "bookedAt", content, subject, html, text from daily_report where day = $1',
      [day],
    );
    if (rows[0]) return rows[0];
    if (day > (await readToday(pool, settings().timeZone))) {
      throw new AppError('BAD_USER_INPUT', 'date must not be in the future.', 'date');
    }
    const content = await this.count(day);
    return { bookedAt: null, content, ...(await this.write(content)) };
  }

  /** Counts a day as it looks now. @param day `2026-11-21` */
  async count(day: string): Promise<DailyReportContent> {
    const { pool, tallies, settings } = this.parts;
    await tallies.refresh();
    const { timeZone } = settings();
    return await countDay(this.parts, await readDay(pool, day, timeZone), timeZone);
  }

  async write(content: DailyReportContent): Promise<WrittenReport> {
    const { pool, publicUrl } = this.parts;
    return await writeReport({ report: content, earlier: await earlierLetters(pool, content.id), publicUrl });
  }

  /**
   * Makes the row of the report that was due last, where nobody has, once all that happened in its day is counted.
   *
   * @returns when to look again, ms from now; undefined: it is there
   */
  async bookDue(): Promise<number | undefined> {
    const { pool, settings, mail, log } = this.parts;
    const { recipients } = settings();
    if (mail === null || recipients.length === 0) return undefined;
    const { day, next, sinceMs } = await readDue(pool, settings());
    if ((await pool.query('select from daily_report where day = $1', [day])).rowCount === 1) return undefined;
    const content = await this.count(day);
    if (!isWhole(content) && sinceMs < COUNTED_WITHIN) return LOOK_EVERY;
    const written = await this.write(content);
    const booking = { content, written, recipients, by: 'schedule', giveUpAt: next, from: mail.from };
    if (await bookReport(pool, booking)) log.info({ day, letters: recipients.length }, 'the daily report is made');
    return undefined;
  }

  /**
   * What a person says: has a day's report sent to the recipients in the settings, and where it was before, to those whom it
   * did not reach for sure and who are among them still. The letters are due then; whoever sends them finds them.
   *
   * @returns how many letters
   * @throws AppError CONFLICT: nothing can be sent; BAD_USER_INPUT on `date`: the day is not over
   */
  async haveSent(day: string, by: string): Promise<number> {
    const { pool, settings, mail } = this.parts;
    const { recipients, timeZone } = settings();
    if (mail === null) throw new AppError('CONFLICT', NO_MAIL);
    if (recipients.length === 0) throw new AppError('CONFLICT', 'No recipients are set: REPORT_RECIPIENTS.');
    if (day >= (await readToday(pool, timeZone))) throw new AppError('BAD_USER_INPUT', 'date is not over yet.', 'date');
    if ((await pool.query('select from daily_report where day = $1', [day])).rowCount === 1) {
      return await sendAgain(pool, day, recipients);
    }
    const content = await this.count(day);
    const written = await this.write(content);
    const giveUpAt = new Date(Date.now() + BY_HAND_FOR);
    const isNew = await bookReport(pool, { content, written, recipients, by, giveUpAt, from: mail.from });
    return isNew ? recipients.length : 0;
  }

  /**
   * Sends every letter that is due, several at once.
   *
   * @returns when the next will be, ms from now; undefined: none is to be sent
   */
  async sendDue(signal: AbortSignal): Promise<number | undefined> {
    const { pool, settings, mail, log } = this.parts;
    for (const letter of await settleLetters(pool)) {
      log.warn(letter, 'it is not known whether a daily report arrived: `npm run cli -- report --send` sends it again');
    }
    const { recipients } = settings();
    if (mail === null || recipients.length === 0) return undefined;
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#sendUntilDone(mail.mailer, recipients, signal)));
    return (await nextTryIn(pool, recipients)) ?? undefined;
  }

  async #sendUntilDone(mailer: Mailer, recipients: readonly string[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const letter = await claimLetter(this.parts.pool, recipients);
      if (letter === undefined) return;
      await this.#send(mailer, letter, signal);
    }
  }

  async #send(mailer: Mailer, letter: ClaimedLetter, signal: AbortSignal): Promise<void> {
    const { pool, log } = this.parts;
    const { rows } = await pool.query<WrittenReport>('select subject, html, text from daily_report where day = $1', [
      letter.day,
    ]);
    const about = { day: letter.day, messageId: letter.messageId };
    const mail = { to: letter.recipient, messageId: letter.messageId, isAutomatic: true, ...rows[0]! };
    try {
      await mailer.hand(mail, { beforeEnd: () => beginHandOver(pool, letter), signal });
    } catch (error) {
      if (!(error instanceof MailFailure)) throw error;
      const state = ({ NOT_TAKEN: 'WAITING', REFUSED: 'REFUSED', UNKNOWN: 'IN_DOUBT' } as const)[error.outcome];
      await persist(() => recordSetback(pool, letter, state, error.message));
      log.warn({ ...about, state, problem: error.message }, 'a daily report was not sent');
      return;
    }
    await persist(() => recordSent(pool, letter));
    log.info(about, 'a daily report was sent');
  }
}

/** The mail server has been spoken to, and cannot be asked again what it said: the database may be away for a while. */
async function persist(write: () => Promise<void>): Promise<void> {
  for (const since = performance.now(); ; ) {
    try {
      return await write();
    } catch (error) {
      if (performance.now() - since > RECORD_WITHIN) throw error;
      await sleep(1_000);
    }
  }
}
