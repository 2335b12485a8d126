import type pg from 'pg';
import { audienceWhere } from './audience.js';
import { foreseeSends, type OpenWindow, type ZoneAudience, type ZoneOutlook } from './foresee-sends.js';
import type { MailingFields } from './mailing.inputs.js';
import { windowSeconds } from './mailing-rules.js';

/**
 * Windows that are looked up for one forecast, of all zones together: some 0.5 ms each. A quarter of a year of days for the
 * zones of Russia. What is left then is told as undecided.
 */
const MAX_WINDOWS = 1_000;

/** What a forecast depends on. */
export type ForecastFields = Pick<
  MailingFields,
  'filter' | 'startsAt' | 'endsAt' | 'allowedFrom' | 'allowedTo' | 'weekdays' | 'rateLimit' | 'channel'
>;

/** A time zone of the audience, and what will become of its clients. */
export interface ZoneForecast extends ZoneOutlook {
  timeZone: string;
  count: number;
  /** When the first of its windows opens, be it after the end, ms since the epoch; null: none does. */
  opensAt: number | null;
  /** The database does not know the zone, and would have to: its messages are FAILED at launch. */
  failedCount: number;
}

/** What will become of a mailing if the gateway accepts each message at once, and no other mailing is sent. */
export interface Forecast {
  /** The least of the limits of mailing, channel and settings, messages a second; null: as fast as it goes, taken as at once. */
  rateLimit: number | null;
  /** Why some are not sent before the end: there is no window for them, or the rate is too low; null: all are. */
  limitedBy: 'WINDOW' | 'RATE' | null;
  /** The largest first. */
  zones: ZoneForecast[];
}

export interface ForecastOptions {
  /** The database's clock. */
  now: Date;
  /** One attempt's time-out on the channel, ms. */
  timeoutMs: number;
  /** What the settings allow the channel besides its own limit, messages a second; null: anything. */
  settingsLimit: number | null;
  /** A mailing under way, whose rest it is, as if it were sent from now on; left out or null: a whole one. */
  restOf?: string | null;
}

/**
 * Foresees what becomes of a mailing that is launched at its start, or now when that has come. Counts the audience, or what is
 * left of it, exactly, by zone, and takes windows from `next_window` as the launch does. Changes nothing.
 */
export async function forecastMailing(
  pool: pg.Pool,
  mailing: ForecastFields,
  { now, timeoutMs, settingsLimit, restOf = null }: ForecastOptions,
): Promise<Forecast> {
  const startsAt = new Date(Math.max(now.getTime(), mailing.startsAt.getTime()));
  const [counts, channelLimit] = await Promise.all([
    restOf === null ? countZones(pool, mailing) : countRest(pool, mailing, restOf),
    readChannelLimit(pool, mailing.channel),
  ]);
  const rate = leastOf(mailing.rateLimit, channelLimit, settingsLimit);
  const windows = await readWindows(pool, mailing, {
    zones: counts.map(({ timeZone }) => timeZone),
    startsAt,
    timeoutMs,
    each: windowsNeeded(mailing, rate, timeoutMs, counts),
  });
  const audiences = counts.map(({ timeZone, count }): ZoneAudience => {
    const found = windows.get(timeZone);
    // Nobody of a zone that is not known is sent anything: they are told apart below.
    return { count: found?.known ? count : 0, windows: found?.open ?? [], cut: found?.cut ?? false };
  });
  const foresee = (limit: number | null) =>
    foreseeSends(audiences, { startsAt: startsAt.getTime(), rate: limit, timeoutMs });
  const outlooks = foresee(rate);
  const zones = counts.map(({ timeZone, count }, at): ZoneForecast => {
    const found = windows.get(timeZone);
    const opensAt = found?.open[0]?.opensAt ?? null;
    return { timeZone, count, opensAt, failedCount: found?.known ? 0 : count, ...outlooks[at]! };
  });
  return { rateLimit: rate, limitedBy: whyNotAll(outlooks, rate === null ? outlooks : foresee(null)), zones };
}

interface ZoneCount {
  timeZone: string;
  count: number;
}

async function countZones(pool: pg.Pool, { filter }: ForecastFields): Promise<ZoneCount[]> {
  const where = audienceWhere(filter);
  const { rows } = await pool.query<ZoneCount>(
    `select c.time_zone as "timeZone", count(*)::int as count from client c where ${where.sql} group by 1 order by 2 desc, 1`,
    where.params,
  );
  return rows;
}

/**
 * Who waits still, who expired and comes back where a later end or other hours let them (replan.ts), and, until the launch is
 * complete, whom it has not come to.
 */
async function countRest(pool: pg.Pool, { filter }: ForecastFields, mailingId: string): Promise<ZoneCount[]> {
  const where = audienceWhere(filter, 2);
  const { rows } = await pool.query<ZoneCount>(
    `with left_over as (
       select time_zone, count(*) from message where mailing_id = $1 and status = 'OPEN' and kind = 'CAMPAIGN' group by 1
       union all
       select time_zone, count(*) from message where mailing_id = $1 and status = 'EXPIRED' and kind = 'CAMPAIGN' group by 1
       union all
       select c.time_zone, count(*) from client c
       where (select launch_completed_at is null from mailing where id = $1)
         and c.id > (select launch_cursor from mailing where id = $1) and ${where.sql} group by 1
     )
     select time_zone as "timeZone", sum(count)::int as count from left_over group by 1 order by 2 desc, 1`,
    [mailingId, ...where.params],
  );
  return rows;
}

/** The newest row of a channel is the limit in force. */
async function readChannelLimit(pool: pg.Pool, channel: string): Promise<number | null> {
  const { rows } = await pool.query<{ limit: number | null }>(
    'select rate_limit as limit from channel_limit where channel = $1 order by id desc limit 1',
    [channel],
  );
  return rows[0]?.limit ?? null;
}

interface ZoneWindows {
  known: boolean;
  open: OpenWindow[];
  cut: boolean;
}

interface WindowsWanted {
  zones: string[];
  startsAt: Date;
  timeoutMs: number;
  /** Of each zone at the most. */
  each: number;
}

/** Each window is looked for from the end of the one before. `closesAt` is infinite where there is no window. */
const WINDOWS = `
  with recursive w as (
    select z.name, 1 as n, o.* from unnest($1::text[]) as z(name), next_window($2::timestamptz, z.name, $3::time, $4::time, $5, $6) o
    union all
    select w.name, n + 1, o.* from w, next_window(w.closes_at, w.name, $3::time, $4::time, $5, $6) o
    where w.closes_at < $7 and n < $8
  )
  select name, n, opens_at as "opensAt", least(closes_at, $7) as "closesAt", closes_at < $7 as more,
    opens_at is not null or zone_is_known(name) as known
  from w order by name, n`;

async function readWindows(pool: pg.Pool, mailing: ForecastFields, wanted: WindowsWanted) {
  const { rows } = await pool.query<{
    name: string;
    n: number;
    opensAt: Date | null;
    closesAt: Date;
    more: boolean;
    known: boolean;
  }>(WINDOWS, [
    wanted.zones,
    wanted.startsAt,
    mailing.allowedFrom ?? '00:00',
    mailing.allowedTo ?? '24:00',
    mailing.weekdays ?? [1, 2, 3, 4, 5, 6, 7],
    `${wanted.timeoutMs} ms`,
    mailing.endsAt,
    wanted.each,
  ]);
  const byZone = new Map<string, ZoneWindows>();
  for (const { name, n, opensAt, closesAt, more, known } of rows) {
    const zone = byZone.get(name) ?? { known, open: [], cut: false };
    byZone.set(name, zone);
    if (opensAt === null) continue;
    zone.open.push({ opensAt: opensAt.getTime(), closesAt: closesAt.getTime() });
    zone.cut = more && n === wanted.each;
  }
  return byZone;
}

/**
 * While somebody waits somebody is sent something, so nobody waits for longer than all of them take. Two more, for windows
 * that are shorter on a day on which clocks are moved.
 */
function windowsNeeded(
  { allowedFrom, allowedTo }: ForecastFields,
  rate: number | null,
  timeoutMs: number,
  counts: readonly ZoneCount[],
): number {
  if (rate === null) return 1;
  const usable = windowSeconds(allowedFrom, allowedTo) - timeoutMs / 1_000;
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const needed = Math.ceil(total / rate / usable) + 2;
  return Math.max(1, Math.min(needed, Math.floor(MAX_WINDOWS / counts.length)));
}

function leastOf(...limits: (number | null)[]): number | null {
  const set = limits.filter((limit) => limit !== null);
  return set.length === 0 ? null : Math.min(...set);
}

function whyNotAll(outlooks: readonly ZoneOutlook[], withoutRate: readonly ZoneOutlook[]): Forecast['limitedBy'] {
  const sent = (some: readonly ZoneOutlook[]) => some.reduce((sum, { sentCount }) => sum + sentCount, 0);
  if (sent(outlooks) < sent(withoutRate)) return 'RATE';
  return outlooks.some(({ expiredCount }) => expiredCount > 0) ? 'WINDOW' : null;
}
