import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi, TIMEOUT_MS } from '../testing/api.js';
import { ApiCalls, campaign, inHours, type UserErrorNode } from '../testing/api-calls.js';
import { insertClients, insertMailing } from '../testing/rows.js';

const ZONE = 'timeZone count sentCount expiredCount failedCount undecidedCount opensAt firstSendAt lastSendAt';
const FORECAST = `audienceCount sentCount expiredCount failedCount undecidedCount firstSendAt lastSendAt rateLimit limitedBy
  timeZones { ${ZONE} }`;

interface Counts {
  sentCount: number;
  expiredCount: number;
  failedCount: number;
  undecidedCount: number;
  firstSendAt: string | null;
  lastSendAt: string | null;
}

interface ForecastNode extends Counts {
  audienceCount: number;
  rateLimit: number | null;
  limitedBy: string | null;
  timeZones: (Counts & { timeZone: string; count: number; opensAt: string | null })[];
}

interface ForecastAnswer {
  forecast: ForecastNode | null;
  userErrors: UserErrorNode[];
  warnings: UserErrorNode[];
}

let api: TestApi;
let calls: ApiCalls;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
  const { pool } = api.database;
  await insertClients(pool, 90, { tags: ['vip'], timeZone: 'Europe/Moscow' });
  await insertClients(pool, 60, { tags: ['vip'], timeZone: 'Asia/Omsk' });
  await insertClients(pool, 5, { tags: ['lost'], timeZone: 'Mars/Olympus' });
});
afterAll(() => api.close());

async function ask(input: object, id?: string): Promise<ForecastAnswer> {
  const { mailingForecast } = await api.run<{ mailingForecast: ForecastAnswer }>(
    `query ($input: MailingInput!, $id: ID) { mailingForecast(input: $input, id: $id) {
      forecast { ${FORECAST} } userErrors { field message code } warnings { field message code } } }`,
    { input, id },
  );
  return mailingForecast;
}

async function foresee(input: object, id?: string): Promise<ForecastNode> {
  const { forecast, userErrors } = await ask(input, id);
  expect(userErrors).toEqual([]);
  return forecast!;
}

/** Sundays are behind: from Monday morning on, by the clock of Moscow. */
const MONDAY = '2099-06-01T00:00:00+03:00';
const monday = (more: object) => ({
  startsAt: MONDAY,
  endsAt: '2099-06-01T20:00:00+03:00',
  filter: { tagsAny: ['vip'] },
  ...more,
});

describe('a forecast', () => {
  it('counts the audience by zone and says when each may be reached, without name and text', async () => {
    const forecast = await foresee(monday({ allowedFrom: '10:00', allowedTo: '20:00', channel: 'CONSOLE' }));
    expect(forecast).toMatchObject({ audienceCount: 150, sentCount: 150, expiredCount: 0, limitedBy: null });
    expect(forecast.timeZones).toEqual([
      zone('Europe/Moscow', 90, '2099-06-01T07:00:00.000Z'),
      zone('Asia/Omsk', 60, '2099-06-01T04:00:00.000Z'),
    ]);
    expect(forecast).toMatchObject({
      firstSendAt: '2099-06-01T04:00:00.000Z',
      lastSendAt: '2099-06-01T07:00:00.000Z',
      rateLimit: null,
    });
  });

  it('lets those expire whose window opens too late, and says that it is the window', async () => {
    const forecast = await foresee(
      monday({ allowedFrom: '10:00', allowedTo: '20:00', endsAt: '2099-06-01T10:00:05+03:00' }),
    );
    expect(forecast).toMatchObject({ sentCount: 60, expiredCount: 90, limitedBy: 'WINDOW' });
    expect(forecast.timeZones[0]).toMatchObject({ opensAt: '2099-06-01T07:00:00.000Z', firstSendAt: null });
  });

  it('goes by the least of the limits of mailing, channel and settings, and says when the rate is too low', async () => {
    const { pool } = api.database;
    // Omsk from 04:00:00, one a second; Moscow from 07:00:00 for ten seconds less than a minute.
    const minute = monday({
      rateLimit: 1,
      endsAt: '2099-06-01T10:01:00+03:00',
      allowedFrom: '10:00',
      allowedTo: '20:00',
    });
    const slow = await foresee(minute);
    expect(slow).toMatchObject({ rateLimit: 1, sentCount: 110, expiredCount: 40, limitedBy: 'RATE' });
    expect(slow.timeZones[0]).toMatchObject({ sentCount: 50, lastSendAt: '2099-06-01T07:00:49.000Z' });
    await pool.query(
      `insert into channel_limit (channel, by, rate_limit) values ('gateway', 'x', 5), ('gateway', 'x', 2)`,
    );
    expect(await foresee({ ...minute, rateLimit: 3 })).toMatchObject({ rateLimit: 2, sentCount: 150, limitedBy: null });
    expect(await foresee({ ...minute, rateLimit: 3, channel: 'CONSOLE' })).toMatchObject({ rateLimit: 3 });
    await pool.query(`insert into channel_limit (channel, by) values ('gateway', 'x')`);
    expect(await foresee({ ...minute, rateLimit: null })).toMatchObject({ rateLimit: 1_000 });
    expect(await foresee({ ...minute, rateLimit: null, channel: 'CONSOLE' })).toMatchObject({ rateLimit: null });
  });

  it('goes on from day to day while the rate is too low for one, weekends left out', async () => {
    const hour = { allowedFrom: '10:00', allowedTo: '10:01', weekdays: [1, 2, 3, 4, 5], rateLimit: 1 };
    const forecast = await foresee(
      monday({ ...hour, startsAt: '2099-06-05T00:00:00+03:00', endsAt: '2099-06-09T12:00:00+03:00' }),
    );
    // Friday, Monday and Tuesday, fifty seconds each: Omsk needs two days, Moscow as well.
    expect(forecast).toMatchObject({ sentCount: 150, expiredCount: 0 });
    expect(forecast.timeZones.map(({ lastSendAt }) => lastSendAt)).toEqual([
      '2099-06-08T07:00:39.000Z',
      '2099-06-08T04:00:09.000Z',
    ]);
  });

  it('fails those whose zone the database does not know, and only where there is a window', async () => {
    const filter = { tagsAny: ['lost'] };
    const windowed = await foresee(monday({ filter, allowedFrom: '10:00', allowedTo: '20:00' }));
    expect(windowed).toMatchObject({ audienceCount: 5, failedCount: 5, sentCount: 0, expiredCount: 0 });
    expect(await foresee(monday({ filter }))).toMatchObject({ audienceCount: 5, failedCount: 0, sentCount: 5 });
  });

  it('keeps those undecided who would wait for years', async () => {
    const forecast = await foresee(
      monday({ allowedFrom: '10:00', allowedTo: '10:00:11', endsAt: '2199-01-01T00:00:00Z', rateLimit: 1 }),
    );
    expect(forecast).toMatchObject({ sentCount: 150, undecidedCount: 0 });
    await api.database.pool.query(
      `insert into client (phone, operator_code, tags, time_zone) select (79500000000 + n)::text, '950', '{many}', 'Asia/Omsk' from generate_series(1, 1100) n`,
    );
    const cut = await foresee(
      monday({
        filter: { tagsAny: ['many'] },
        allowedFrom: '10:00',
        allowedTo: '10:00:11',
        endsAt: '2199-01-01T00:00:00Z',
        rateLimit: 1,
      }),
    );
    expect(cut).toMatchObject({ sentCount: 1_000, undecidedCount: 100, expiredCount: 0, limitedBy: 'RATE' });
  });

  it('warns of what is probably a slip', async () => {
    const { warnings, forecast } = await ask(
      monday({ filter: { tagsAny: ['vip', 'nobody'], operatorCodes: ['123'] } }),
    );
    expect(warnings.map(({ field, code }) => [field, code])).toEqual([
      ['filter.operatorCodes.0', 'UNUSED_VALUE'],
      ['filter.tagsAny.1', 'UNUSED_VALUE'],
      ['filter', 'EMPTY_AUDIENCE'],
    ]);
    expect(forecast).toMatchObject({ audienceCount: 0, timeZones: [], firstSendAt: null, limitedBy: null });
  });

  it.each<[string, object, string]>([
    ['no end', { endsAt: undefined }, 'endsAt'],
    ['an end before the start', { endsAt: '2099-05-01T00:00:00Z' }, 'endsAt'],
    ['an end that is over', { startsAt: inHours(-3), endsAt: inHours(-1) }, 'endsAt'],
    ['an unknown zone in the filter', { filter: { timeZones: ['Mars/Olympus'] } }, 'filter.timeZones.0'],
    ['half a window', { allowedFrom: '10:00' }, 'allowedTo'],
    ['a rate of nothing', { rateLimit: 0 }, 'rateLimit'],
    ['a text that does not parse', { text: '{{' }, 'text'],
  ])('names what is wrong with %s', async (_what, more, field) => {
    expect(await ask(monday(more))).toMatchObject({ forecast: null, warnings: [], userErrors: [{ field }] });
  });

  it('tells of a mailing that is not launched yet, as it is and as it would be, and leaves it alone', async () => {
    const { mailing } = await calls.createMailing(campaign({ filter: { tagsAny: ['vip'] } }), true);
    const before = await calls.mailing(mailing!.id);
    expect(await foresee({}, mailing!.id)).toMatchObject({ audienceCount: 150, sentCount: 150 });
    expect(await foresee({ filter: { timeZones: ['Asia/Omsk'], tagsAny: ['vip'] } }, mailing!.id)).toMatchObject({
      audienceCount: 60,
    });
    expect(await calls.mailing(mailing!.id)).toEqual(before);
    expect((await ask({}, '999999')).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
    await api.database.pool.query(`update mailing set status = 'COMPLETED' where id = $1`, [mailing!.id]);
    expect((await ask({}, mailing!.id)).userErrors).toMatchObject([{ field: 'id', code: 'CONFLICT' }]);
  });

  it('tells of one under way what becomes of the rest: who waits, who expired, and whom the launch has not come to', async () => {
    const { pool } = api.database;
    const id = await insertMailing(pool, { filter: { tagsAny: ['vip'] }, endsIn: '2 hours' });
    await beginLaunch(pool, id);
    expect(await foresee({}, id)).toMatchObject({ audienceCount: 150, sentCount: 150 });
    await launchChunk(pool, id, () => TIMEOUT_MS);
    const become = async (status: string, timeZone: string, count: number) => {
      await pool.query(
        `update message set status = $2 where mailing_id = $1 and id = any (array(
           select id from message where mailing_id = $1 and status = 'OPEN' and time_zone = $3 order by id limit $4))`,
        [id, status, timeZone, count],
      );
    };
    await become('SENT', 'Europe/Moscow', 80);
    await become('FAILED', 'Asia/Omsk', 50);
    await become('EXPIRED', 'Asia/Omsk', 3);
    const rest = await foresee({ rateLimit: 1 }, id);
    expect(rest).toMatchObject({ audienceCount: 20, sentCount: 20, rateLimit: 1 });
    expect(rest.timeZones.map(({ timeZone, count }) => [timeZone, count])).toEqual([
      ['Asia/Omsk', 10],
      ['Europe/Moscow', 10],
    ]);
    expect((await ask({ filter: { tagsAny: ['lost'] } }, id)).userErrors).toMatchObject([
      { field: 'filter', code: 'CONFLICT' },
    ]);
  });
});

function zone(timeZone: string, count: number, at: string): ForecastNode['timeZones'][0] {
  const counts = { sentCount: count, expiredCount: 0, failedCount: 0, undecidedCount: 0 };
  return { timeZone, count, ...counts, opensAt: at, firstSendAt: at, lastSendAt: at };
}
