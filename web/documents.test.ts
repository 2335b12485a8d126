import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { NEWEST_MAILING, readyTabs } from './graphiql/tabs.js';
import { FIRST_MUTATION, FIRST_QUERY, FIRST_SUBSCRIPTION } from './guide/examples.js';
import { MAKE_ACCOUNT, PASSWORD_CHANGE, WHO_AM_I } from './sign-in/documents.js';

const schema = buildSchema(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'));
const tabs = readyTabs(new Date('2026-11-21T12:00:00Z'), '42').map(({ query }) => query);

const guide = readFileSync(new URL('./guide.html', import.meta.url), 'utf8');
const source = (file: string) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');

/** The name GraphiQL shows on a tab. */
const title = (query: string) => parse(query).definitions.map((one) => 'name' in one && one.name?.value)[0];

describe('what the pages ask the API', () => {
  it.each<[asker: string, query: string]>([
    ...tabs.map((query): [string, string] => [`GraphiQL's tab ${title(query)}`, query]),
    ["GraphiQL's look-up of the newest mailing", NEWEST_MAILING],
    ['the account page', WHO_AM_I],
    ['the making of an account', MAKE_ACCOUNT],
    ['the change of a password', PASSWORD_CHANGE],
    ["the API guide's query", FIRST_QUERY],
    ["the API guide's mutation", FIRST_MUTATION],
    ["the API guide's subscription", FIRST_SUBSCRIPTION],
  ])('%s fits schema.graphql', (_, query) => {
    expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
  });

  it('asks for the warnings of a new mailing, in GraphiQL and in the guide', () => {
    for (const mutation of [tabs[1]!, FIRST_MUTATION]) expect(mutation).toMatch(/warnings \{\s+field\s+message/);
  });

  it('opens GraphiQL with the way of a new user, in its order', () => {
    expect(tabs.map(title)).toEqual(['MakeAClient', 'MakeAMailing', 'WatchIt', 'WatchMessages', 'Statistics']);
  });

  it('tries a mailing out on nobody but the client of the tab before it', () => {
    const tag = /tags: \["([^"]+)"\]/.exec(tabs[0]!)?.[1];
    expect(tag).toBeTruthy();
    expect(tabs[1]).toContain(`tagsAny: ["${tag}"]`);
  });
});

describe('the API guide', () => {
  const rows = [...guide.matchAll(/<tr><td>(?:<code>)?([A-Z_]+|\d{4})(?:<\/code>)?<\/td>/g)].map(([, code]) => code);

  it('lists each code that errors may have', () => {
    const ours = /type ErrorCode =([^;]+);/.exec(source('errors.ts'))?.[1] ?? '';
    const given = /GIVEN_CODES[^=]+= \[([^\]]+)\]/.exec(source('transport/format-error.ts'))?.[1] ?? '';
    const codes = new Set(`${ours} ${given}`.match(/[A-Z][A-Z_]+/g));
    expect(codes.size).toBeGreaterThan(8);
    expect(rows.filter((code) => /[A-Z]/.test(code!)).toSorted()).toEqual([...codes].toSorted());
  });

  it('lists each code that a socket may be closed with', () => {
    const ours = ['subscriptions', 'socket'].flatMap((file) => [
      ...source(`transport/${file}.ts`).matchAll(/close\((\d{4})/g),
    ]);
    // What graphql-ws and ws close with by themselves.
    const codes = new Set([...ours.map(([, code]) => code), '4400', '4408', '4409', '4429', '1009']);
    expect(rows.filter((code) => /\d/.test(code!)).toSorted()).toEqual([...codes].toSorted());
  });

  it('speaks of warnings where the schema has them', () => {
    const sentence = /<code>warnings[^.]+\./.exec(guide)?.[0];
    for (const code of ['EMPTY_AUDIENCE', 'UNUSED_VALUE']) expect(sentence).toContain(code);
  });
});
