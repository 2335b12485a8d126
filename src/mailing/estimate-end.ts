import { MailingStatus } from './mailing.js';
import type { MailingState } from './mailing-state.js';
import type { OpenSample } from './open-sample.js';
import { STANDSTILL, whyWaiting } from './waiting.js';

/**
 * When the last message will be done, never after the mailing's end: what is due goes at the rate of the last seconds, or
 * as fast as the limit allows where nothing has been measured or that is slower; what becomes due later goes then, in the
 * same way.
 *
 * @returns null where nothing tells: no rate is known, or nothing goes (see `whyWaiting`)
 */
export function estimateEnd(state: MailingState, sample: OpenSample): Date | null {
  const { status, open, readAt, endsAt } = state;
  if (status !== MailingStatus.RUNNING || open === 0) return null;
  if (whyWaiting(state, sample).some(({ reason }) => STANDSTILL.includes(reason))) return null;
  const due = Math.max(0, open - sample.delayed);
  const perMs = speedOf(state);
  if (perMs === null && due > 0) return null;
  const take = (messages: number) => (perMs === null ? 0 : messages / perMs);
  let doneAt = readAt.getTime() + take(due);
  for (const { count, first, last } of sample.later) {
    doneAt = Math.max(Math.max(doneAt, first) + take(count), last);
  }
  return new Date(Math.min(endsAt.getTime(), doneAt));
}

/** Messages a millisecond; null: nothing has been measured, and there is no limit. */
function speedOf({ rate, limit }: MailingState): number | null {
  const perSecond = Math.min(rate === 0 ? Number.POSITIVE_INFINITY : rate, limit ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(perSecond) ? perSecond / 1_000 : null;
}
