import { describe, expect, it } from 'vitest';
import { effectOf, limitAt, NO_LIMIT, type Pace, placeOf } from './rate-scale.js';

describe('the rate slider', () => {
  it('goes from 1 to 10,000 in round figures, and ends at no limit', () => {
    expect([0, 30, 60, 90, 120].map(limitAt)).toEqual([1, 10, 100, 1_000, 10_000]);
    expect(limitAt(65)).toBe(150);
    expect(limitAt(NO_LIMIT)).toBeNull();
    expect(limitAt(121)).toBeNull();
  });

  it('never goes back as it is pushed on', () => {
    const limits = Array.from({ length: 121 }, (_, place) => limitAt(place)!);
    expect(limits).toEqual(limits.toSorted((a, b) => a - b));
  });

  it('shows where a limit is, and a larger one than it has at its last figure', () => {
    for (const limit of [1, 10, 150, 1_000, 10_000]) expect(limitAt(placeOf(limit))).toBe(limit);
    expect(placeOf(900_000)).toBe(120);
    expect(placeOf(null)).toBe(NO_LIMIT);
  });
});

describe('what a limit does', () => {
  const pace: Pace = { open: 10_000, measured: 500, channelLimit: null, limit: null, endsAt: 100_000, now: 0 };

  it('tells by the limit where that is lower than what goes', () => {
    expect(effectOf(100, pace)).toEqual({ rate: 100, takes: 100_000, late: 0, isHeldByChannel: false });
    expect(effectOf(50, pace)).toMatchObject({ takes: 200_000, late: 5_000 });
  });

  it('promises no more than the gateway takes', () => {
    expect(effectOf(2_000, pace).rate).toBe(500);
    expect(effectOf(null, pace).rate).toBe(500);
  });

  it('takes a measure under a limit for that of the limit', () => {
    const limited = { ...pace, limit: 500 };
    expect(effectOf(2_000, limited).rate).toBe(2_000);
    expect(effectOf(null, limited)).toEqual({ rate: null, takes: null, late: 0, isHeldByChannel: false });
  });

  it('is held by the limit of the channel', () => {
    const shared = { ...pace, measured: 0, channelLimit: 200 };
    expect(effectOf(1_000, shared)).toMatchObject({ rate: 200, isHeldByChannel: true });
    expect(effectOf(null, shared)).toMatchObject({ rate: 200, isHeldByChannel: true });
    expect(effectOf(100, shared)).toMatchObject({ rate: 100, isHeldByChannel: false });
  });

  it('has nobody in time when the end is over', () => {
    expect(effectOf(100, { ...pace, now: 200_000 }).late).toBe(10_000);
  });
});
