import { describe, expect, it } from 'vitest';
import { wholeDays } from '../ui/days.js';
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
    expect(askedFor(choice).filter).toEqual({ textContains: 'a & b', startsAt: wholeDays('2026-03-28', '2026-03-29') });
  });

  it('leaves out of an address what is no choice', () => {
    expect(readChoice(new URLSearchParams('status=LOST&order=BY_LUCK&from=yesterday&to=2026-13-45'))).toEqual(ALL);
  });

  it('does not look for spaces', () => {
    expect(askedFor({ ...ALL, find: '  ' }).filter).toBeNull();
  });
});
