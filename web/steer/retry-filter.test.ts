import { describe, expect, it } from 'vitest';
import type { FailureGroupRowFragment } from '../generated/graphql.js';
import { retryOfAllFailed, retryOfGroup, retryRefusal } from './retry-filter.js';

const group = (
  status: FailureGroupRowFragment['status'],
  gatewayCode: number | null,
  reason: string | null,
  count: number,
): FailureGroupRowFragment => ({ status, gatewayCode, reason, count });

const refused = group('FAILED', 500, 'Wrong phone', 7);
const lost = group('UNKNOWN', null, null, 5);

describe('trying again those of one reason', () => {
  it('asks for that group and no other', () => {
    expect(retryOfGroup(refused)).toEqual({
      filter: { statuses: ['FAILED'], group: { gatewayCode: 500, reason: 'Wrong phone' } },
      count: 7,
      mayRepeat: false,
    });
  });

  it('warns where some may have been sent', () => {
    expect(retryOfGroup(lost)).toEqual({
      filter: { statuses: ['UNKNOWN'], group: { gatewayCode: null, reason: null } },
      count: 5,
      mayRepeat: true,
    });
    expect(retryOfAllFailed(323)).toEqual({
      filter: { statuses: ['FAILED'] },
      count: 323,
      mayRepeat: false,
    });
  });

  it('is possible while the mailing has time left, also when it was completed', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(retryRefusal('COMPLETED', '2026-11-21T13:00:00Z', now)).toBeNull();
    expect(retryRefusal('COMPLETED', '2026-11-21T12:00:00Z', now)).toBe('why.ended');
    expect(retryRefusal('CANCELLED', '2026-11-21T13:00:00Z', now)).toBe('why.noRetry');
  });
});
