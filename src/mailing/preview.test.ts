import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Actor, ADMIN } from '../access/actor.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients } from '../testing/rows.js';

const VIEWER = new Actor({ id: 'user:1', name: 'user:v@example.org', role: 'viewer' });
const NO_CLIENTS = new Actor({ id: 'token:1', name: 'token:t', role: 'viewer', scopes: ['mailings:read'] });

let api: TestApi;
let anna: string;
beforeAll(async () => {
  api = await createTestApi();
  const attributes = { name: 'Анна', spare: '8 (926) 123-45-68', number: 79261234568 };
  [anna] = (await insertClients(api.database.pool, 1, { phone: '79161234567', attributes })) as [string];
});
afterAll(() => api.close());

const ask = (text: string, clientId: string | null = null, actor = ADMIN) =>
  api.execute(
    `query ($text: String!, $clientId: ID) { it: mailingPreview(text: $text, clientId: $clientId) { text problems { message line column } } }`,
    { text, clientId },
    actor,
  );

async function preview(...asked: Parameters<typeof ask>) {
  const { data, errors } = await ask(...asked);
  if (errors) throw errors[0];
  return JSON.parse(JSON.stringify(data?.['it']));
}

describe('the preview of a text', () => {
  it('holds up nobody else: what takes too long is said to, and the next ones of the request are not even begun', async () => {
    const slow = `{% for i in (1..19000) %}{{ x${' | upcase'.repeat(300)} }}{% endfor %}`;
    const again = Array.from({ length: 14 }, (_, n) => `more${n}: mailingPreview(text: $text) { ...Asked }`).join(' ');
    const { data, errors } = await api.execute(
      `query ($text: String!) { first: mailingPreview(text: $text) { ...Asked } ${again} }
       fragment Asked on MailingPreview { text problems { message } }`,
      { text: slow },
      VIEWER,
    );
    expect(errors).toBeUndefined();
    const { first, ...more } = data as Record<string, { text: null; problems: { message: string }[] }>;
    expect(first).toMatchObject({ text: null, problems: [{ message: 'template render limit exceeded' }] });
    for (const each of Object.values(more)) {
      expect(each).toMatchObject({ text: null, problems: [{ message: expect.stringMatching(/one at a time/) }] });
    }
    expect(await preview('Hello')).toEqual({ text: 'Hello', problems: [] });
  });

  it('is what a client would get, or one of whom nothing is known', async () => {
    const text = "Hello, {{ name | default: 'friend' }} ({{ phone }}, {{ timeZone }})!";
    const words = (said: string) => ({ text: said, problems: [] });
    expect(await preview(text, anna)).toEqual(words('Hello, Анна (79161234567, Europe/Moscow)!'));
    expect(await preview(text)).toEqual(words('Hello, friend (79000000000, UTC)!'));
  });

  it.each<[string, string, object]>([
    ['an unknown filter', 'Hello\n  {{ name | shout }}', { message: 'undefined filter: shout', line: 2, column: 3 }],
    ['what is not closed', 'Hello, {{ name', { message: 'output "{{ name" not closed', line: 1, column: 8 }],
    [
      'a loop inside a loop',
      '{% for a in b %}\n{% for c in d %}{% endfor %}{% endfor %}',
      { message: 'a loop inside a loop', line: 2, column: 1 },
    ],
    [
      'a loop that runs away',
      '\n{% for i in (1..99999) %}x{% endfor %}',
      { message: 'memory alloc limit exceeded', line: 2, column: 1 },
    ],
    [
      'words that are too many',
      '{% for i in (1..15000) %}x{% endfor %}',
      { message: 'longer than 10000 characters', line: null, column: null },
    ],
    ['nothing but space', ' \n ', { message: 'text must not be blank.', line: null, column: null }],
    [
      'a text that is too long',
      'a'.repeat(10_001),
      { message: 'text must have at most 10000 characters.', line: null, column: null },
    ],
  ])('says what is wrong, and where: %s', async (_, text, problem) => {
    expect(await preview(text, anna)).toEqual({ text: null, problems: [problem] });
  });

  it('tells no phone to who may not see one, however the text takes it apart', async () => {
    const text = `{{ phone }} {{ phone | slice: 2, 5 }} {{ phone | split: "" | join: "." }} {{ spare }} {{ spare | slice: 9, 3 }} {{ number }} {{ number | times: 10 }}`;
    const { text: whole } = await preview(text, anna);
    expect(whole.match(/12345|1\.2\.3\.4\.5|123/g)).toHaveLength(6);
    const { text: masked } = await preview(text, anna, VIEWER);
    expect(masked).toBe('79*****4567 ***** 7.9.*.*.*.*.*.4.5.6.7 79*****4568 68 79*****4568 0');
  });

  it('is refused on the client alone to who may not see clients, and where there is none', async () => {
    expect((await ask('Hello', anna, NO_CLIENTS)).errors?.[0]?.originalError).toMatchObject({
      code: 'FORBIDDEN',
      field: 'clientId',
    });
    expect(await preview('Hello', null, NO_CLIENTS)).toEqual({ text: 'Hello', problems: [] });
    for (const id of ['999', 'nobody']) {
      expect((await ask('Hello', id)).errors?.[0]?.originalError).toMatchObject({
        code: 'NOT_FOUND',
        field: 'clientId',
      });
    }
  });
});
