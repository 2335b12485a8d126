import { AppError } from '../errors.js';
import type { MailingFields } from './mailing.inputs.js';
import { parseTemplate } from './template.js';

/** What must hold of every mailing, whatever the time. */
type Timeless = Pick<MailingFields, 'text' | 'startsAt' | 'endsAt' | 'allowedFrom' | 'allowedTo'>;

const DAY_S = 86_400;

/**
 * What must hold of fields taken together, drafts included.
 *
 * @param timeoutMs one attempt's time-out: a shorter window would never let a message through
 * @throws AppError BAD_USER_INPUT that names the field
 */
export function checkMailing(mailing: Timeless, timeoutMs: number): void {
  parseTemplate(mailing.text);
  if (mailing.startsAt >= mailing.endsAt) refuse('endsAt', 'endsAt must be after startsAt.');
  const { allowedFrom, allowedTo } = mailing;
  if (allowedFrom === null && allowedTo === null) return;
  if (allowedFrom === null) refuse('allowedFrom', 'allowedFrom must come together with allowedTo.');
  if (allowedTo === null) refuse('allowedTo', 'allowedTo must come together with allowedFrom.');
  if (allowedFrom === allowedTo) {
    refuse('allowedTo', 'allowedTo must differ from allowedFrom; leave both out for the whole day.');
  }
  const open = (secondsOf(allowedTo) - secondsOf(allowedFrom) + DAY_S) % DAY_S;
  if (open * 1_000 <= timeoutMs) {
    refuse('allowedTo', `allowedTo must leave more than ${timeoutMs / 1_000} s: an attempt may take that long.`);
  }
}

/**
 * What must hold when a mailing is scheduled: that there is time left to send anything.
 *
 * @param now the database's clock
 * @param timeoutMs one attempt's time-out, which must fit between start and end
 * @throws AppError BAD_USER_INPUT on `endsAt`
 */
export function checkTimeLeft(mailing: Pick<MailingFields, 'startsAt' | 'endsAt'>, now: Date, timeoutMs: number): void {
  if (mailing.endsAt <= now) refuse('endsAt', 'endsAt must be in the future.');
  const from = Math.max(mailing.startsAt.getTime(), now.getTime());
  if (mailing.endsAt.getTime() - from <= timeoutMs) {
    refuse('endsAt', `endsAt must be more than ${timeoutMs / 1_000} s after the start: an attempt may take that long.`);
  }
}

function refuse(field: string, message: string): never {
  throw new AppError('BAD_USER_INPUT', message, field);
}

function secondsOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return hours * 3_600 + minutes * 60 + seconds;
}
