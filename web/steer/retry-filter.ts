import type { FailureGroupRowFragment, MailingStatus, RetryFilterInput } from '../generated/graphql.js';

/** Characters of a reason that the server compares at the most. */
const MAX_REASON = 200;

/** What is to be tried again, and how many the groups say it is. */
export interface Retry {
  filter: RetryFilterInput;
  /** Messages, as far as the groups tell. */
  count: number;
  /** Of these, how many are of other groups whose reason holds the same words. */
  others: number;
  /** Some of them may have been sent already. */
  mayRepeat: boolean;
}

type Group = FailureGroupRowFragment;

/** Just those of one group, as near as the server's filter comes: it looks for a part of the reason. */
export function retryOfGroup(group: Group, groups: readonly Group[]): Retry {
  const reason = group.reason?.slice(0, MAX_REASON).trim();
  const filter: RetryFilterInput = {
    statuses: [group.status],
    ...(group.gatewayCode !== null && { gatewayCodes: [group.gatewayCode] }),
    ...(reason && { reasonContains: reason }),
  };
  const count = sum(groups.filter((other) => isMatched(other, filter)));
  return { filter, count, others: count - group.count, mayRepeat: group.status === 'UNKNOWN' };
}

/** All that FAILED. What is UNKNOWN is never among them: it may have been sent, and is tried again by itself only where somebody says so. */
export function retryOfAllFailed(failed: number): Retry {
  return { filter: { statuses: ['FAILED'] }, count: failed, others: 0, mayRepeat: false };
}

/** As src/mailing/retry-messages.ts finds them. */
function isMatched(group: Group, { statuses, gatewayCodes, reasonContains }: RetryFilterInput): boolean {
  if (!statuses?.includes(group.status)) return false;
  if (gatewayCodes && (group.gatewayCode === null || !gatewayCodes.includes(group.gatewayCode))) return false;
  return !reasonContains || (group.reason?.toLowerCase().includes(reasonContains.toLowerCase()) ?? false);
}

function sum(groups: readonly Group[]): number {
  return groups.reduce((all, { count }) => all + count, 0);
}

/** Why nothing can be tried again now: a word of this room; null: it can. @param now ms */
export function retryRefusal(status: MailingStatus, endsAt: string, now: number): 'why.noRetry' | 'why.ended' | null {
  if (status !== 'RUNNING' && status !== 'PAUSED' && status !== 'COMPLETED') return 'why.noRetry';
  return Date.parse(endsAt) <= now ? 'why.ended' : null;
}
