import { describe, expect, it } from 'vitest';
import type { FailureGroupRowFragment } from '../generated/graphql.js';
import { retryOfAllFailed, retryOfGroup, retryRefusal } from './retry-filter.js';

const group = (
  status: FailureGroupRowFragment['status'],
  gatewayCode: number | null,
  reason: string | null,
  count: number,
): FailureGroupRowFragment => ({ status, gatewayCode, reason, count });

const refused = group('FAILED', 400, 'Wrong phone', 300);
const refusedLonger = group('FAILED', 400, 'Wrong phone or operator', 12);
const refusedOtherwise = group('FAILED', 500, 'Wrong phone', 7);
const lost = group('UNKNOWN', null, 'No answer in time', 5);
const silent = group('FAILED', null, null, 4);
const groups = [refused, refusedLonger, refusedOtherwise, lost, silent];

describe('trying again those of one reason', () => {
  it('asks for the status, the answer and the reason of that group', () => {
    expect(retryOfGroup(refusedOtherwise, groups)).toEqual({
      filter: { statuses: ['FAILED'], gatewayCodes: [500], reasonContains: 'Wrong phone' },
      count: 7,
      others: 0,
      mayRepeat: false,
    });
  });

  it('counts those of other groups that the words find as well', () => {
    expect(retryOfGroup(refused, groups)).toMatchObject({ count: 312, others: 12 });
    expect(retryOfGroup(refusedLonger, groups)).toMatchObject({ count: 12, others: 0 });
    // No words and no answer to ask for: the server then takes all of that status.
    expect(retryOfGroup(silent, groups)).toMatchObject({ filter: { statuses: ['FAILED'] }, count: 323, others: 319 });
  });

  it('warns where some may have been sent', () => {
    expect(retryOfGroup(lost, groups)).toMatchObject({ mayRepeat: true, filter: { statuses: ['UNKNOWN'] } });
    expect(retryOfAllFailed(323)).toEqual({
      filter: { statuses: ['FAILED'] },
      count: 323,
      others: 0,
      mayRepeat: false,
    });
  });

  it('asks for no more of a reason than the server takes', () => {
    const long = group('FAILED', 400, 'x'.repeat(500), 1);
    expect(retryOfGroup(long, [long]).filter.reasonContains).toHaveLength(200);
    expect(retryOfGroup(long, [long]).count).toBe(1);
  });

  it('is possible while the mailing has time left, also when it was completed', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(retryRefusal('COMPLETED', '2026-11-21T13:00:00Z', now)).toBeNull();
    expect(retryRefusal('COMPLETED', '2026-11-21T12:00:00Z', now)).toBe('why.ended');
    expect(retryRefusal('CANCELLED', '2026-11-21T13:00:00Z', now)).toBe('why.noRetry');
  });
});
