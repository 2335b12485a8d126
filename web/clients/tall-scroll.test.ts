import { describe, expect, it } from 'vitest';
import { drawnHeight, type Place, scrolledTo, settled, TALLEST } from './tall-scroll.js';

const MILLION = { rows: 44_000_000, window: 700 };
const START: Place = { top: 0, shift: 0 };
const gone = ({ top, shift }: Place) => top + shift;

describe('a list taller than browsers draw', () => {
  it('is drawn as tall as they can, and a list that fits as it is', () => {
    expect(drawnHeight(MILLION)).toBe(TALLEST);
    expect(drawnHeight({ rows: 4_400, window: 700 })).toBe(4_400);
    expect(gone(scrolledTo(START, 3_700, { rows: 4_400, window: 700 }))).toBe(3_700);
  });

  it('moves as far as the wheel turns, wherever it stands', () => {
    const midst = scrolledTo(START, 4_000_000, MILLION);
    expect(gone(scrolledTo(midst, 4_000_120, MILLION)) - gone(midst)).toBe(120);
    expect(gone(scrolledTo(midst, 3_999_880, MILLION)) - gone(midst)).toBe(-120);
  });

  it('shows the same share of the rows where its bar is pulled to, and its end at the end', () => {
    expect(gone(scrolledTo(START, (TALLEST - 700) / 2, MILLION))).toBeCloseTo((44_000_000 - 700) / 2, 0);
    expect(gone(scrolledTo(START, TALLEST - 700, MILLION))).toBe(44_000_000 - 700);
  });

  it('keeps its rows when it comes to rest, and the bar goes where a pull would have led to them', () => {
    let place = scrolledTo(START, 4_000_000, MILLION);
    for (let turn = 0; turn < 100; turn += 1) place = scrolledTo(place, place.top + 2_000, MILLION);
    const rested = settled(place, MILLION);
    expect(gone(rested)).toBe(gone(place));
    expect(gone(scrolledTo(START, rested.top, MILLION))).toBeCloseTo(gone(place), -2);
  });

  it.each([
    ['first', -1, 0],
    ['last', 1, 44_000_000 - 700],
  ])('reaches its %s row by the wheel, with rests on the way', (_, way, end) => {
    let place = scrolledTo(START, way < 0 ? 250_000 : TALLEST - 250_000, MILLION);
    for (let turn = 0; turn < 2_500 && gone(place) !== end; turn += 1) {
      const top = Math.min(Math.max(place.top + way * 600, 0), TALLEST - 700);
      place = settled(scrolledTo(place, top, MILLION), MILLION);
    }
    expect(gone(place)).toBe(end);
  });
});
