import { type MailingOutline, outlineOf, type ReasonOutline } from './daily-report-outline.js';
import { count, dayInWords, type LetterParts, STATUSES, shareInWords } from './daily-report-words.js';

/** The report for those who read plain text, in lines that end where they should. */
export function dailyReportText(parts: LetterParts): string {
  const { report } = parts;
  const { notes, reasons, mailings, rest, address } = outlineOf(parts);
  const width = Math.max(...STATUSES.map(([key]) => count(report.messages[key]).length));
  const paragraphs = [
    [`${dayInWords(report.id)} (${report.timeZone})`],
    STATUSES.map(([key, word]) => `  ${count(report.messages[key]).padStart(width)} ${word}`),
    [shareInWords(report), ...notes],
    reasons.length === 0 ? [] : ['WHY MESSAGES FAILED', ...reasons.map(lineOf)],
    mailings.length === 0 ? [] : ['MAILINGS'],
    ...mailings.map(linesOf),
    rest === null ? [] : [rest],
    address === null ? [] : [`The dashboard: ${address}`],
  ];
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function linesOf({ name, status, window, thatDay, inAll, notOver, reasons, address }: MailingOutline): string[] {
  return [
    `${name} (${status})`,
    `  ${window}`,
    `  ${thatDay} ${inAll}`,
    ...notOver.map((line) => `  ${line}`),
    ...reasons.map(lineOf),
    ...(address === null ? [] : [`  ${address}`]),
  ];
}

function lineOf({ words, count: times }: ReasonOutline): string {
  return `  ${count(times)} × ${words}`;
}
