import type { StatusCounts } from '../mailing/status-counts.js';
import type { DailyReportMailing } from './daily-report.js';
import {
  allFailures,
  count,
  countsInWords,
  earlierInWords,
  gapInWords,
  type LetterParts,
  reasonInWords,
  waitingInWords,
  windowInWords,
} from './daily-report-words.js';

/** Reasons of failures that are told for all mailings together, the most frequent. */
const MAX_REASONS = 10;

/** What a letter says and in which order, be it in HTML or in text. */
export interface LetterOutline {
  /** What is missing or may not have arrived. */
  notes: string[];
  /** Why messages failed, in all mailings together. */
  reasons: ReasonOutline[];
  mailings: MailingOutline[];
  /** Said where there is no mailing, or where there are more than are told of; null: neither. */
  rest: string | null;
  /** Where the day is found in the dashboard; null: nobody has said where that is. */
  address: string | null;
}

export interface ReasonOutline {
  words: string;
  count: number;
}

/** What a letter says of one mailing. */
export interface MailingOutline {
  id: string;
  name: string;
  status: string;
  window: string;
  messages: StatusCounts;
  thatDay: string;
  inAll: string;
  /** Why it was not over, a sentence each. */
  notOver: string[];
  reasons: ReasonOutline[];
  address: string | null;
}

export function outlineOf({ report, earlier, publicUrl }: LetterParts): LetterOutline {
  const { id, mailings, otherMailings, timeZone } = report;
  const more = otherMailings > 0 ? `${count(otherMailings)} more mailings are in the figures above.` : null;
  return {
    notes: [gapInWords(report), earlier && earlierInWords(earlier)].filter((note) => note !== null),
    reasons: allFailures(report).slice(0, MAX_REASONS),
    mailings: mailings.map((mailing) => outlineOfMailing(mailing, timeZone, publicUrl)),
    rest: mailings.length === 0 ? 'No mailing had anything to do.' : more,
    address: publicUrl && `${publicUrl}/reports?day=${id}`,
  };
}

function outlineOfMailing(mailing: DailyReportMailing, timeZone: string, publicUrl: string | null): MailingOutline {
  const { id, name, status, messages, overall, isUnfinished, failures, otherFailures } = mailing;
  const reasons = failures.map((each) => ({ words: reasonInWords(each), count: each.count }));
  return {
    ...{ id, name, messages },
    status: status.toLowerCase(),
    window: windowInWords(mailing, timeZone),
    thatDay: `That day: ${countsInWords(messages)}.`,
    inAll: `In all: ${countsInWords(overall)}.`,
    notOver: isUnfinished ? waitingInWords(mailing, timeZone).map((words) => `Not over: ${words}`) : [],
    reasons: otherFailures > 0 ? [...reasons, { words: 'for other reasons', count: otherFailures }] : reasons,
    address: publicUrl && `${publicUrl}/mailings/${id}`,
  };
}
