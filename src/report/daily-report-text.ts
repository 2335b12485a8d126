import type { DailyReportMailing } from './daily-report.js';
import {
  allFailures,
  count,
  countsInWords,
  dayInWords,
  earlierInWords,
  gapInWords,
  type LetterParts,
  reasonInWords,
  STATUSES,
  shareInWords,
  waitingInWords,
  windowInWords,
} from './daily-report-words.js';

/** The report for those who read plain text, in lines that end where they should. */
export function dailyReportText({ report, earlier, publicUrl }: LetterParts): string {
  const { messages, mailings, otherMailings, timeZone } = report;
  const width = Math.max(...STATUSES.map(([key]) => count(messages[key]).length));
  const failures = allFailures(report).slice(0, 10);
  const gap = gapInWords(report);
  const parts = [
    [`${dayInWords(report.id)} (${timeZone})`],
    STATUSES.map(([key, word]) => `  ${count(messages[key]).padStart(width)} ${word}`),
    [shareInWords(report), ...(gap === null ? [] : [gap]), ...(earlier === null ? [] : [earlierInWords(earlier)])],
    failures.length === 0
      ? []
      : ['WHY MESSAGES FAILED', ...failures.map((each) => `  ${count(each.count)} × ${each.words}`)],
    mailings.length === 0 ? ['No mailing had anything to do.'] : ['MAILINGS'],
    ...mailings.map((mailing) => describe(mailing, timeZone, publicUrl)),
    otherMailings > 0 ? [`${count(otherMailings)} more mailings are in the figures above.`] : [],
    publicUrl === null ? [] : [`The dashboard: ${publicUrl}/reports?day=${report.id}`],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function describe(mailing: DailyReportMailing, timeZone: string, publicUrl: string | null): string[] {
  const { name, status, messages, overall, isUnfinished, failures, otherFailures } = mailing;
  return [
    `${name} (${status.toLowerCase()})`,
    `  ${windowInWords(mailing, timeZone)}`,
    `  That day: ${countsInWords(messages)}. In all: ${countsInWords(overall)}.`,
    ...(isUnfinished ? waitingInWords(mailing, timeZone).map((line) => `  Not over: ${line}`) : []),
    ...failures.map((each) => `  ${count(each.count)} × ${reasonInWords(each)}`),
    ...(otherFailures > 0 ? [`  ${count(otherFailures)} × for other reasons`] : []),
    ...(publicUrl === null ? [] : [`  ${publicUrl}/mailings/${mailing.id}`]),
  ];
}
