import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../src/testing/test-database.js';

interface Window {
  since: string;
  zone: string;
  opens: string;
  closes: string;
  days: number[];
  /** Minutes it must stay open. */
  needs: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60;
/** Minutes that are looked at one by one, from the day on. */
const SPAN = 15 * DAY;

/**
 * Zones, and days on which something happens there: clocks go an hour forth or back (New York, Berlin, Adelaide), half an
 * hour (Lord Howe), two (Troll), at midnight, so that a day has no beginning or two (Cairo, Beirut, Santiago), against the sun
 * (Casablanca, Dublin); fourteen hours ahead and eleven behind; a day that was left out altogether (Apia).
 */
const PLACES: Record<string, string[]> = {
  'America/New_York': ['2026-03-07', '2026-10-31'],
  'Australia/Lord_Howe': ['2026-04-04', '2026-10-03'],
  'Europe/Berlin': ['2026-03-28', '2026-10-24'],
  'Australia/Adelaide': ['2026-10-03'],
  'Antarctica/Troll': ['2026-03-28', '2026-10-24'],
  'Africa/Cairo': ['2026-04-23', '2026-10-29'],
  'Asia/Beirut': ['2026-03-28', '2026-10-24'],
  'America/Santiago': ['2026-04-04', '2026-09-05'],
  'Africa/Casablanca': ['2026-02-14'],
  'Europe/Dublin': ['2026-10-24'],
  'Asia/Kamchatka': ['2026-07-01'],
  'Asia/Kathmandu': ['2026-12-30'],
  'Pacific/Kiritimati': ['2026-12-30'],
  'Pacific/Niue': ['2026-12-30'],
  'Pacific/Pago_Pago': ['2026-07-01'],
  'Pacific/Apia': ['2011-12-28'],
};

describe('next_window', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function nextWindow(w: Window): Promise<[string | null, string | null]> {
    const { rows } = await database.pool.query(
      'select opens_at, closes_at from next_window($1, $2, $3, $4, $5, $6 * interval $$1 minute$$)',
      [w.since, w.zone, w.opens, w.closes, w.days, w.needs],
    );
    return [rows[0].opens_at?.toISOString() ?? null, rows[0].closes_at?.toISOString() ?? null];
  }

  const clocks = new Map<string, Promise<number[]>>();
  /** What the clock on the wall shows in each minute of the span, as minutes of an endless day. */
  function clockOf(zone: string, day: string): Promise<number[]> {
    const key = `${zone} ${day}`;
    const read = async () => {
      const { rows } = await database.pool.query<{ clock: number[] }>(
        `select array_agg((extract(epoch from t at time zone $2) / 60)::int order by t) as clock
         from generate_series($1::timestamptz, $1::timestamptz + $3 * interval '1 minute', '1 minute') t`,
        [`${day}T00:00Z`, zone, SPAN],
      );
      return rows[0]?.clock ?? [];
    };
    const clock = clocks.get(key) ?? read();
    clocks.set(key, clock);
    return clock;
  }

  /** Minute by minute, with nothing but the clock on the wall. Undefined: what it found might go on behind the span. */
  async function bruteForce(w: Window): Promise<[string, string] | undefined> {
    const day = w.since.slice(0, 10);
    const from = PLACES[w.zone]?.findLast((each) => each <= day) ?? day;
    const start = Date.parse(`${from}T00:00Z`);
    const clock = await clockOf(w.zone, from);
    const opens = minutesOf(w.opens);
    const closes = minutesOf(w.closes);
    const isOpen = (wall: number) => {
      const minute = wall % DAY;
      const weekday = ((Math.floor(wall / DAY) + 3) % 7) + 1;
      const dayBefore = ((weekday + 5) % 7) + 1;
      if (opens < closes) return minute >= opens && minute < closes && w.days.includes(weekday);
      return (minute >= opens && w.days.includes(weekday)) || (minute < closes && w.days.includes(dayBefore));
    };
    let opened: number | undefined;
    for (let at = (Date.parse(w.since) - start) / MINUTE; at < clock.length; at += 1) {
      if (isOpen(clock[at]!)) opened ??= at;
      else if (opened !== undefined) {
        if (at - opened > w.needs) return [iso(start, opened), iso(start, at)];
        opened = undefined;
      }
    }
    return undefined;
  }

  const everyDay = [1, 2, 3, 4, 5, 6, 7];

  it.each<[string, Window, [string, string]]>([
    [
      'opens at once when the clock is inside',
      { since: '2026-06-01T09:00Z', zone: 'Europe/Moscow', opens: '10:00', closes: '20:00', days: everyDay, needs: 1 },
      ['2026-06-01T09:00', '2026-06-01T17:00'],
    ],
    [
      'waits for the next morning after the window has closed',
      { since: '2026-06-01T17:00Z', zone: 'Europe/Moscow', opens: '10:00', closes: '20:00', days: everyDay, needs: 1 },
      ['2026-06-02T07:00', '2026-06-02T17:00'],
    ],
    [
      'goes over midnight, and the small hours belong to the day before',
      { since: '2026-06-05T22:30Z', zone: 'Europe/Moscow', opens: '22:00', closes: '02:00', days: [5], needs: 1 },
      ['2026-06-05T22:30', '2026-06-05T23:00'],
    ],
    [
      'waits over the weekend for Monday',
      {
        since: '2026-06-05T18:00Z',
        zone: 'Europe/Moscow',
        opens: '10:00',
        closes: '20:00',
        days: [1, 2, 3, 4, 5],
        needs: 1,
      },
      ['2026-06-08T07:00', '2026-06-08T17:00'],
    ],
    [
      'opens at the end of the gap when the clock jumps over its opening time',
      {
        since: '2026-03-08T06:30Z',
        zone: 'America/New_York',
        opens: '02:30',
        closes: '05:00',
        days: everyDay,
        needs: 1,
      },
      ['2026-03-08T07:00', '2026-03-08T09:00'],
    ],
    [
      'passes over a night whose whole window the clock jumps over',
      {
        since: '2026-03-08T05:30Z',
        zone: 'America/New_York',
        opens: '02:10',
        closes: '02:50',
        days: everyDay,
        needs: 1,
      },
      ['2026-03-09T06:10', '2026-03-09T06:50'],
    ],
    [
      'opens twice in the night in which an hour comes twice',
      {
        since: '2026-11-01T05:45Z',
        zone: 'America/New_York',
        opens: '01:10',
        closes: '01:40',
        days: everyDay,
        needs: 1,
      },
      ['2026-11-01T06:10', '2026-11-01T06:40'],
    ],
    [
      'knows that on one island clocks are moved by half an hour',
      { since: '2026-10-03T15:20Z', zone: 'Australia/Lord_Howe', opens: '02:15', closes: '05:00', days: [7], needs: 1 },
      ['2026-10-03T15:30', '2026-10-03T18:00'],
    ],
    [
      'goes by the day of the week where the client lives, fourteen hours ahead',
      { since: '2026-06-05T11:00Z', zone: 'Pacific/Kiritimati', opens: '09:00', closes: '10:00', days: [6], needs: 1 },
      ['2026-06-05T19:00', '2026-06-05T20:00'],
    ],
    [
      'goes by the day of the week where the client lives, eleven hours behind',
      { since: '2026-06-06T02:00Z', zone: 'Pacific/Niue', opens: '09:00', closes: '22:00', days: [5], needs: 1 },
      ['2026-06-06T02:00', '2026-06-06T09:00'],
    ],
    [
      'passes over a window that is left before the message could be sent',
      { since: '2026-06-01T16:59Z', zone: 'Europe/Moscow', opens: '10:00', closes: '20:00', days: everyDay, needs: 2 },
      ['2026-06-02T07:00', '2026-06-02T17:00'],
    ],
  ])('%s', async (_title, window, [opens, closes]) => {
    const expected = [`${opens}:00.000Z`, `${closes}:00.000Z`];
    expect(await nextWindow(window)).toEqual(expected);
    expect(await bruteForce(window)).toEqual(expected);
  });

  it.each(Object.keys(PLACES))('agrees with a minute-by-minute search in %s', async (zone) => {
    const minute = fc.integer({ min: 0, max: 24 * 12 - 1 }).map((n) => timeOf(n * 5));
    const window = fc.record<Window>({
      since: fc
        .tuple(fc.constantFrom(...PLACES[zone]!), fc.integer({ min: 0, max: 3 * DAY }))
        .map(([day, minutes]) => iso(Date.parse(`${day}T00:00Z`), minutes)),
      zone: fc.constant(zone),
      opens: minute,
      closes: minute,
      days: fc.oneof(fc.constant(everyDay), fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 })),
      needs: fc.constantFrom(0, 1, 30),
    });
    await fc.assert(
      fc.asyncProperty(window, async (w) => {
        fc.pre(w.opens !== w.closes);
        const expected = await bruteForce(w);
        fc.pre(expected !== undefined);
        expect(await nextWindow(w)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('opens in no zone that it does not know, and at once where any time will do', async () => {
    const w = {
      since: '2026-06-01T09:00Z',
      zone: 'Mars/Olympus',
      opens: '10:00',
      closes: '20:00',
      days: everyDay,
      needs: 1,
    };
    expect(await nextWindow(w)).toEqual([null, null]);
    const { rows } = await database.pool.query(
      `select opens_at = '2026-06-01T09:00Z' as at_once, closes_at = 'infinity' as for_good
       from next_window('2026-06-01T09:00Z', 'Mars/Olympus', '00:00', '24:00', '{1,2,3,4,5,6,7}', '1 s')`,
    );
    expect(rows).toEqual([{ at_once: true, for_good: true }]);
  });
});

function timeOf(minutes: number): string {
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

function iso(start: number, minutes: number): string {
  return new Date(start + minutes * MINUTE).toISOString();
}
