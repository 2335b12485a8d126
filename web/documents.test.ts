import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { MAILING_PROGRESS, MAILINGS } from './dashboard/documents.js';
import { FIRST_MUTATION, FIRST_QUERY, FIRST_SUBSCRIPTION } from './docs/examples.js';
import { NEWEST_MAILING, readyTabs } from './graphiql/tabs.js';

const schema = buildSchema(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'));
const tabs = readyTabs(new Date('2026-11-21T12:00:00Z'), '42').map(({ query }) => query);

/** The name GraphiQL shows on a tab. */
const title = (query: string) => parse(query).definitions.map((one) => 'name' in one && one.name?.value)[0];

describe('what the pages ask the API', () => {
  it.each<[asker: string, query: string]>([
    ...tabs.map((query): [string, string] => [`GraphiQL's tab ${title(query)}`, query]),
    ["GraphiQL's look-up of the newest mailing", NEWEST_MAILING],
    ['the list of mailings', MAILINGS],
    ["a mailing's live bar", MAILING_PROGRESS],
    ["the API guide's query", FIRST_QUERY],
    ["the API guide's mutation", FIRST_MUTATION],
    ["the API guide's subscription", FIRST_SUBSCRIPTION],
  ])('%s fits schema.graphql', (_, query) => {
    expect(validate(schema, parse(query)).map(({ message }) => message)).toEqual([]);
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
