import { expect, it } from 'vitest';
import { dayFromToday, readDay, weekdayNames, wholeDays } from './days.js';

it('takes both days whole, by the clock of who reads', () => {
  const { from, to } = wholeDays('2026-03-28', '2026-03-29') ?? {};
  expect(new Date(from ?? '')).toEqual(new Date(2026, 2, 28));
  expect(new Date(to ?? '')).toEqual(new Date(2026, 2, 30));
});

it('leaves open what is not given', () => {
  expect(wholeDays('', '')).toBeNull();
  expect(wholeDays('2026-03-28', '')).toEqual({ from: new Date(2026, 2, 28).toISOString() });
});

it('takes nothing for a day that is none', () => {
  expect(['2026-11-21', '2026-13-45', 'yesterday', null].map(readDay)).toEqual(['2026-11-21', '', '', '']);
});

it('counts days from today', () => {
  const tomorrow = new Date(`${dayFromToday(1)}T12:00`);
  const noon = new Date().setHours(12, 0, 0, 0);
  expect(Math.round((tomorrow.getTime() - noon) / 86_400_000)).toBe(1);
});

it('names weekdays from Monday on', () => {
  expect(weekdayNames([1, 7], 'en')).toBe('Mon, Sun');
  expect(weekdayNames([1, 7], 'ru')).toBe('пн, вс');
});
