import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { startWorker } from '../testing/start-worker.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { type ForecastFields, forecastMailing, type ZoneForecast } from './forecast.js';
import { AudienceFilter } from './mailing.js';

/** One attempt's time-out: nobody is sent anything later than this before the window or the mailing ends. */
const TIMEOUT_MS = 1_000;
/** In so many seconds the window closes in Yekaterinburg and opens an hour to the west; then the mailing ends. */
const CLOSES = 5;
const ENDS = 9;

/** By the clock of Yekaterinburg, in which an hour less a second is allowed: so in Samara it opens a second later. */
const ZONES = {
  'Asia/Yekaterinburg': 120, // open, and about to close
  'Asia/Kabul': 80, // half an hour behind: open all the time
  'Europe/Samara': 100, // an hour behind: about to open
  'Europe/Moscow': 40, // two hours behind: after the end
  'Asia/Omsk': 20, // an hour ahead: over for today
  'Mars/Olympus': 3,
};

describe('what was foreseen', () => {
  let dir: string;
  let database: TestDatabase;
  let simulator: Simulator;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'heliograph-forecast-'));
    database = await createTestDatabase();
    for (const [timeZone, count] of Object.entries(ZONES)) await insertClients(database.pool, count, { timeZone });
    simulator = await createSimulator({ ledgerFile: join(dir, 'ledger.jsonl') });
    stop = await startWorker({ databaseUrl: database.url, gatewayUrl: simulator.url, timeoutMs: TIMEOUT_MS });
  });
  afterAll(async () => {
    await stop();
    await simulator.close();
    await database.drop();
    await rm(dir, { recursive: true });
  });

  async function statusOf(id: string): Promise<string> {
    const { rows } = await database.pool.query('select status from mailing where id = $1', [id]);
    return rows[0].status;
  }

  /** Hours that close in Yekaterinburg soon, and everything else a forecast depends on. */
  async function closingSoon(): Promise<{ now: Date; mailing: ForecastFields }> {
    const { rows } = await database.pool.query<{ now: Date; from: string; to: string }>(
      `select now(), to_char(closes - interval '59 minutes 59 seconds', 'HH24:MI:SS') as from, to_char(closes, 'HH24:MI:SS') as to
       from (select date_trunc('second', now() + $1 * interval '1 s') at time zone 'Asia/Yekaterinburg' as closes) as c`,
      [CLOSES],
    );
    const { now, from, to } = rows[0]!;
    const filter = { ...new AudienceFilter() };
    const endsAt = new Date(now.getTime() + ENDS * 1_000);
    const window = { allowedFrom: from, allowedTo: to, weekdays: null };
    return { now, mailing: { filter, startsAt: now, endsAt, ...window, rateLimit: null, channel: 'gateway' } };
  }

  async function happened(id: string) {
    const { rows } = await database.pool.query<
      Pick<ZoneForecast, 'timeZone' | 'sentCount' | 'expiredCount' | 'failedCount'>
    >(
      `select time_zone as "timeZone", count(*) filter (where status = 'SENT')::int as "sentCount",
         count(*) filter (where status = 'EXPIRED')::int as "expiredCount", count(*) filter (where status = 'FAILED')::int as "failedCount"
       from message where mailing_id = $1 group by 1 order by count(*) desc, 1`,
      [id],
    );
    return rows;
  }

  it('is what happens, zone by zone: open, about to open, too late, over for today, and of no known zone', async () => {
    const { pool } = database;
    // One that is over before the clock of the test begins to run: scheduler, worker and plans are warm then.
    const first = await insertMailing(pool, { filter: { timeZones: ['Asia/Omsk'] } });
    await expect.poll(() => statusOf(first), { timeout: 20_000 }).toBe('COMPLETED');

    const { now, mailing } = await closingSoon();
    const { zones, limitedBy } = await forecastMailing(pool, mailing, {
      now,
      timeoutMs: TIMEOUT_MS,
      settingsLimit: null,
    });
    expect(zones.map(({ timeZone, sentCount }) => [timeZone, sentCount])).toEqual([
      ['Asia/Yekaterinburg', 120],
      ['Europe/Samara', 100],
      ['Asia/Kabul', 80],
      ['Europe/Moscow', 0],
      ['Asia/Omsk', 0],
      ['Mars/Olympus', 0],
    ]);
    expect(limitedBy).toBe('WINDOW');

    const { allowedFrom, allowedTo } = mailing;
    const id = await insertMailing(pool, { startsIn: '0 s', endsIn: `${ENDS} s`, allowedFrom, allowedTo });
    await expect.poll(() => statusOf(id), { timeout: 20_000 }).toBe('COMPLETED');
    expect(await happened(id)).toEqual(
      zones.map(({ timeZone, sentCount, expiredCount, failedCount }) => ({
        timeZone,
        sentCount,
        expiredCount,
        failedCount,
      })),
    );
    const { rows } = await pool.query<{ at: Date }>(
      `select min(attempt_started_at) as at from message where mailing_id = $1 and time_zone = 'Europe/Samara'`,
      [id],
    );
    expect(rows[0]!.at.getTime()).toBeGreaterThanOrEqual(zones[1]!.opensAt!);
  });
});
