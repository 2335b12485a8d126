import { expect, it } from 'vitest';
import { dayFromToday, wholeDays } from '../ui/days.js';
import { askedFor, ownZone, readChoice, writeChoice } from './statistics-choice.js';

it('counts the last 30 days by status where the address says nothing, or nothing that it can mean', () => {
  const choice = readChoice(new URLSearchParams('period=ever&by=LUCK&clock=none'));
  expect(choice).toEqual(readChoice(new URLSearchParams()));
  expect(askedFor(choice)).toEqual({ period: wholeDays(dayFromToday(-29), ''), groupBy: 'STATUS', timeZone: null });
  expect(writeChoice(choice).toString()).toBe('');
});

it('finds in the address what was chosen', () => {
  const choice = { period: 'own', from: '2026-03-01', to: '', by: 'HOUR', clock: 'mine' } as const;
  expect(readChoice(new URLSearchParams(writeChoice(choice).toString()))).toEqual(choice);
  expect(askedFor(choice)).toEqual({ period: wholeDays('2026-03-01', ''), groupBy: 'HOUR', timeZone: ownZone() });
});

it('asks for everything from the beginning', () => {
  expect(askedFor(readChoice(new URLSearchParams('period=all&from=2026-03-01'))).period).toBeNull();
});
