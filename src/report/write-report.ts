import { createElement } from 'react';
import { dailyReportText } from './daily-report-text.js';
import { type LetterParts, subjectOf } from './daily-report-words.js';

/** A report as it is sent. */
export interface WrittenReport {
  subject: string;
  html: string;
  text: string;
}

/** Writes a report, as HTML and as text. React and what it takes with it are read only then: that is once a day. */
export async function writeReport(parts: LetterParts): Promise<WrittenReport> {
  const [{ render }, { DailyReportLetter }] = await Promise.all([
    import('@react-email/render'),
    import('./daily-report-letter.js'),
  ]);
  const html = await render(createElement(DailyReportLetter, parts));
  return { subject: subjectOf(parts.report), html, text: dailyReportText(parts) };
}
