import { expect, it } from 'vitest';
import { endOf, tokenState } from './token-state.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');

it.each([
  [{ revokedAt: '2026-11-20T12:00:00Z', expiresAt: '2027-01-01T00:00:00Z' }, 'revoked'],
  [{ revokedAt: null, expiresAt: '2026-11-21T12:00:00Z' }, 'expired'],
  [{ revokedAt: null, expiresAt: '2026-11-21T12:00:01Z' }, 'holds'],
  [{ revokedAt: null, expiresAt: null }, 'forever'],
] as const)('a token of %o is %s', (token, state) => {
  expect(tokenState(token, NOW)).toBe(state);
});

it('says when a token made now ends', () => {
  expect(endOf('month', NOW)).toBe('2026-12-21T12:00:00.000Z');
  expect(endOf('forever', NOW)).toBeNull();
});
