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

describe('next_window', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function nextWindow(w: Window): Promise<[string | null, string | null]> {
    const { rows } = await database.pool.query(
      `select to_char(opens_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as opens, to_char(closes_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as closes
       from next_window($1, $2, $3, $4, $5, $6 * interval '1 minute')`,
      [w.since, w.zone, w.opens, w.closes, w.days, w.needs],
    );
    return [rows[0].opens, rows[0].closes];
  }

  /** Minute by minute, with nothing but the clock on the wall. */
  async function bruteForce(w: Window): Promise<[string | null, string | null]> {
    const { rows } = await database.pool.query(
      `with minutes as (
         select t, window_is_open(t at time zone $2, $3, $4, $5) as open from generate_series($1::timestamptz, $1::timestamptz + interval '14 days', '1 minute') t
       ), runs as (
         select t, open, t - row_number() over (partition by open order by t) * interval '1 minute' as run from minutes
       ), windows as (
         select min(t) as opens, max(t) + interval '1 minute' as closes from runs where open group by run
       )
       select to_char(opens at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as opens, to_char(closes at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as closes
       from windows where closes - opens > $6 * interval '1 minute' order by opens limit 1`,
      [w.since, w.zone, w.opens, w.closes, w.days, w.needs],
    );
    return [rows[0]?.opens ?? null, rows[0]?.closes ?? null];
  }

  const everyDay = [1, 2, 3, 4, 5, 6, 7];

  it.each<[string, Window, [string, string]]>([
    [
      'opens at once when the clock is inside',
      { since: '2026-06-01T09:00Z', zone: 'Europe/Moscow', opens: '10:00', closes: '20:00', days: everyDay, needs: 1 },
      ['2026-06-01 09:00', '2026-06-01 17:00'],
    ],
    [
      'waits for the next morning after the window has closed',
      { since: '2026-06-01T17:00Z', zone: 'Europe/Moscow', opens: '10:00', closes: '20:00', days: everyDay, needs: 1 },
      ['2026-06-02 07:00', '2026-06-02 17:00'],
    ],
    [
      'goes over midnight, and the small hours belong to the day before',
      { since: '2026-06-05T22:30Z', zone: 'Europe/Moscow', opens: '22:00', closes: '02:00', days: [5], needs: 1 },
      ['2026-06-05 22:30', '2026-06-05 23:00'],
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
      ['2026-03-08 07:00', '2026-03-08 09:00'],
    ],
    [
      'passes over a window that is left before the message could be sent',
      { since: '2026-06-01T16:59Z', zone: 'Europe/Moscow', opens: '10:00', closes: '20:00', days: everyDay, needs: 2 },
      ['2026-06-02 07:00', '2026-06-02 17:00'],
    ],
  ])('%s', async (_title, window, expected) => {
    expect(await nextWindow(window)).toEqual(expected);
    expect(await bruteForce(window)).toEqual(expected);
  });

  it('agrees with a minute-by-minute search, around the days on which clocks are moved too', async () => {
    const minute = fc.integer({ min: 0, max: 24 * 12 - 1 }).map((n) => {
      const pad = (value: number) => String(value).padStart(2, '0');
      return `${pad(Math.floor(n / 12))}:${pad((n % 12) * 5)}`;
    });
    const window = fc.record({
      since: fc
        .tuple(
          fc.constantFrom(
            '2026-03-07',
            '2026-03-28',
            '2026-04-04',
            '2026-10-03',
            '2026-10-24',
            '2026-10-31',
            '2026-07-01',
          ),
          fc.integer({ min: 0, max: 3 * 24 * 60 }),
        )
        .map(([day, minutes]) => new Date(Date.parse(`${day}T00:00Z`) + minutes * 60_000).toISOString()),
      zone: fc.constantFrom(
        'America/New_York',
        'Australia/Lord_Howe',
        'Europe/Berlin',
        'Asia/Kamchatka',
        'Pacific/Kiritimati',
        'Pacific/Pago_Pago',
      ),
      opens: minute,
      closes: minute,
      days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      needs: fc.constantFrom(0, 1, 30),
    });
    await fc.assert(
      fc.asyncProperty(window, async (w) => {
        fc.pre(w.opens !== w.closes);
        const [opens, closes] = await bruteForce(w);
        // Within a day of the search's end a run may be cut short.
        fc.pre(opens !== null && Date.parse(`${closes}Z`) < Date.parse(w.since) + 13 * 86_400_000);
        expect(await nextWindow(w)).toEqual([opens, closes]);
      }),
      { numRuns: 30 },
    );
  });
});
