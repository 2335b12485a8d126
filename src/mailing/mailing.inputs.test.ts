import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, campaign, inHours, STEPS } from '../testing/api-calls.js';

let api: TestApi;
let calls: ApiCalls;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
});
afterAll(() => api.close());

const cursor = (key: string) => Buffer.from(key).toString('base64url');

describe('bad input', () => {
  const past = inHours(-1);
  it.each<[string, object, string]>([
    ['no name', { name: undefined }, 'name'],
    ['a blank name', { name: '  ' }, 'name'],
    ['a name with a NUL', { name: 'a\0' }, 'name'],
    ['a long name', { name: 'a'.repeat(201) }, 'name'],
    ['no text', { text: undefined }, 'text'],
    ['an empty text', { text: '' }, 'text'],
    ['a blank text', { text: ' \n' }, 'text'],
    ['a text of a million characters', { text: 'a'.repeat(1_000_000) }, 'text'],
    ['a text with a NUL', { text: 'a\0b' }, 'text'],
    ['half of a surrogate pair', { text: 'a\ud83d' }, 'text'],
    ['Liquid that does not parse', { text: 'Hello {{ name' }, 'text'],
    ['an unknown Liquid tag', { text: '{% explode %}' }, 'text'],
    ['an unknown Liquid filter', { text: '{{ name | explode }}' }, 'text'],
    ['Liquid that looks at the clock', { text: '{{ "now" | date: "%H" }}' }, 'text'],
    ['no end', { endsAt: undefined }, 'endsAt'],
    ['an end that is no moment', { endsAt: 'tomorrow' }, 'endsAt'],
    ['an end without an offset', { endsAt: '2100-01-01T10:00:00' }, 'endsAt'],
    ['a day that does not exist', { endsAt: '2100-02-30T10:00:00Z' }, 'endsAt'],
    ['a start in the year 0', { startsAt: '0000-01-01T00:00:00Z' }, 'startsAt'],
    ['a start before 1970', { startsAt: '1970-01-01T00:59:59+01:00' }, 'startsAt'],
    ['an end whose offset leads to the year 10000', { endsAt: '9999-12-31T23:59:59-23:59' }, 'endsAt'],
    ['a start that is no moment', { startsAt: '1700000000' }, 'startsAt'],
    ['an end before its start', { startsAt: inHours(3) }, 'endsAt'],
    ['an end at its start', { startsAt: '2100-01-01T10:00:00Z', endsAt: '2100-01-01T13:00:00+03:00' }, 'endsAt'],
    ['an end that is over', { startsAt: inHours(-2), endsAt: past }, 'endsAt'],
    ['an end too near', { startsAt: past, endsAt: new Date(Date.now() + 5_000).toISOString() }, 'endsAt'],
    ['an end too near its start', { startsAt: '2100-01-01T10:00:00Z', endsAt: '2100-01-01T10:00:09Z' }, 'endsAt'],
    ['a window without its end', { allowedFrom: '09:00' }, 'allowedTo'],
    ['a window without its beginning', { allowedTo: '21:00' }, 'allowedFrom'],
    ['a window of no length', { allowedFrom: '09:00', allowedTo: '09:00:00' }, 'allowedTo'],
    ['a window shorter than an attempt', { allowedFrom: '23:59:55', allowedTo: '00:00:05' }, 'allowedTo'],
    ['a time of 25 hours', { allowedFrom: '25:00', allowedTo: '09:00' }, 'allowedFrom'],
    ['words for a time', { allowedFrom: '09:00', allowedTo: 'noon' }, 'allowedTo'],
    ['no weekday', { weekdays: [] }, 'weekdays'],
    ['an eighth weekday', { weekdays: [1, 8] }, 'weekdays.1'],
    ['a weekday twice', { weekdays: [1, 1] }, 'weekdays'],
    ['no attempt at all', { maxAttempts: 0 }, 'maxAttempts'],
    ['a limit of nothing', { rateLimit: 0 }, 'rateLimit'],
    ['a limit beyond all', { rateLimit: 1_000_001 }, 'rateLimit'],
    [
      'an unknown zone in the filter',
      { filter: { timeZones: ['Europe/Moscow', 'Mars/Olympus'] } },
      'filter.timeZones.1',
    ],
    ['a bad operator code in the filter', { filter: { operatorCodes: ['91'] } }, 'filter.operatorCodes.0'],
    ['an empty tag in the filter', { filter: { tagsAny: [''] } }, 'filter.tagsAny.0'],
    ['a NUL in the filter', { filter: { tagsAll: ['a', 'b\0'] } }, 'filter.tagsAll.1'],
    ['too many values in the filter', { filter: { tagsAny: Array.from({ length: 501 }, String) } }, 'filter.tagsAny'],
  ])('of a mailing: %s', async (_, more, field) => {
    const { rows: before } = await api.database.pool.query('select count(*) from mailing');
    const { mailing, userErrors, audienceCount, warnings } = await calls.createMailing(campaign(more));
    expect({ mailing, audienceCount, warnings }).toEqual({ mailing: null, audienceCount: null, warnings: [] });
    expect(userErrors).toMatchObject([{ field, code: 'BAD_USER_INPUT' }]);
    expect(JSON.stringify(userErrors)).not.toMatch(/select |insert into|node_modules|\.[jt]s:\d/i);
    expect((await api.database.pool.query('select count(*) from mailing')).rows).toEqual(before);
  });

  it.each<[string, object, string]>([
    ['a blank text', { text: '' }, 'text'],
    ['an end before its start', { endsAt: past }, 'endsAt'],
    ['half a window', { allowedFrom: '10:00' }, 'allowedTo'],
    ['no end', { endsAt: null }, 'endsAt'],
    ['no start', { startsAt: null }, 'startsAt'],
    ['Liquid that does not parse', { text: '{% if %}' }, 'text'],
    ['an unknown zone', { filter: { timeZones: ['x'] } }, 'filter.timeZones.0'],
  ])('of an update: %s', async (_, change, field) => {
    const created = await calls.createMailing(campaign());
    const id = created.mailing?.id ?? expect.fail('no mailing');
    const { mailing, userErrors } = await calls.updateMailing(id, change);
    expect(mailing).toBeNull();
    expect(userErrors).toMatchObject([{ field, code: 'BAD_USER_INPUT' }]);
    expect((await calls.mailing(id)).revision).toBe(1);
  });

  it('of a mailing: a window of no length is not said to be merely short', async () => {
    const { userErrors } = await calls.createMailing(campaign({ allowedFrom: '09:00', allowedTo: '09:00' }));
    expect(userErrors[0]?.message).toMatch(/must differ from allowedFrom/);
  });

  it.each(['{{ 8 (916) 123-45-67', '{% 89161234567 %}', `{{ a | ${'b'.repeat(9_000)}`])(
    'of a mailing: Liquid that does not parse is told in few words and without phones: %.30s',
    async (text) => {
      const { userErrors } = await calls.createMailing(campaign({ text }));
      expect(userErrors).toMatchObject([{ field: 'text', code: 'BAD_USER_INPUT' }]);
      expect(userErrors[0]?.message).toMatch(/line:1, col:/);
      expect(userErrors[0]?.message).not.toMatch(/916/);
      expect(userErrors[0]?.message.length).toBeLessThan(250);
    },
  );

  it('of a mailing: says everything that is wrong at once', async () => {
    const { userErrors } = await calls.createMailing({ name: '', weekdays: [9], allowedFrom: 'x' });
    expect(userErrors.map((error) => error.field)).toEqual(['name', 'text', 'endsAt', 'allowedFrom', 'weekdays.0']);
  });

  it.each(STEPS)('of mailing%s: an id that is unknown or none at all is not found', async (step) => {
    for (const id of ['abc', '', '0', '999999999', '9223372036854775808']) {
      const answer = await calls.take(step, id);
      expect(answer).toMatchObject({ mailing: null, userErrors: [{ field: 'id', code: 'NOT_FOUND' }] });
    }
  });

  it.each([
    ['mailing(id: "abc") { id }', 'NOT_FOUND', 'id'],
    ['mailing(id: "18446744073709551616") { id }', 'NOT_FOUND', 'id'],
    ['mailingStatistics(id: "-1") { went }', 'NOT_FOUND', 'id'],
    ['mailings(first: 0) { totalCount }', 'BAD_USER_INPUT', 'first'],
    ['mailings(first: 99999999) { totalCount }', 'BAD_USER_INPUT', 'first'],
    ['mailings(after: "Y2xpZW50OjE") { totalCount }', 'BAD_USER_INPUT', 'after'],
    [`mailings(after: "${cursor('mailing:9223372036854775808')}") { totalCount }`, 'BAD_USER_INPUT', 'after'],
    [`mailings(after: "${cursor('mailing:-1')}") { totalCount }`, 'BAD_USER_INPUT', 'after'],
    [`mailings(after: "${cursor('mailing:0')}") { totalCount }`, 'BAD_USER_INPUT', 'after'],
    ['statistics { mailings(first: 101) { totalCount } }', 'BAD_USER_INPUT', 'first'],
  ])('of a query: %s', async (query, code, field) => {
    const { errors } = await api.execute(`{ ${query} }`);
    expect(errors?.map((error) => error.originalError)).toMatchObject([{ code, field }]);
  });
});
