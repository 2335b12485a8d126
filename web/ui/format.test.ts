import { describe, expect, it } from 'vitest';
import { createFormat } from './format.js';

const { count, duration, share, moment } = createFormat('en');

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

  it('writes each language as its readers do', () => {
    expect(createFormat('ru').duration(7_500_000)).toBe('2 ч 5 мин');
    expect(createFormat('ru').share(1, 3)).toBe('33,3 %');
    expect(moment('2026-11-21T09:00:00Z', 'Asia/Yekaterinburg')).toBe('Nov 21, 2026, 14:00 GMT+5');
  });

  it('never rounds a share up to all or down to nothing', () => {
    expect(share(9_999_999, 10_000_000)).toBe('99.9 %');
    expect(share(1, 10_000_000)).toBe('0.1 %');
    expect(share(10, 10)).toBe('100 %');
    expect(share(0, 0)).toBe('0 %');
  });
});
