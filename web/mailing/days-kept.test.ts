import { expect, it } from 'vitest';
import { daysKept } from './days-kept.js';

it('counts whole days from the end of a mailing', () => {
  expect(daysKept('2026-01-01T10:00:00Z', '2026-01-31T09:59:59Z')).toBe(29);
  expect(daysKept('2026-01-01T10:00:00Z', '2026-01-31T10:00:00Z')).toBe(30);
  // Two clocks, or a mailing without an end.
  expect(daysKept('2026-01-01T10:00:00Z', '2026-01-01T09:00:00Z')).toBe(0);
});
