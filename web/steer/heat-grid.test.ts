import { describe, expect, it } from 'vitest';
import { countedWithin, fullestHour, heatDays, heatOf } from './heat-grid.js';

const deliveries = [
  { date: '2026-11-30', hour: 23, sent: 5 },
  { date: '2026-12-02', hour: 0, sent: 100 },
];

describe('the heat map of deliveries', () => {
  it('has a row of 24 hours for each day, quiet ones between too, over the end of a month', () => {
    const days = heatDays(deliveries);
    expect(days.map(({ date }) => date)).toEqual(['2026-11-30', '2026-12-01', '2026-12-02']);
    expect(days.every(({ hours }) => hours.length === 24)).toBe(true);
    expect([days[0]?.hours[23], days[1]?.hours[0], days[2]?.hours[0]]).toEqual([5, 0, 100]);
  });

  it('does not draw months in which nothing happened', () => {
    const far = [...deliveries, { date: '2027-06-01', hour: 1, sent: 1 }];
    expect(heatDays(far).map(({ date }) => date)).toEqual(['2026-11-30', '2026-12-01', '2026-12-02', '2027-06-01']);
  });

  it('lets a single message be seen beside a hundred thousand, and tells it from none', () => {
    expect(heatOf(0, 100_000)).toBe(0);
    expect(heatOf(1, 100_000)).toBeGreaterThan(0.1);
    expect(heatOf(100_000, 100_000)).toBe(1);
  });

  it('is not asked for ever where nothing is counted', () => {
    const waits = Array.from({ length: 100 }, (_, tries) => countedWithin(tries));
    expect(waits[0]).toBeLessThanOrEqual(5_000);
    expect(waits.filter((wait) => wait !== null).length).toBeLessThan(10);
    expect(waits.at(-1)).toBeNull();
  });

  it('knows the fullest hour', () => {
    expect(fullestHour(deliveries)).toEqual(deliveries[1]);
    expect(fullestHour([])).toBeNull();
  });
});
