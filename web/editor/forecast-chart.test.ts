import { describe, expect, it } from 'vitest';
import { openSpans, placeOf, shownSpan, ticksOf } from './forecast-chart.js';

const at = (iso: string) => Date.parse(iso);
const HOUR = 3_600_000;
const shown = { from: at('2026-11-21T09:00Z'), to: at('2026-11-22T09:00Z') };
const said = (spans: { from: number; to: number }[]) =>
  spans.map(({ from, to }) => [from, to].map((moment) => new Date(moment).toISOString().slice(5, 16)));
const daily = { allowedFrom: '10:00', allowedTo: '20:00', weekdays: null };

describe('the picture of a forecast', () => {
  it('draws the hours by the clocks of the zone, cut off where the picture ends', () => {
    expect(said(openSpans('Europe/Moscow', daily, shown))).toEqual([
      ['11-21T09:00', '11-21T17:00'],
      ['11-22T07:00', '11-22T09:00'],
    ]);
    expect(said(openSpans('Asia/Kamchatka', daily, shown))).toEqual([['11-21T22:00', '11-22T08:00']]);
  });

  it('draws a window over midnight from the evening on, on the days on which it opens', () => {
    // The 21st is a Saturday.
    const night = { allowedFrom: '22:00', allowedTo: '06:00', weekdays: [6] };
    expect(said(openSpans('UTC', night, shown))).toEqual([['11-21T22:00', '11-22T06:00']]);
    expect(openSpans('UTC', { ...night, weekdays: [1] }, shown)).toEqual([]);
  });

  it('draws whole days as one', () => {
    expect(openSpans('UTC', { allowedFrom: null, allowedTo: null, weekdays: null }, shown)).toEqual([shown]);
    expect(said(openSpans('UTC', { allowedFrom: null, allowedTo: null, weekdays: [7] }, shown))).toEqual([
      ['11-22T00:00', '11-22T09:00'],
    ]);
  });

  it('draws nothing for a zone that the browser does not know', () => {
    expect(openSpans('Mars/Olympus', daily, shown)).toEqual([]);
  });

  it('goes beyond the end to where those are reached who are too late, but not for ever', () => {
    const [start, end] = [shown.from, shown.from + 4 * HOUR];
    expect(shownSpan(start, end, [])).toEqual({ from: start, to: end });
    expect(shownSpan(start, end, [end + HOUR])).toEqual({ from: start, to: end + 2 * HOUR });
    expect(shownSpan(start, end, [end + 20 * HOUR])).toEqual({ from: start, to: end + 4 * HOUR });
  });

  it('places moments', () => {
    expect([shown.from, shown.from + 6 * HOUR, shown.to + HOUR].map((moment) => placeOf(moment, shown))).toEqual([
      0, 25, 100,
    ]);
  });

  it('marks full hours of the clock, and which of them begin a day', () => {
    const ticks = ticksOf(shown, 'Asia/Kolkata');
    expect(ticks.map(({ at: moment }) => new Date(moment).toISOString().slice(11, 16))).toEqual([
      '09:30',
      '12:30',
      '15:30',
      '18:30',
      '21:30',
      '00:30',
      '03:30',
      '06:30',
    ]);
    expect(ticks.map(({ midnight }) => midnight).indexOf(true)).toBe(3);
    expect(ticksOf({ from: shown.from, to: shown.from + 40 * 24 * HOUR }, 'UTC').length).toBeLessThanOrEqual(9);
  });
});
