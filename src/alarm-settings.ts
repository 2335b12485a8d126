import { z } from 'zod';
import { emails, whole, yesOrNo } from './setting-kinds.js';

/** The settings of what the outside is told, by the names of their variables. */
export const alarmSettings = {
  ALERT_RECIPIENTS: emails.optional(),
  STUCK_MINUTES: whole(10, 1, 1_440),
  WEBHOOK_ALLOW_PRIVATE: yesOrNo().default(false),
};
type Settings = z.output<z.ZodObject<typeof alarmSettings>>;

/** Who is told when something is wrong, and how. */
export interface AlarmSettings {
  /** E-mail addresses, each once; none: no letter is sent. */
  readonly recipients: readonly string[];
  /** A mailing is stuck when nothing of it has moved for so long, minutes. */
  readonly stuckMinutes: number;
  /** Webhooks may lead to this machine and to private networks. */
  readonly allowPrivate: boolean;
}

/** Where nobody is named for alarms, those who get the daily report get them. */
export function assembleAlarms(s: Settings & { REPORT_RECIPIENTS?: string[] | undefined }): AlarmSettings {
  return Object.freeze({
    recipients: Object.freeze(s.ALERT_RECIPIENTS ?? s.REPORT_RECIPIENTS ?? []),
    stuckMinutes: s.STUCK_MINUTES,
    allowPrivate: s.WEBHOOK_ALLOW_PRIVATE,
  });
}

/** What is wrong although each setting alone is right. */
export function findAlarmContradictions(
  s: Settings & { SMTP_URL?: string | undefined; NODE_ENV?: string | undefined },
): string[] {
  const problems: string[] = [];
  if (s.ALERT_RECIPIENTS && !s.SMTP_URL) {
    problems.push('ALERT_RECIPIENTS needs a mail server to be sent by: set SMTP_URL and MAIL_FROM');
  }
  if (s.WEBHOOK_ALLOW_PRIVATE && s.NODE_ENV === 'production') {
    problems.push('WEBHOOK_ALLOW_PRIVATE is for trying things out: not in production');
  }
  return problems;
}
