import type { Colour } from '../letters/colours.js';
import type { StatusCounts } from '../mailing/status-counts.js';
import type { DailyReportContent, DailyReportMailing } from './daily-report.js';

/** What became of the letters with the report before. */
export interface EarlierLetters {
  /** The day it was about. */
  day: string;
  /** How many there were. */
  total: number;
  /** How many of them arrived for sure. */
  sent: number;
}

/** What a letter is written from. */
export interface LetterParts {
  report: DailyReportContent;
  /** Letters of the report before that may not have arrived; null: all did. */
  earlier: EarlierLetters | null;
  /** The address people reach the dashboard under, without a slash at the end; null: nobody has said. */
  publicUrl: string | null;
}

/** Statuses in the order in which they are told, each in its colour. */
export const STATUSES = [
  ['sent', 'sent'],
  ['failed', 'failed'],
  ['unknown', 'perhaps sent'],
  ['expired', 'expired'],
  ['cancelled', 'cancelled'],
  ['open', 'open'],
] as const satisfies readonly (readonly [Exclude<keyof StatusCounts, 'total'> & Colour, string])[];

const numbers = new Intl.NumberFormat('en-US');
export const count = (n: number) => numbers.format(n);
/** Rounded down: only all is 100 %. */
export const percent = (share: number) => `${(Math.floor(share * 1_000) / 10).toFixed(1)}\u00a0%`;

/** A date as people say it: `Saturday, 21 November 2026`. */
export function dayInWords(day: string): string {
  return dateFormat({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }, 'UTC').format(new Date(day));
}

function dateFormat(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
}

const MOMENT = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
export function moment(at: Date | string, timeZone: string): string {
  return dateFormat(MOMENT, timeZone).format(new Date(at));
}

/** Only the counts that are not zero: `12,340 sent, 12 failed`. */
export function countsInWords(counts: StatusCounts): string {
  const parts = STATUSES.filter(([key]) => counts[key] > 0).map(([key, word]) => `${count(counts[key])} ${word}`);
  return parts.join(', ') || 'no messages';
}

export function subjectOf({ id, messages, sentShare }: DailyReportContent): string {
  const day = dateFormat({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, 'UTC');
  const share = sentShare === null ? '' : ` (${percent(sentShare)})`;
  const what = messages.sent > 0 ? `${count(messages.sent)} sent${share}` : 'nothing was sent';
  return `Heliograph: ${what}, ${day.format(new Date(id))}`;
}

/** Which part was sent, and whether that is more than the day before. */
export function shareInWords({ sentShare, sentShareBefore }: DailyReportContent): string {
  const before = sentShareBefore === null ? null : percent(sentShareBefore);
  if (sentShare === null) {
    return `Nothing came to an end that day.${before === null ? '' : ` The day before, ${before} of it was sent.`}`;
  }
  const now = `${percent(sentShare)} of what came to an end was sent`;
  if (before === null || sentShareBefore === null) return `${now}; nothing did the day before.`;
  const points = Math.abs(sentShare - sentShareBefore) * 100;
  if (points < 0.05) return `${now}, as much as the day before.`;
  const change = `${points.toFixed(1)} points ${sentShare > sentShareBefore ? 'more' : 'less'}`;
  return `${now}, ${change} than the day before (${before}).`;
}

/** `21 Nov, 09:00 to 22 Nov, 18:00; from 09:00 to 20:00 where each client lives`. */
export function windowInWords({ startsAt, endsAt, allowedFrom, allowedTo }: DailyReportMailing, timeZone: string) {
  const hours =
    allowedFrom === null && allowedTo === null
      ? ''
      : `; from ${allowedFrom ?? '00:00'} to ${allowedTo ?? '24:00'} where each client lives`;
  return `${moment(startsAt, timeZone)} to ${moment(endsAt, timeZone)}${hours}`;
}

type WaitingParts = DailyReportMailing['waiting'][number];

const REASONS: Record<WaitingParts['reason'], string> = {
  START: 'It has not started yet',
  STOPPED: 'All sending is stopped',
  PAUSED: 'It is paused',
  CIRCUIT: 'Its gateway refuses everything or does not answer',
  WORKER: 'No worker has taken it up',
  RATE: 'It keeps to its limit',
  WINDOW: 'Its clients are not to be reached at this hour',
  RETRY: 'Further attempts are to come',
};

/** Why a mailing was not over, each reason a sentence. */
export function waitingInWords({ waiting, overall }: DailyReportMailing, timeZone: string): string[] {
  if (waiting.length === 0) return [`It was being sent: ${count(overall.open)} to go.`];
  return waiting.map(({ reason, count: held, until, detail }) => {
    const messages = held === null ? '' : ` (${count(held)} messages)`;
    const more = detail === null ? '' : `: ${detail.replace(/[.\s]+$/, '')}`;
    return `${REASONS[reason]}${messages}${more}${until === null ? '' : `, until ${moment(until, timeZone)}`}.`;
  });
}

type FailureParts = DailyReportMailing['failures'][number];

export function reasonInWords({ reason, gatewayCode }: Pick<FailureParts, 'reason' | 'gatewayCode'>): string {
  const code = gatewayCode === null ? '' : `HTTP ${gatewayCode}`;
  return [code, reason ?? (code === '' ? 'no reason is known' : '')].filter((part) => part !== '').join(': ');
}

/** How many failed for each reason, in all mailings together, the most first. */
export function allFailures({ mailings }: DailyReportContent): { words: string; count: number }[] {
  const sums = new Map<string, number>();
  for (const { failures } of mailings) {
    for (const failure of failures) {
      const words = reasonInWords(failure);
      sums.set(words, (sums.get(words) ?? 0) + failure.count);
    }
  }
  return [...sums].map(([words, sum]) => ({ words, count: sum })).toSorted((a, b) => b.count - a.count);
}

export function earlierInWords({ day, total, sent }: EarlierLetters): string {
  const missing = total - sent;
  return `Of the ${total === 1 ? 'one letter' : `${count(total)} letters`} with the report of ${dayInWords(day)}, ${count(missing)} may not have arrived.`;
}

/** What is not in the figures yet. */
export function gapInWords({ uncountedMailings, asOf, to, timeZone }: DailyReportContent): string | null {
  if (uncountedMailings > 0) return `${count(uncountedMailings)} mailings were still being counted and are missing.`;
  if (new Date(asOf) < new Date(to)) return `What happened after ${moment(asOf, timeZone)} may be missing.`;
  return null;
}
