import { describe, expect, it } from 'vitest';
import { howMany, isChosen, MOST_IDS, NOBODY, target, tick } from './selection.js';

describe('a choice of clients', () => {
  it('grows and shrinks by ticks', () => {
    const some = tick(tick(NOBODY, ['1', '2', '3'], true), ['2'], false);
    expect(target(some, {})).toEqual({ ids: ['1', '3'] });
    expect([howMany(some, 9), isChosen(some, '1'), isChosen(some, '2')]).toEqual([2, true, false]);
    expect(howMany(NOBODY, 9)).toBe(0);
  });

  it('of everybody whom the filter means is told as the filter, whoever is on the screen', () => {
    const all = { kind: 'filter' } as const;
    expect(target(all, { tagsAny: ['vip'] })).toEqual({ filter: { tagsAny: ['vip'] } });
    expect([howMany(all, 12_431), howMany(all, null), isChosen(all, '1')]).toEqual([12_431, null, true]);
    expect(howMany(tick(all, ['1'], false), 12_431)).toBe(0);
  });

  it('takes no more ids than a job does', () => {
    const ids = Array.from({ length: MOST_IDS + 5 }, (_, at) => String(at));
    expect(howMany(tick(NOBODY, ids, true), null)).toBe(MOST_IDS);
  });
});
