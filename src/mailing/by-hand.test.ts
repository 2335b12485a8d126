import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { campaign, inHours, type UserErrorNode } from '../testing/api-calls.js';
import { insertMailing } from '../testing/rows.js';

interface Answer {
  mailing: ({ id: string } & Record<string, unknown>) | null;
  userErrors: UserErrorNode[];
}

const MAILING = `{ mailing { id name text filter { operatorCodes tagsAny tagsAll timeZones } startsAt endsAt allowedFrom allowedTo
  weekdays rateLimit maxAttempts unknownOutcome channel status events { edges { node { kind details } } } }
  userErrors { field message code } }`;

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api.close());

async function create(input: object, idempotencyKey?: string, draft = false): Promise<Answer> {
  const { it } = await api.run<{ it: Answer }>(
    `mutation ($input: MailingInput!, $draft: Boolean!, $idempotencyKey: String) {
       it: mailingCreate(input: $input, draft: $draft, idempotencyKey: $idempotencyKey) ${MAILING} }`,
    { input, draft, idempotencyKey },
  );
  return it;
}

async function duplicate(id: string, more: { name?: string; idempotencyKey?: string } = {}): Promise<Answer> {
  const { it } = await api.run<{ it: Answer }>(
    `mutation ($id: ID!, $name: String, $idempotencyKey: String) {
       it: mailingDuplicate(id: $id, name: $name, idempotencyKey: $idempotencyKey) ${MAILING} }`,
    { id, ...more },
  );
  return it;
}

async function mailings(): Promise<number> {
  const { rows } = await api.database.pool.query<{ n: number }>('select count(*)::int as n from mailing');
  return rows[0]?.n ?? 0;
}

describe('an idempotency key', () => {
  it('makes the same call make one mailing, also once that was deleted', async () => {
    const input = campaign({ allowedFrom: '09:00', allowedTo: '21:00' });
    const first = await create(input, 'again');
    expect(first.userErrors).toEqual([]);
    expect(await create(input, 'again')).toEqual(first);
    await api.run('mutation ($id: ID!) { mailingDelete(id: $id) { userErrors { code } } }', { id: first.mailing?.id });
    expect((await create(input, 'again')).mailing?.id).toBe(first.mailing?.id);
  });

  it('is refused with any other input', async () => {
    const input = campaign();
    const { mailing } = await create(input, 'taken');
    for (const [other, draft] of [
      [{ ...input, text: 'Bye!' }, false],
      [{ ...input, weekdays: [1] }, false],
      [input, true],
    ] as const) {
      const refused = await create(other, 'taken', draft);
      expect(refused).toMatchObject({ mailing: null, userErrors: [{ code: 'CONFLICT', field: 'idempotencyKey' }] });
    }
    expect(await create(input, 'taken')).toMatchObject({ mailing: { id: mailing?.id } });
  });

  it('makes one mailing of ten calls at once', async () => {
    const input = campaign();
    const before = await mailings();
    const answers = await Promise.all(Array.from({ length: 10 }, () => create(input, 'at once')));
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(new Set(answers.map(({ mailing }) => mailing?.id)).size).toBe(1);
    expect(await mailings()).toBe(before + 1);
  });

  it('stays free when its call was refused, and is another one for another operation', async () => {
    expect((await create(campaign({ endsAt: inHours(-1) }), 'mended')).userErrors).toMatchObject([{ field: 'endsAt' }]);
    const { mailing } = await create(campaign(), 'mended');
    const copy = await duplicate(mailing?.id ?? '', { idempotencyKey: 'mended' });
    expect(copy).toMatchObject({ mailing: { status: 'DRAFT' }, userErrors: [] });
    expect(await duplicate(mailing?.id ?? '', { idempotencyKey: 'mended' })).toEqual(copy);
  });

  it.each(['', 'x'.repeat(201), 'a\nb'])('is refused when it is %j', async (key) => {
    expect((await create(campaign(), key)).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', field: 'idempotencyKey' },
    ]);
  });
});

describe('a copy of a mailing', () => {
  const decided = {
    text: 'Hello, {{ name }}!',
    filter: { operatorCodes: ['916'], tagsAny: ['vip'], tagsAll: [], timeZones: ['Europe/Moscow'] },
    allowedFrom: '22:00',
    allowedTo: '06:00',
    weekdays: [6, 7],
    rateLimit: 50,
    maxAttempts: 3,
    unknownOutcome: 'NEVER_AGAIN',
    channel: 'CONSOLE',
  };

  it('is a draft with everything a person decided, and says what it is a copy of', async () => {
    const { mailing: original } = await create(campaign(decided));
    const { mailing: copy, userErrors } = await duplicate(original?.id ?? '');
    expect(userErrors).toEqual([]);
    const { id, events, status, name, ...same } = original as Record<string, unknown>;
    expect(copy).toMatchObject({ ...same, name: 'Autumn (copy)', status: 'DRAFT' });
    expect(copy?.id).not.toBe(id);
    expect(copy?.['events']).toMatchObject({ edges: [{ node: { kind: 'CREATED', details: { copyOf: id } } }] });
  });

  it('of one whose start has passed starts now and lasts as long', async () => {
    const id = await insertMailing(api.database.pool, {
      startsIn: '-30 days',
      endsIn: '-29 days',
      status: 'COMPLETED',
    });
    const before = Date.now();
    const { mailing } = await duplicate(id, { name: ' Again ' });
    expect(mailing).toMatchObject({ name: 'Again', status: 'DRAFT' });
    const [startsAt, endsAt] = [mailing?.['startsAt'], mailing?.['endsAt']].map((at) => Date.parse(at as string));
    // The database's clock has the same hands as ours; what it gives is cut to whole ms.
    expect(startsAt).toBeGreaterThanOrEqual(before - 1);
    expect((endsAt ?? 0) - (startsAt ?? 0)).toBe(86_400_000);
  });

  it('keeps its name as long as a name may be, with no emoji cut in two', async () => {
    const { mailing } = await create(campaign({ name: '📣'.repeat(100) }));
    const copy = await duplicate(mailing?.id ?? '');
    expect(copy.mailing?.['name']).toBe(`${'📣'.repeat(96)} (copy)`);
    expect((await duplicate(mailing?.id ?? '', { name: ' ' })).userErrors).toMatchObject([{ field: 'name' }]);
  });

  it('is not made of one that is not there', async () => {
    const { mailing } = await create(campaign());
    await api.run('mutation ($id: ID!) { mailingDelete(id: $id) { userErrors { code } } }', { id: mailing?.id });
    for (const id of [mailing?.id ?? '', '999999', 'x']) {
      expect(await duplicate(id)).toMatchObject({ mailing: null, userErrors: [{ code: 'NOT_FOUND', field: 'id' }] });
    }
  });
});
