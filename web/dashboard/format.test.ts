import { describe, expect, it } from 'vitest';
import { count, duration, share } from './format.js';

describe('figures on the dashboard', () => {
  it('groups thousands', () => {
    expect(count(1_234_567)).toBe('1,234,567');
  });

  it.each([
    [-5_000, '0 s'],
    [0, '0 s'],
    [1, '1 s'],
    [8_000, '8 s'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
  ])('says %i ms as %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it('never rounds a share up to all or down to nothing', () => {
    expect(share(9_999_999, 10_000_000)).toBe('99.9 %');
    expect(share(1, 10_000_000)).toBe('0.1 %');
    expect(share(10, 10)).toBe('100 %');
    expect(share(0, 0)).toBe('0 %');
  });
});
