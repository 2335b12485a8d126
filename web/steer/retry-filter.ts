import type { FailureGroupRowFragment, MailingStatus, RetryFilterInput } from '../generated/graphql.js';

/** What is to be tried again, and how many the groups say it is. */
export interface Retry {
  filter: RetryFilterInput;
  /** Messages, as far as the groups tell. */
  count: number;
  /** Some of them may have been sent already. */
  mayRepeat: boolean;
}

/** Just those of one group. */
export function retryOfGroup({ status, reason, gatewayCode, count }: FailureGroupRowFragment): Retry {
  return { filter: { statuses: [status], group: { reason, gatewayCode } }, count, mayRepeat: status === 'UNKNOWN' };
}

/** All that FAILED. What is UNKNOWN is never among them: it may have been sent, and is tried again by itself only where somebody says so. */
export function retryOfAllFailed(failed: number): Retry {
  return { filter: { statuses: ['FAILED'] }, count: failed, mayRepeat: false };
}

/** Why nothing can be tried again now: a word of this room; null: it can. @param now ms */
export function retryRefusal(status: MailingStatus, endsAt: string, now: number): 'why.noRetry' | 'why.ended' | null {
  if (status !== 'RUNNING' && status !== 'PAUSED' && status !== 'COMPLETED') return 'why.noRetry';
  return Date.parse(endsAt) <= now ? 'why.ended' : null;
}
