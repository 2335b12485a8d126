import type { MailingStatus } from '../generated/graphql.js';
import { changedParts, type EditorValues, PART_NAMES, type Part } from './form-values.js';

/** What a launched mailing keeps for good; the server says why, and the form too: see the words `frozen.*`. */
const FROZEN = ['text', 'filter', 'channel', 'startsAt', 'maxAttempts', 'unknownOutcome'] as const satisfies Part[];
export type FrozenPart = (typeof FROZEN)[number];

/** Whether a mailing's messages have been made. */
export function isLaunched(status: MailingStatus): boolean {
  return status !== 'DRAFT' && status !== 'SCHEDULED';
}

/** What of a mailing may still be changed. A new one is like a draft. */
export function editableParts(status: MailingStatus): readonly Part[] {
  if (!isLaunched(status)) return PART_NAMES;
  if (status === 'CANCELLED') return ['name'];
  return PART_NAMES.filter((part) => !(FROZEN as readonly Part[]).includes(part));
}

/** What was changed here and cannot be saved any more: the mailing was launched, or cancelled, since the edit began. */
export function lostParts(status: MailingStatus, base: EditorValues, values: EditorValues): Part[] {
  const editable = editableParts(status);
  return changedParts(base, values).filter((part) => !editable.includes(part));
}
