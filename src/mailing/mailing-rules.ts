import { AppError } from '../errors.js';
import type { MailingFields } from './mailing.inputs.js';
import { MailingStatus } from './mailing.js';
import { parseTemplate } from './template.js';

/** What must hold of every mailing, whatever the time. */
type Timeless = Pick<MailingFields, 'text' | 'startsAt' | 'endsAt' | 'allowedFrom' | 'allowedTo'>;

const DAY_S = 86_400;

/** Why nothing can be started any more. */
export const TOO_LATE = 'The end of this mailing is over or too near: move endsAt first.';

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
  if (windowSeconds(allowedFrom, allowedTo) * 1_000 <= timeoutMs) {
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

/** Why a field stays as it was at launch. The others may be changed while messages go out, and take effect on what isn't claimed. */
const FROZEN: Partial<Record<keyof MailingFields, string>> = {
  text: 'the same message id always carries the same payload',
  filter: 'its messages were made for the clients that it matched then',
  channel: 'an attempt under the same id may have been made there',
  startsAt: 'it has started',
  maxAttempts: 'attempts were counted by it',
  unknownOutcome: 'attempts were judged by it',
};

/**
 * What may be edited in a status: a draft and a scheduled mailing entirely, a cancelled one in its name only, the others in
 * all that is not frozen since the launch.
 *
 * @throws AppError CONFLICT that names the first field that may not, and why
 */
export function checkEditable(status: MailingStatus, edited: readonly (keyof MailingFields)[]): void {
  if (status === MailingStatus.DRAFT || status === MailingStatus.SCHEDULED) return;
  if (status === MailingStatus.CANCELLED) {
    const field = edited.find((each) => each !== 'name');
    if (field) throw new AppError('CONFLICT', 'This mailing is CANCELLED: only its name can be changed now.', field);
    return;
  }
  const field = edited.find((each) => FROZEN[each] !== undefined);
  if (!field) return;
  throw new AppError(
    'CONFLICT',
    `This mailing is ${status}: ${field} can't be changed any more, because ${FROZEN[field]}.`,
    field,
  );
}

/** How long a window is open on a day on which no clock is moved; a whole day where there is none. */
export function windowSeconds(allowedFrom: string | null, allowedTo: string | null): number {
  if (allowedFrom === null || allowedTo === null) return DAY_S;
  return (secondsOf(allowedTo) - secondsOf(allowedFrom) + DAY_S) % DAY_S;
}

function refuse(field: string, message: string): never {
  throw new AppError('BAD_USER_INPUT', message, field);
}

function secondsOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return hours * 3_600 + minutes * 60 + seconds;
}
