import { describe, expect, it } from 'vitest';
import { askedFor, readChoice, writeChoice } from './list-choice.js';

const ALL = { status: null, find: '', order: 'NEWEST', from: '', to: '' } as const;

describe('which mailings are looked at', () => {
  it('is all of them, newest first, where the address says nothing', () => {
    expect(readChoice(new URLSearchParams())).toEqual(ALL);
    expect(writeChoice(ALL).toString()).toBe('');
    expect(askedFor(ALL)).toEqual({ filter: null, orderBy: 'NEWEST' });
  });

  it('comes back from the address as it went in', () => {
    const choice = {
      status: 'PAUSED',
      find: 'a & b',
      order: 'ENDS_LATEST',
      from: '2026-03-28',
      to: '2026-03-29',
    } as const;
    expect(readChoice(new URLSearchParams(writeChoice(choice).toString()))).toEqual(choice);
  });

  it('leaves out of an address what is no choice', () => {
    expect(readChoice(new URLSearchParams('status=LOST&order=BY_LUCK&from=yesterday&to=2026-13-45'))).toEqual(ALL);
  });

  it('takes both days whole', () => {
    const { filter } = askedFor({ ...ALL, from: '2026-03-28', to: '2026-03-29' });
    const { from, to } = filter?.startsAt ?? {};
    expect(new Date(from ?? '')).toEqual(new Date(2026, 2, 28));
    expect(new Date(to ?? '')).toEqual(new Date(2026, 2, 30));
  });

  it('does not look for spaces', () => {
    expect(askedFor({ ...ALL, find: '  ' }).filter).toBeNull();
  });
});
