import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejectedLines } from '../bulk/client-jobs.js';
import { importClients } from '../bulk/import-clients.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, campaign } from '../testing/api-calls.js';
import { insertClients } from '../testing/rows.js';
import { TimeZones } from './time-zones.js';

/** Two years from the making of this release: fixed, so that only other data can change what is found. */
const FROM = Date.parse('2026-11-21T00:00Z');
const UNTIL = Date.parse('2028-11-21T00:00Z');
const WEEK = 7 * 86_400_000;

/**
 * Where the zone data in the embedded PostgreSQL are older than ICU's in Node: by the newer ones clocks are no longer moved
 * in Alberta, which stays at UTC−6, and in Morocco, which stays at UTC.
 */
const DIFFERING = [
  'Africa/Casablanca',
  'Africa/El_Aaiun',
  'America/Edmonton',
  'America/Yellowknife',
  'Canada/Mountain',
];

let api: TestApi;
let calls: ApiCalls;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
});
afterAll(() => api.close());

describe('the zones of PostgreSQL and of Intl', () => {
  /** Moments to look at: one in each week, and both sides of each moment at which PostgreSQL moves a clock. */
  const OFFSETS = `
    with week as (
      select z.name, t from unnest($1::text[]) as z(name), generate_series($2::timestamptz, $3::timestamptz, '7 days') t
    ), moved as (
      select name, zone_transition(before, t, name) as t
      from (select name, t, lag(t) over (partition by name order by t) as before from week) as w
      where zone_offset(before, name) <> zone_offset(t, name)
    ), moment as (
      select name, t from week union all select name, t from moved union all select name, t - interval '1 second' from moved
    )
    select name, array_agg(extract(epoch from t)::float8 * 1000 order by t) as moments,
      array_agg((extract(epoch from zone_offset(t, name)) / 60)::int order by t) as offsets
    from moment group by name`;

  it('are alike for two years, in every zone that is taken but those that are named here', async () => {
    const { pool } = api.database;
    const list = await new TimeZones(pool).load();
    const { rows: names } = await pool.query<{ name: string }>('select name from pg_timezone_names');
    const taken = names.map(({ name }) => name).filter((name) => list.find(name) !== undefined);
    expect(taken.length).toBeGreaterThan(550);
    const { rows } = await pool.query<{ name: string; moments: number[]; offsets: number[] }>(OFFSETS, [
      taken,
      new Date(FROM),
      new Date(UNTIL),
    ]);
    expect(rows).toHaveLength(taken.length);
    expect(rows[0]?.moments.length).toBeGreaterThanOrEqual((UNTIL - FROM) / WEEK);
    const differing = rows.filter(({ name, moments, offsets }) => {
      const offsetAt = intlOffset(name);
      return moments.some((moment, at) => offsetAt(moment) !== offsets[at]);
    });
    expect(differing.map(({ name }) => name).toSorted()).toEqual(DIFFERING);
  });

  it('are all known to PostgreSQL where Intl lists them, so that no page can offer one that is refused', async () => {
    const list = await new TimeZones(api.database.pool).load();
    expect(Intl.supportedValuesOf('timeZone').filter((name) => list.find(name) === undefined)).toEqual([]);
  });

  it('takes no name that PostgreSQL reads as an abbreviation without a summer time', async () => {
    const { pool } = api.database;
    const { rows } = await pool.query(`select '2027-07-01T12:00Z'::timestamptz at time zone 'CET' as local`);
    expect(rows[0].local).toEqual(new Date('2027-07-01T13:00Z'));
    expect(intlOffset('CET')(Date.parse('2027-07-01T12:00Z'))).toBe(120);
    const list = await new TimeZones(pool).load();
    expect(['CET', 'eet', 'MET', 'WET'].map((name) => list.find(name))).toEqual(Array(4).fill(undefined));
    expect(['Europe/Brussels', 'UTC', 'est5edt'].map((name) => list.find(name))).toEqual([
      'Europe/Brussels',
      'UTC',
      'EST5EDT',
    ]);
  });
});

describe('a zone that is not known', () => {
  const timeZone = 'Mars/Olympus';
  const badZone = (field: string) => [
    { field, code: 'BAD_USER_INPUT', message: `${field} is no known time zone; write one as in Europe/Moscow.` },
  ];

  it('is refused in a new client, in a change of one and in the filter of a mailing, by the name of its field', async () => {
    const phone = '79160000001';
    expect(await calls.createClient({ phone, timeZone })).toEqual({ client: null, userErrors: badZone('timeZone') });
    const { client } = await calls.createClient({ phone, timeZone: 'Asia/Omsk' });
    expect(await calls.updateClient(client!.id, { timeZone })).toEqual({
      client: null,
      userErrors: badZone('timeZone'),
    });
    const filter = { timeZones: ['Asia/Omsk', timeZone] };
    const field = 'filter.timeZones.1';
    expect((await calls.createMailing(campaign({ filter }))).userErrors).toEqual(badZone(field));
    const { mailing } = await calls.createMailing(campaign(), true);
    expect((await calls.updateMailing(mailing!.id, { filter })).userErrors).toEqual(badZone(field));
    const list = await api.execute('query ($filter: ClientFilterInput) { clients(filter: $filter) { totalCount } }', {
      filter,
    });
    expect(list.errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field });
  });

  it('is refused in an import by line and column, and the lines around it are taken', async () => {
    const file = `phone,time_zone\n79160000002,Asia/Omsk\n79160000003,${timeZone}\n79160000004,asia/omsk\n`;
    const { pool } = api.database;
    const { imported, jobId } = await importClients(pool, Readable.from([Buffer.from(file)]));
    expect(imported).toBe(2);
    const problem = { field: 'time_zone', message: expect.stringContaining('is no known time zone') };
    expect(await rejectedLines(pool, [jobId], 10)).toMatchObject([[{ line: 3, problems: [problem] }]]);
  });

  it('has no local time, and keeps nobody from seeing those of others', async () => {
    const ids = await insertClients(api.database.pool, 1, { timeZone });
    const { clients } = await api.run<{ clients: { edges: { node: { id: string; localTime: string | null } }[] } }>(
      '{ clients(first: 100) { edges { node { id localTime } } } }',
    );
    const times = new Map(clients.edges.map(({ node }) => [node.id, node.localTime]));
    expect(times.get(ids[0]!)).toBeNull();
    expect([...times.values()].filter((time) => /^\d\d:\d\d$/.test(time ?? ''))).toHaveLength(times.size - 1);
    expect(times.size).toBeGreaterThan(2);
  });
});

/** How many minutes Intl takes a zone to be ahead of UTC at a moment. */
function intlOffset(zone: string): (moment: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (moment) => {
    const found = format.format(moment).match(/GMT(?:([+-])(\d\d):(\d\d))?$/);
    if (found === null) throw new Error(`Intl shows no offset for ${zone}.`);
    const [, sign, hours = '0', minutes = '0'] = found;
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  };
}
