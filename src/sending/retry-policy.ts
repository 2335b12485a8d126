import type { Outcome } from '../channel/channel.js';
import type { ClaimedMessage } from '../message/claim-messages.js';
import type { OutcomeRecord, RecordKind } from '../message/record-outcomes.js';
import { backoffMs, faultBackoffMs } from './backoff.js';

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

/** The retry policy: what an outcome means for the message. */
export function recordOf(message: ClaimedMessage, outcome: Outcome, startedAt: number, endedAt: number): OutcomeRecord {
  if (outcome.kind === 'unstarted') return untried(message, 'returned', null);
  const base = { ...untried(message, outcome.kind, null), gatewayCode: outcome.gatewayCode, startedAt, endedAt };
  switch (outcome.kind) {
    case 'accepted':
      return base;
    case 'rejected':
      return { ...base, charged: true, reason: outcome.reason };
    case 'retry': {
      const wait = outcome.charged ? backoffMs(message.triesUsed) : faultBackoffMs();
      return {
        ...base,
        charged: outcome.charged,
        reason: outcome.reason,
        delayMs: Math.max(outcome.afterMs ?? 0, wait),
      };
    }
    case 'unknown':
      return { ...base, charged: true, reason: outcome.reason, delayMs: backoffMs(message.triesUsed) };
  }
}
