import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { dueDay, readDay, readDue } from './report-days.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe('the day of a report', () => {
  it.each([
    ['an ordinary one', '2026-11-21', 'Europe/Moscow', '2026-11-20T21:00:00.000Z', 24],
    ['one of 23 hours', '2026-03-08', 'America/New_York', '2026-03-08T05:00:00.000Z', 23],
    ['one of 25 hours', '2026-11-01', 'America/New_York', '2026-11-01T04:00:00.000Z', 25],
    ['one of 24 and a half', '2026-04-05', 'Australia/Lord_Howe', '2026-04-04T13:00:00.000Z', 24.5],
    [
      'one that begins when clocks are put back to midnight, at the first of both',
      '2026-11-01',
      'America/Havana',
      '2026-11-01T04:00:00.000Z',
      25,
    ],
    ['one without a midnight', '2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z', 23],
    ['one that was left out', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 0],
  ])('is as long as its zone makes it: %s', async (_, day, zone, from, hours) => {
    const found = await readDay(database.pool, day, zone);
    const { from: next } = await readDay(database.pool, nextDate(day), zone);
    expect([found.from.toISOString(), (found.to.getTime() - found.from.getTime()) / 3_600_000]).toEqual([from, hours]);
    expect(next, 'the next begins where it ends').toEqual(found.to);
    expect(found.before).toEqual((await readDay(database.pool, nextDate(day, -1), zone)).from);
  });

  it('is told by the program, not by the session of the database', async () => {
    await database.pool.query(`set time zone 'Asia/Tokyo'`);
    const { from } = await readDay(database.pool, '2026-11-21', 'UTC');
    expect(from.toISOString()).toBe('2026-11-21T00:00:00.000Z');
  });
});

/** The day that is due at each of these moments; the clock is put where the statement looks. */
async function dueAt(moments: readonly string[], at: string, zone: string): Promise<string[]> {
  const text = dueDay('$2', '$3::text').replaceAll('clock_timestamp()', 'at');
  const { rows } = await database.pool.query<{ day: string }>(
    `select ${text}::text as day from unnest($1::timestamptz[]) with ordinality m (at, n) order by n`,
    [moments, at, zone],
  );
  return rows.map(({ day }) => day);
}

describe('a report is due', () => {
  it('from its hour on, for a day', async () => {
    expect(
      await dueAt(['2026-11-22T04:59:59Z', '2026-11-22T05:00:00Z', '2026-11-23T04:59:59Z'], '08:00', 'Europe/Moscow'),
    ).toEqual(['2026-11-20', '2026-11-21', '2026-11-21']);
  });

  it('once where clocks leave its hour out, and once where they show it twice', async () => {
    const springing = [
      '2026-03-08T06:59:59Z',
      '2026-03-08T07:00:00Z',
      '2026-03-08T07:30:00Z',
      '2026-03-09T06:29:59Z',
      '2026-03-09T06:30:00Z',
    ];
    expect(await dueAt(springing, '02:30', 'America/New_York')).toEqual([
      '2026-03-06',
      '2026-03-06',
      '2026-03-07',
      '2026-03-07',
      '2026-03-08',
    ]);
    const falling = [
      '2026-11-01T05:29:59Z',
      '2026-11-01T05:30:00Z',
      '2026-11-01T06:29:59Z',
      '2026-11-01T06:30:00Z',
      '2026-11-02T06:29:59Z',
    ];
    expect(await dueAt(falling, '01:30', 'America/New_York')).toEqual([
      '2026-10-30',
      '2026-10-30',
      '2026-10-30',
      '2026-10-31',
      '2026-10-31',
    ]);
  });

  it('each day of a year, whatever the zone and the hour', async () => {
    for (const [at, zone] of [
      ['00:00', 'America/Havana'],
      ['02:15', 'Australia/Lord_Howe'],
      ['23:59', 'Pacific/Kiritimati'],
    ] as const) {
      const moments = Array.from({ length: 366 * 24 * 4 }, (_, n) =>
        new Date(Date.UTC(2026, 0, 1) + n * 900_000).toISOString(),
      );
      const days = [...new Set(await dueAt(moments, at, zone))];
      expect(days.length, zone).toBeGreaterThanOrEqual(366);
      expect(days.slice(1), zone).toEqual(days.slice(0, -1).map((day) => nextDate(day)));
    }
  });

  it('until the next is', async () => {
    const { day, sinceMs, next } = await readDue(database.pool, { recipients: [], at: '00:00', timeZone: 'UTC' });
    const midnight = new Date(new Date().setUTCHours(0, 0, 0, 0));
    expect([day, next]).toEqual([
      nextDate(midnight.toISOString().slice(0, 10), -1),
      new Date(midnight.getTime() + 86_400_000),
    ]);
    expect(sinceMs).toBeGreaterThanOrEqual(0);
  });
});

function nextDate(day: string, days = 1): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}
