import { z } from 'zod';
import { clockTime, emails, timeZone } from './setting-kinds.js';

/** The settings of the daily report, by the names of their variables. */
export const reportSettings = {
  REPORT_RECIPIENTS: emails.optional(),
  REPORT_AT: clockTime.default('08:00'),
  REPORT_TIME_ZONE: timeZone.default('UTC'),
};
type Settings = z.output<z.ZodObject<typeof reportSettings>>;

/** The letter that tells each day what was sent the day before. */
export interface ReportSettings {
  /** E-mail addresses, each once; none: no report is sent. */
  readonly recipients: readonly string[];
  /** When it is sent, `HH:MM` on the clocks of `timeZone`. */
  readonly at: string;
  /** An IANA time zone: whose day it tells about. */
  readonly timeZone: string;
}

export function assembleReport(s: Settings): ReportSettings {
  return Object.freeze({
    recipients: Object.freeze(s.REPORT_RECIPIENTS ?? []),
    at: s.REPORT_AT,
    timeZone: s.REPORT_TIME_ZONE,
  });
}

/** What is wrong although each setting alone is right. */
export function findReportContradictions(s: Settings & { SMTP_URL?: string | undefined }): string[] {
  if (!s.REPORT_RECIPIENTS || s.SMTP_URL) return [];
  return ['REPORT_RECIPIENTS needs a mail server to be sent by: set SMTP_URL and MAIL_FROM'];
}
