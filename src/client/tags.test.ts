import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importClients } from '../bulk/import-clients.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, type ClientNode, campaign } from '../testing/api-calls.js';

let api: TestApi;
let calls: ApiCalls;
let nextPhone = 79_000_000_000;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
});
afterAll(() => api.close());

const somebody = (more: object = {}) => ({ phone: String(nextPhone++), timeZone: 'Europe/Moscow', ...more });

async function found(filter: object): Promise<ClientNode[]> {
  const { clients } = await api.run<{ clients: { edges: { node: ClientNode }[] } }>(
    'query ($filter: ClientFilterInput) { clients(filter: $filter, first: 100) { edges { node { id tags } } } }',
    { filter },
  );
  return clients.edges.map(({ node }) => node);
}

/** What means something in an array literal, in JSON or in LIKE, and any other text without control characters. */
const nasty = fc.oneof(
  fc.constantFrom('null', 'NULL', '{}', '"', '\\', '\\"', 'a,b', 'a, b', '{x', "'", '%', '?', ':p', '$1', '??', '\\n'),
  fc
    .array(fc.constantFrom(...'{}",\\ \'null?$%_;|ж👍a'), { minLength: 1, maxLength: 8 })
    .map((characters) => characters.join('')),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
);
const tag = nasty.map((text) => text.trim()).filter((text) => text !== '' && !/\p{Cc}/u.test(text));
const tagList = fc.uniqueArray(tag, { minLength: 1, maxLength: 5 });

describe('tags', () => {
  it('come back from create, list and filter as they were given, whatever stands in them', async () => {
    await fc.assert(
      fc.asyncProperty(tagList, async (tags) => {
        const { client, userErrors } = await calls.createClient(somebody({ tags }));
        expect(userErrors).toEqual([]);
        const id = client?.id ?? expect.fail('no client');
        expect(client?.tags).toEqual(tags);
        const node = { id, tags };
        for (const one of tags) expect(await found({ tagsAny: [one] })).toContainEqual(node);
        expect(await found({ tagsAll: tags })).toContainEqual(node);
        expect(await found({ tagsAll: [...tags, 'no-such'] })).not.toContainEqual(node);
        await calls.deleteClient(id);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same whether they come through the API or from a file', async () => {
    await fc.assert(
      fc.asyncProperty(
        tag.filter((text) => !/[;|]/.test(text)),
        async (one) => {
          const { client } = await calls.createClient(somebody({ tags: [one] }));
          const phone = String(nextPhone++);
          const cell = `"${one.replaceAll('"', '""')}"`;
          const file = `phone,time_zone,tags\n${phone},Europe/Moscow,${cell}\n`;
          expect(await importClients(api.database.pool, Readable.from([Buffer.from(file)]))).toMatchObject({
            imported: 1,
          });
          const ids = (await found({ tagsAny: [one] })).map(({ id }) => id);
          expect(ids).toHaveLength(2);
          expect(ids).toContain(client?.id);
          await Promise.all(ids.map((id) => calls.deleteClient(id)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each(['a\nb', '\u0001', 'a\u007fb', 'a\u0085b', '{\tx'])('have no control characters: %j', async (one) => {
    const { userErrors } = await calls.createClient(somebody({ tags: [one] }));
    expect(userErrors).toMatchObject([{ field: 'tags.0', code: 'BAD_USER_INPUT' }]);
    const named = await calls.createMailing(campaign({ name: `a${one}b` }));
    expect(named.userErrors).toMatchObject([{ field: 'name', code: 'BAD_USER_INPUT' }]);
  });
});

describe('weekdays', () => {
  it('come back as they were given, in their order', async () => {
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(days, async (weekdays) => {
        const { mailing } = await calls.createMailing(campaign({ weekdays }), true);
        expect(mailing?.weekdays).toEqual(weekdays.toSorted());
      }),
      { numRuns: 15 },
    );
  });
});

describe('an update of a client', () => {
  const made = async (more: object) => {
    const { client } = await calls.createClient(somebody(more));
    return client?.id ?? expect.fail('no client');
  };

  it('joins a single tag to those there are, and leaves them alone when it is null', async () => {
    const id = await made({ tags: ['a', 'b'] });
    expect((await calls.updateClient(id, { tag: null })).client).toMatchObject({ tags: ['a', 'b'], revision: 1 });
    expect((await calls.updateClient(id, { tag: 'c' })).client?.tags).toEqual(['a', 'b', 'c']);
    expect((await calls.updateClient(id, { tag: 'c' })).client?.revision).toBe(2);
    expect((await calls.updateClient(id, { tags: ['x'], tag: 'y' })).client?.tags).toEqual(['x', 'y']);
    expect((await calls.updateClient(id, { tags: null, tag: null })).client?.tags).toEqual([]);
  });

  it('joins no tag to as many as there may be', async () => {
    const id = await made({ tags: Array.from({ length: 50 }, (_, at) => String(at)) });
    const { userErrors } = await calls.updateClient(id, { tag: 'one more' });
    expect(userErrors).toMatchObject([{ field: 'tag', code: 'BAD_USER_INPUT' }]);
  });

  it('takes the operator code from the phone when it is null, be the phone new or old', async () => {
    const id = await made({ phone: '79161234567', operatorCode: '925' });
    expect((await calls.updateClient(id, { operatorCode: null })).client?.operatorCode).toBe('916');
    expect((await calls.updateClient(id, { operatorCode: '925' })).client?.operatorCode).toBe('925');
    const moved = await calls.updateClient(id, { phone: '79031234567', operatorCode: null });
    expect(moved.client?.operatorCode).toBe('903');
  });

  it('says of a phone that is null that it is required', async () => {
    const { userErrors } = await calls.updateClient(await made({}), { phone: null });
    expect(userErrors).toMatchObject([{ field: 'phone', message: 'phone is required.' }]);
  });
});
