import { describe, expect, it } from 'vitest';
import { changesOf, copyOf, detailsAfter, doerOf } from './describe-event.js';

const before = {
  startsAt: '2026-11-21T10:00:00+00:00',
  endsAt: '2026-11-21T18:00:00+00:00',
  allowedFrom: '10:00:00',
  allowedTo: '20:00:00',
  weekdays: null,
  rateLimit: null,
  plan: 1,
};

describe('the history of a mailing', () => {
  it('says what an edit changed, from what to what', () => {
    const details = { ...before, allowedTo: '21:00:00', rateLimit: 200, edited: ['rateLimit', 'allowedTo', 'name'] };
    expect(changesOf({ kind: 'EDITED', details }, before)).toEqual([
      { field: 'name', from: undefined, to: undefined },
      { field: 'hours', from: '10:00–20:00', to: '10:00–21:00' },
      { field: 'rateLimit', from: null, to: 200 },
    ]);
  });

  it('says the hours once where both were changed, and that there are none any more', () => {
    const details = { ...before, allowedFrom: null, allowedTo: null, edited: ['allowedFrom', 'allowedTo'] };
    expect(changesOf({ kind: 'EDITED', details }, before)).toEqual([{ field: 'hours', from: '10:00–20:00', to: null }]);
  });

  it('does not guess what was before the first that it knows', () => {
    const details = { ...before, edited: ['endsAt'] };
    expect(changesOf({ kind: 'EDITED', details }, null)).toEqual([
      { field: 'endsAt', from: undefined, to: before.endsAt },
    ]);
  });

  it('goes on from what held before a step that writes nothing down', () => {
    expect(detailsAfter({ details: {} }, before)).toBe(before);
    expect(detailsAfter({ details: { ...before, plan: 2 } }, before)).toMatchObject({ plan: 2 });
  });

  it('names the original of a copy', () => {
    expect(copyOf({ details: { ...before, copyOf: '12' } })).toBe('12');
    expect(copyOf({ details: before })).toBeNull();
  });

  it.each([
    ['heliograph', 'by.heliograph', 'heliograph'],
    ['admin', 'by.admin', 'admin'],
    ['user:ann@example.org', 'by.user', 'ann@example.org'],
    ['token:shop: nightly', 'by.token', 'shop: nightly'],
    ['import', 'by.other', 'import'],
  ])('says who did it: %s', (by, word, name) => {
    expect(doerOf(by)).toEqual({ word, name });
  });
});
