import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients } from '../testing/rows.js';
import { beginLaunch, launchChunk } from './launch.js';

const FIELDS = `id name text filter { operatorCodes tagsAny tagsAll timeZones } startsAt endsAt allowedFrom allowedTo
  weekdays maxAttempts unknownOutcome channel status revision createdAt launchedAt finishedAt
  events { kind by details }`;
const ERRORS = 'userErrors { field message code }';
const CREATE = `mutation ($input: MailingInput!, $draft: Boolean) { mailingCreate(input: $input, draft: $draft) {
  mailing { ${FIELDS} } audienceCount warnings { field message code } ${ERRORS} } }`;
const UPDATE = `mutation ($id: ID!, $input: MailingInput!) { mailingUpdate(id: $id, input: $input) {
  mailing { ${FIELDS} } audienceCount warnings { field message code } ${ERRORS} } }`;

interface UserError {
  field: string | null;
  message: string;
  code: string;
}
interface MailingNode {
  id: string;
  name: string;
  text: string;
  filter: object;
  startsAt: string;
  endsAt: string;
  allowedFrom: string | null;
  allowedTo: string | null;
  weekdays: number[] | null;
  status: string;
  revision: number;
  finishedAt: string | null;
  events: { kind: string; by: string; details: Record<string, unknown> }[];
}
interface Payload {
  mailing: MailingNode | null;
  audienceCount: number | null;
  warnings: UserError[];
  userErrors: UserError[];
}

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
  const { pool } = api.database;
  await insertClients(pool, 3, { operatorCode: '916', tags: ['vip', 'new'], timeZone: 'Europe/Moscow' });
  await insertClients(pool, 2, { operatorCode: '925', tags: ['vip'], timeZone: 'Asia/Omsk' });
});
afterAll(() => api.close());

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const campaign = (more: object = {}) => ({
  name: 'Autumn',
  text: 'Hello!',
  startsAt: inHours(1),
  endsAt: inHours(2),
  ...more,
});

async function create(input: object, draft = false): Promise<Payload> {
  return (await api.run<{ mailingCreate: Payload }>(CREATE, { input, draft })).mailingCreate;
}
async function created(more: object = {}, draft = false): Promise<MailingNode> {
  const { mailing, userErrors } = await create(campaign(more), draft);
  expect(userErrors).toEqual([]);
  return mailing as MailingNode;
}
async function update(id: string, input: object): Promise<Payload> {
  return (await api.run<{ mailingUpdate: Payload }>(UPDATE, { id, input })).mailingUpdate;
}
async function get(id: string): Promise<MailingNode> {
  return (await api.run<{ mailing: MailingNode }>(`query ($id: ID!) { mailing(id: $id) { ${FIELDS} } }`, { id }))
    .mailing;
}
async function planOf(id: string): Promise<number> {
  const { rows } = await api.database.pool.query<{ plan: number }>('select plan from mailing where id = $1', [id]);
  return rows[0]?.plan ?? 0;
}
const kinds = (mailing: MailingNode) => mailing.events.map((event) => event.kind);

describe('a mailing', () => {
  it('CLASSIC row 2: is made with filter and allowed local times, read, listed, changed and deleted', async () => {
    const input = campaign({
      filter: { operatorCodes: ['916', '916'], tagsAny: ['vip'] },
      allowedFrom: '09:00',
      allowedTo: '21:30:15',
      weekdays: [5, 1],
    });
    const made = await create(input);
    expect(made).toMatchObject({ userErrors: [], warnings: [], audienceCount: 3 });
    const mailing = made.mailing as MailingNode;
    expect(mailing).toMatchObject({
      name: 'Autumn',
      text: 'Hello!',
      filter: { operatorCodes: ['916'], tagsAny: ['vip'], tagsAll: [], timeZones: [] },
      startsAt: input.startsAt,
      endsAt: input.endsAt,
      allowedFrom: '09:00',
      allowedTo: '21:30:15',
      weekdays: [1, 5],
      maxAttempts: null,
      unknownOutcome: 'RETRY',
      channel: 'gateway',
      status: 'SCHEDULED',
      revision: 1,
      launchedAt: null,
    });
    const changed = await update(mailing.id, { name: 'Winter', filter: null, allowedFrom: null, allowedTo: null });
    expect(changed.mailing).toMatchObject({ name: 'Winter', text: 'Hello!', allowedFrom: null, revision: 2 });
    expect(changed.audienceCount).toBe(5);
    expect(await get(mailing.id)).toEqual(changed.mailing);

    const gone = await api.run<{ mailingDelete: { mailing: { id: string }; userErrors: UserError[] } }>(
      `mutation ($id: ID!) { mailingDelete(id: $id) { mailing { id } ${ERRORS} } }`,
      { id: mailing.id },
    );
    expect(gone.mailingDelete).toEqual({ mailing: { id: mailing.id }, userErrors: [] });
    const { mailings } = await api.run<{ mailings: { edges: { node: { id: string } }[] } }>(
      '{ mailings { edges { node { id } } } }',
    );
    expect(mailings.edges.map((edge) => edge.node.id)).not.toContain(mailing.id);
    expect((await update(mailing.id, { name: 'x' })).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'id' }]);
  });

  it('CLASSIC row 4: is scheduled by its creation, and rung for at its start', async () => {
    api.takeRings();
    const ahead = await created();
    expect(ahead.status).toBe('SCHEDULED');
    expect(api.takeRings()).toEqual([
      { name: 'mailing.launch', payload: { mailingId: ahead.id }, at: new Date(ahead.startsAt) },
    ]);
  });

  it('CLASSIC row 4: goes out at once when its start has come or is left out', async () => {
    for (const startsAt of [inHours(-5), undefined]) {
      const mailing = await created({ startsAt });
      expect(Date.parse(mailing.startsAt)).toBeLessThanOrEqual(Date.now());
      await beginLaunch(api.database.pool, mailing.id);
      expect((await get(mailing.id)).status).toBe('RUNNING');
    }
  });

  it('CLASSIC row 4: is a draft only when that is asked for, and nobody is rung for', async () => {
    api.takeRings();
    const draft = await created({ startsAt: inHours(-2), endsAt: inHours(-1) }, true);
    expect(draft.status).toBe('DRAFT');
    expect(api.takeRings()).toEqual([]);
  });

  it('is made all the same when the scheduler is away, with a word in the log', async () => {
    api.schedulerAway = true;
    try {
      const mailing = await created();
      expect((await get(mailing.id)).status).toBe('SCHEDULED');
      expect(api.logged()).toMatch(new RegExp(`"mailing_id":"${mailing.id}".*a bell was lost`));
    } finally {
      api.schedulerAway = false;
    }
  });

  it('CLASSIC rows 14 and 15: shows how many messages are in which status, in the list, alone and in statistics', async () => {
    const { id } = await created({ startsAt: inHours(-1), filter: { tagsAll: ['vip', 'new'] } });
    const ahead = await created({ name: 'later' });
    const { pool } = api.database;
    await beginLaunch(pool, id);
    await launchChunk(pool, id, () => 1_000);
    await api.run('mutation ($id: ID!) { mailingPause(id: $id) { userErrors { code } } }', { id });

    const PROGRESS = 'progress { total open enqueued delayed sending sent failed expired cancelled unknown }';
    const { mailing, mailings } = await api.run<{ mailing: object; mailings: { edges: { node: { id: string } }[] } }>(
      `query ($id: ID!) { mailing(id: $id) { id ${PROGRESS} } mailings(first: 100) { edges { node { id ${PROGRESS} } } } }`,
      { id },
    );
    const none = { delayed: 0, sending: 0, sent: 0, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
    expect(mailing).toEqual({ id, progress: { total: 3, open: 3, enqueued: 3, ...none } });
    expect(mailings.edges.map(({ node }) => node).find((node) => node.id === id)).toEqual(mailing);

    const COUNTS = 'launched shouldGo went messages { total open sent failed expired cancelled unknown }';
    const one = await api.run<{ mailingStatistics: object }>(
      `query ($id: ID!) { mailingStatistics(id: $id) { mailing { id } ${COUNTS} } }`,
      { id },
    );
    const { delayed: _, sending: __, ...counted } = { total: 3, open: 3, ...none };
    expect(one.mailingStatistics).toEqual({ mailing: { id }, launched: true, shouldGo: 3, went: 0, messages: counted });

    const overall = await api.run<{
      statistics: {
        mailingCount: number;
        launchedCount: number;
        messages: { total: number };
        mailings: {
          totalCount: number;
          edges: { node: { mailing: { id: string }; launched: boolean; shouldGo: number } }[];
        };
      };
    }>(
      `{ statistics { mailingCount launchedCount messages { total }
         mailings(first: 100) { totalCount edges { node { mailing { id } ${COUNTS} } } } } }`,
    );
    const { statistics } = overall;
    const nodes = statistics.mailings.edges.map(({ node }) => node);
    expect(nodes.find((node) => node.mailing.id === id)).toEqual(one.mailingStatistics);
    expect(nodes.find((node) => node.mailing.id === ahead.id)).toMatchObject({ launched: false, shouldGo: 0, went: 0 });
    expect(statistics.mailings.totalCount).toBe(statistics.mailingCount);
    expect(statistics.launchedCount).toBe(nodes.filter((node) => node.launched).length);
    expect(statistics.messages.total).toBe(nodes.reduce((sum, node) => sum + node.shouldGo, 0));
  });
});

describe('an edit', () => {
  it('grows the revision each time, the plan with start, end and window only, and is written down', async () => {
    const { id } = await created();
    expect(await planOf(id)).toBe(1);
    await update(id, { name: 'New', text: 'Hi {{ name }}' });
    expect(await planOf(id)).toBe(1);
    for (const [at, change] of [
      { startsAt: inHours(1.2) },
      { endsAt: inHours(3) },
      { allowedFrom: '22:00', allowedTo: '06:00' },
      { weekdays: [6, 7] },
    ].entries()) {
      expect((await update(id, change)).userErrors).toEqual([]);
      expect(await planOf(id)).toBe(at + 2);
    }
    const mailing = await get(id);
    expect(mailing.revision).toBe(6);
    expect(kinds(mailing)).toEqual(['CREATED', 'EDITED', 'EDITED', 'EDITED', 'EDITED', 'EDITED']);
    expect(mailing.events[1]).toMatchObject({ by: 'admin', details: { edited: ['name', 'text'], plan: 1 } });
    expect(mailing.events[5]?.details).toMatchObject({
      edited: ['weekdays'],
      allowedFrom: '22:00:00',
      allowedTo: '06:00:00',
      weekdays: [6, 7],
      plan: 5,
    });
    expect(Date.parse(String(mailing.events[5]?.details['endsAt']))).toBe(Date.parse(mailing.endsAt));
  });

  it('that changes nothing leaves no trace', async () => {
    const { id, name, text, startsAt, endsAt, filter } = await created({ filter: { tagsAny: ['vip'] } });
    const same = await update(id, { name, text, startsAt, endsAt, filter, weekdays: null });
    expect(same).toMatchObject({ userErrors: [], mailing: { revision: 1 } });
    expect(kinds(same.mailing as MailingNode)).toEqual(['CREATED']);
  });

  it('of a mailing whose start was moved by a click is no edit of the start', async () => {
    const { id } = await created();
    await api.run('mutation ($id: ID!) { mailingStart(id: $id) { userErrors { code } } }', { id });
    await beginLaunch(api.database.pool, id);
    const { startsAt, endsAt } = await get(id);
    expect((await update(id, { name: 'Renamed', startsAt, endsAt })).userErrors).toEqual([]);
  });

  it('made on an older revision is refused', async () => {
    const { id } = await created();
    await update(id, { name: 'First', revision: 1 });
    const late = await update(id, { name: 'Second', revision: 1 });
    expect(late).toMatchObject({ mailing: null, userErrors: [{ field: 'revision', code: 'CONFLICT' }] });
    expect((await get(id)).name).toBe('First');
  });

  it('that moves the start rings for the new one', async () => {
    const { id } = await created({ endsAt: inHours(9) });
    api.takeRings();
    const { mailing } = await update(id, { startsAt: inHours(0.5) });
    expect(api.takeRings()).toEqual([
      { name: 'mailing.launch', payload: { mailingId: id }, at: new Date(mailing?.startsAt ?? '') },
    ]);
  });

  it.each(['RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED'])('of a %s mailing touches only its name', async (status) => {
    const { id } = await created();
    await api.database.pool.query('update mailing set status = $2, launched_at = now() where id = $1', [id, status]);
    for (const [field, value] of Object.entries({
      text: 'Other',
      filter: { tagsAny: ['new'] },
      startsAt: inHours(1.5),
      endsAt: inHours(5),
      weekdays: [1],
      channel: 'console',
      maxAttempts: 3,
    })) {
      const { userErrors } = await update(id, { name: 'Sneaked in', [field]: value });
      expect(userErrors).toMatchObject([{ field, code: 'CONFLICT' }]);
      expect(userErrors[0]?.message).toContain(status);
    }
    const renamed = await update(id, { name: 'Renamed' });
    expect(renamed).toMatchObject({ userErrors: [], mailing: { name: 'Renamed', revision: 2 } });
    expect(await planOf(id)).toBe(1);
  });
});

describe('the audience', () => {
  it('is said when the filter matches nobody, and that is no error', async () => {
    const { mailing, audienceCount, warnings, userErrors } = await create(
      campaign({ filter: { operatorCodes: ['916'], timeZones: ['Asia/Omsk'] } }),
    );
    expect(mailing?.status).toBe('SCHEDULED');
    expect({ audienceCount, userErrors }).toEqual({ audienceCount: 0, userErrors: [] });
    expect(warnings).toEqual([{ field: 'filter', code: 'EMPTY_AUDIENCE', message: 'The filter matches nobody.' }]);
  });

  it('is warned of for each value that no client has', async () => {
    const filter = {
      operatorCodes: ['916', '999'],
      tagsAny: ['vip', 'nobody'],
      tagsAll: ['none'],
      timeZones: ['Europe/Moscow', 'Asia/Tokyo'],
    };
    const { warnings } = await create(campaign({ filter }));
    expect(warnings.map(({ field, code }) => [field, code])).toEqual([
      ['filter.operatorCodes.1', 'UNUSED_VALUE'],
      ['filter.tagsAny.1', 'UNUSED_VALUE'],
      ['filter.tagsAll.0', 'UNUSED_VALUE'],
      ['filter.timeZones.1', 'UNUSED_VALUE'],
      ['filter', 'EMPTY_AUDIENCE'],
    ]);
  });

  it('does not count those who opted out or were deleted', async () => {
    const { pool } = api.database;
    await insertClients(pool, 3, { tags: ['leaving'] });
    await pool.query(
      `update client set opted_out_at = now() where id = (select min(id) from client where tags @> '{leaving}')`,
    );
    await pool.query(
      `update client set deleted_at = now() where id = (select max(id) from client where tags @> '{leaving}')`,
    );
    expect((await create(campaign({ filter: { tagsAny: ['leaving'] } }))).audienceCount).toBe(1);
  });
});

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
    ['an end without an offset', { endsAt: '2030-01-01T10:00:00' }, 'endsAt'],
    ['a day that does not exist', { endsAt: '2030-02-30T10:00:00Z' }, 'endsAt'],
    ['a start that is no moment', { startsAt: '1700000000' }, 'startsAt'],
    ['an end before its start', { startsAt: inHours(3) }, 'endsAt'],
    ['an end at its start', { startsAt: '2030-01-01T10:00:00Z', endsAt: '2030-01-01T13:00:00+03:00' }, 'endsAt'],
    ['an end that is over', { startsAt: inHours(-2), endsAt: past }, 'endsAt'],
    ['an end too near', { startsAt: past, endsAt: new Date(Date.now() + 5_000).toISOString() }, 'endsAt'],
    ['an end too near its start', { startsAt: '2030-01-01T10:00:00Z', endsAt: '2030-01-01T10:00:09Z' }, 'endsAt'],
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
    ['an unknown channel', { channel: 'pigeon' }, 'channel'],
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
    const { mailing, userErrors, audienceCount, warnings } = await create(campaign(more));
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
    const { id } = await created();
    const { mailing, userErrors } = await update(id, change);
    expect(mailing).toBeNull();
    expect(userErrors).toMatchObject([{ field, code: 'BAD_USER_INPUT' }]);
    expect((await get(id)).revision).toBe(1);
  });

  it('of a mailing: says everything that is wrong at once', async () => {
    const { userErrors } = await create({ name: '', weekdays: [9], allowedFrom: 'x' });
    expect(userErrors.map((error) => error.field)).toEqual(['name', 'text', 'endsAt', 'allowedFrom', 'weekdays.0']);
  });

  it.each(['Schedule', 'Start', 'Pause', 'Resume', 'Cancel', 'Delete'])(
    'of mailing%s: an id that is unknown or none at all is not found',
    async (step) => {
      for (const id of ['abc', '', '0', '999999999', '9223372036854775808']) {
        const data = await api.run<Record<string, Payload>>(
          `mutation ($id: ID!) { mailing${step}(id: $id) { mailing { id } ${ERRORS} } }`,
          { id },
        );
        expect(data[`mailing${step}`]).toMatchObject({
          mailing: null,
          userErrors: [{ field: 'id', code: 'NOT_FOUND' }],
        });
      }
    },
  );

  it.each([
    ['mailing(id: "abc") { id }', 'NOT_FOUND', 'id'],
    ['mailing(id: "18446744073709551616") { id }', 'NOT_FOUND', 'id'],
    ['mailingStatistics(id: "-1") { went }', 'NOT_FOUND', 'id'],
    ['mailings(first: 0) { totalCount }', 'BAD_USER_INPUT', 'first'],
    ['mailings(first: 99999999) { totalCount }', 'BAD_USER_INPUT', 'first'],
    ['mailings(after: "Y2xpZW50OjE") { totalCount }', 'BAD_USER_INPUT', 'after'],
    ['statistics { mailings(first: 101) { totalCount } }', 'BAD_USER_INPUT', 'first'],
  ])('of a query: %s', async (query, code, field) => {
    const { errors } = await api.execute(`{ ${query} }`);
    expect(errors?.map((error) => error.originalError)).toMatchObject([{ code, field }]);
  });
});
