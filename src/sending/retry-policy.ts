import type { Outcome } from '../channel/channel.js';
import type { ClaimedMessage } from '../message/claim-messages.js';
import type { OutcomeRecord, RecordKind } from '../message/record-outcomes.js';
import { backoffMs } from './backoff.js';

/** A record of a message for which no request was made. */
export function untried(message: ClaimedMessage, kind: RecordKind, reason: string | null): OutcomeRecord {
  const { id, fence } = message;
  return { id, fence, kind, reason, charged: false, delayMs: 0, gatewayCode: null, startedAt: null, endedAt: null };
}

/** What becomes of a claimed message that is not to be sent. */
export function unsendable(message: ClaimedMessage): OutcomeRecord {
  switch (message.verdict) {
    case 'withdrawn':
      return untried(message, 'withdrawn', 'the client opted out or was deleted');
    case 'never-again':
      return untried(
        message,
        'rejected',
        'an earlier attempt may have reached the gateway, and the mailing says never again',
      );
    default:
      return untried(message, 'late', null);
  }
}

/**
 * What an outcome means for its message; channel/answer-rules.ts says what the outcome is.
 *
 * @param isProbe it was sent to find out whether an open circuit can be closed: whatever came back costs it no attempt
 */
export function recordOf(
  message: ClaimedMessage,
  outcome: Outcome,
  times: { startedAt: number; endedAt: number },
  isProbe: boolean,
): OutcomeRecord {
  if (outcome.kind === 'unstarted') return untried(message, 'returned', null);
  const base = { ...untried(message, outcome.kind, null), gatewayCode: outcome.gatewayCode, ...times };
  if (outcome.kind === 'accepted') return base;
  const { reason } = outcome;
  if (outcome.kind === 'rejected') return { ...base, charged: true, reason };
  const charged = outcome.charged && !(isProbe && outcome.fault !== 'none');
  return { ...base, charged, reason, delayMs: delayOf(outcome, charged ? message.triesUsed : 0) };
}

/** A crowd that was told the same moment (Retry-After) is spread over the time after it, never before it. */
function delayOf(outcome: Outcome & { kind: 'retry' | 'unknown' }, tries: number): number {
  const asked = outcome.kind === 'retry' ? (outcome.afterMs ?? 0) : 0;
  return asked + backoffMs(tries);
}
