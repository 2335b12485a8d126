import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { type RunningApi, startApi } from '../testing/running-api.js';

let running: RunningApi;
let live: LiveSocket;

beforeAll(async () => {
  running = await startApi();
  live = await LiveSocket.admitted(running.url);
});
afterAll(async () => {
  await live.close();
  await running.close();
});

/** What a user is told is wrong: by `userErrors` of a mutation, or by an error of the operation. */
interface Told {
  field?: string;
  code: string;
  message: string;
}
interface Result {
  data?: Record<string, { userErrors?: Told[] } | null> | null;
  errors?: { message: string; extensions?: { field?: string; code: string } }[];
}

function toldBy({ data, errors }: Result): Told[] {
  const faults = (errors ?? []).map(({ message, extensions }) => ({ message, code: 'none', ...extensions }));
  return [...faults, ...Object.values(data ?? {}).flatMap((field) => field?.userErrors ?? [])];
}

async function overHttp(query: string, variables: object): Promise<Result> {
  return (await running.ask(query, variables)).body;
}

let operations = 0;
async function overWebSocket(query: string, variables: object): Promise<Result> {
  const id = `bad input ${++operations}`;
  live.subscribe(id, query, variables);
  const { type, payload } = await live.next(id);
  if (type === 'next') expect((await live.next(id)).type).toBe('complete');
  return type === 'error' ? { errors: payload } : payload;
}

const WAYS = [
  ['HTTP', overHttp],
  ['WebSocket', overWebSocket],
] as const;

const CLIENT = 'mutation ($input: ClientInput!) { clientCreate(input: $input) { userErrors { field message code } } }';
const MAILING =
  'mutation ($input: MailingInput!) { mailingCreate(input: $input) { userErrors { field message code } } }';
const somebody = { phone: '79161234567', timeZone: 'Europe/Moscow' };
const campaign = { name: 'n', text: 't', endsAt: '2100-01-01T00:00:00Z' };

const MENDABLE: [string, string, object, string, string][] = [
  ['a phone that is none', CLIENT, { input: { ...somebody, phone: '8 (916) 123-45' } }, 'phone', 'BAD_USER_INPUT'],
  ['an unknown zone', CLIENT, { input: { ...somebody, timeZone: 'Mars/Olympus' } }, 'timeZone', 'BAD_USER_INPUT'],
  ['a NUL', CLIENT, { input: { ...somebody, tags: ['a\0'] } }, 'tags.0', 'BAD_USER_INPUT'],
  ['a lone surrogate', MAILING, { input: { ...campaign, text: '\ud83d' } }, 'text', 'BAD_USER_INPUT'],
  [
    'a window without length',
    MAILING,
    { input: { ...campaign, allowedFrom: '09:00', allowedTo: '09:00' } },
    'allowedTo',
    'BAD_USER_INPUT',
  ],
  ['half a window', MAILING, { input: { ...campaign, allowedFrom: '09:00' } }, 'allowedTo', 'BAD_USER_INPUT'],
  [
    'an end before its start',
    MAILING,
    { input: { ...campaign, startsAt: '2100-01-02T00:00:00Z' } },
    'endsAt',
    'BAD_USER_INPUT',
  ],
  [
    'an end that is over',
    MAILING,
    { input: { ...campaign, startsAt: '2000-01-01T00:00:00Z', endsAt: '2001-01-01T00:00:00Z' } },
    'endsAt',
    'BAD_USER_INPUT',
  ],
  [
    'an unknown zone in a filter',
    MAILING,
    { input: { ...campaign, filter: { timeZones: ['UTC', 'x'] } } },
    'filter.timeZones.1',
    'BAD_USER_INPUT',
  ],
  ['Liquid that does not parse', MAILING, { input: { ...campaign, text: '{% if %}' } }, 'text', 'BAD_USER_INPUT'],
  ['an unknown id of a mailing', 'query { mailing(id: "18446744073709551616") { id } }', {}, 'id', 'NOT_FOUND'],
  [
    'an unknown id of a client',
    'mutation { clientDelete(id: "abc") { userErrors { field message code } } }',
    {},
    'id',
    'NOT_FOUND',
  ],
  ['an unknown id of a message', 'query { message(id: "9223372036854775807") { id } }', {}, 'id', 'NOT_FOUND'],
  ['too large a page', 'query { clients(first: 101) { totalCount } }', {}, 'first', 'BAD_USER_INPUT'],
  ['a cursor of nowhere', 'query { mailings(after: "x") { totalCount } }', {}, 'after', 'BAD_USER_INPUT'],
];

/** What graphql-js refuses by type says where, in words. */
const MISTYPED: [string, string, object, string][] = [
  ['a list for a phone', CLIENT, { input: { ...somebody, phone: ['89161234567'] } }, '"input.phone"'],
  ['a number for a zone', CLIENT, { input: { ...somebody, timeZone: 3 } }, '"input.timeZone"'],
  ['a list for attributes', CLIENT, { input: { ...somebody, attributes: [1] } }, '"input.attributes"'],
  ['a number for a moment', MAILING, { input: { ...campaign, endsAt: 4102444800 } }, '"input.endsAt"'],
  ['words for a weekday', MAILING, { input: { ...campaign, weekdays: ['Monday'] } }, '"input.weekdays[0]"'],
  ['a field that is not known', MAILING, { input: { ...campaign, phone: '89161234567' } }, '"phone"'],
];

describe.each(WAYS)('bad input over %s', (_way, ask) => {
  it.each(MENDABLE)('%s is told with its field', async (_what, query, variables, field, code) => {
    const told = toldBy(await ask(query, variables));
    expect(told).toMatchObject([{ field, code }]);
    expect(told[0]?.message).not.toMatch(/\d{7}|select |insert into|\.[jt]s:\d/i);
  });

  it.each(MISTYPED)('%s is told with its place', async (_what, query, variables, place) => {
    const told = toldBy(await ask(query, variables));
    expect(told).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    expect(told[0]?.message).toContain(place);
    expect(told[0]?.message).not.toMatch(/9161234567|\.[jt]s:\d/);
  });

  it('a filter that matches nobody, by values that no client has, is said and is no error', async () => {
    const filter = { operatorCodes: ['999'], tagsAny: ['nobody'], timeZones: ['Asia/Tokyo'] };
    const { data } = await ask(
      `mutation ($input: MailingInput!) { mailingCreate(input: $input, draft: true) {
         mailing { status } audienceCount warnings { field code } userErrors { code } } }`,
      { input: { ...campaign, filter } },
    );
    expect(data?.['mailingCreate']).toEqual({
      mailing: { status: 'DRAFT' },
      audienceCount: 0,
      warnings: [
        { field: 'filter.operatorCodes.0', code: 'UNUSED_VALUE' },
        { field: 'filter.tagsAny.0', code: 'UNUSED_VALUE' },
        { field: 'filter.timeZones.0', code: 'UNUSED_VALUE' },
        { field: 'filter', code: 'EMPTY_AUDIENCE' },
      ],
      userErrors: [],
    });
  });
});

it('a taken phone is a conflict that does not repeat it', async () => {
  await overHttp(CLIENT, { input: somebody });
  const told = toldBy(await overWebSocket(CLIENT, { input: { ...somebody, phone: '8 (916) 123-45-67' } }));
  expect(told).toMatchObject([{ field: 'phone', code: 'CONFLICT' }]);
  expect(told[0]?.message).not.toMatch(/916/);
});

it('nothing that users can mend is logged as a fault', () => {
  expect(running.logged()).not.toMatch(/"level":"(error|fatal)"/);
});
