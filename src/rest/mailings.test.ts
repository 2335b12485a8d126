import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign } from '../testing/api-calls.js';
import { makeToken } from '../testing/credentials.js';
import { rest } from '../testing/rest.js';
import { insertClients } from '../testing/rows.js';
import { type Answer, type RunningApi, startApi } from '../testing/running-api.js';

let running: RunningApi;
beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());

const ask = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  rest(running, method, path, body, headers);
const make = async (more: object = {}) => (await ask('POST', 'mailings', campaign(more))).body;

describe('a mailing', () => {
  it('is led through its life by one address a step, which says what else can be done when it cannot', async () => {
    const { id } = await make({ draft: true });
    for (const [step, status] of [
      ['schedule', 'SCHEDULED'],
      ['start', 'SCHEDULED'],
      ['cancel', 'CANCELLED'],
    ]) {
      const answer = await ask('POST', `mailings/${id}/${step}/`);
      expect([step, answer.status, answer.body.status]).toEqual([step, 200, status]);
    }
    const refused = await ask('POST', `mailings/${id}/resume`, '', { 'content-type': 'application/json' });
    expect([refused.status, refused.body.detail]).toEqual([409, 'This mailing is CANCELLED: it can only be deleted.']);
    for (const nobody of ['999999', '0', 'x', '%00', '%F0%9F%92%A9', '9'.repeat(40), '18446744073709551616']) {
      expect([nobody, (await ask('POST', `mailings/${nobody}/pause`)).status]).toEqual([nobody, 404]);
    }
  });

  it('is made once by the same key and body, however often it is sent, and a key is good for one body', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = campaign({ name: 'Once' });
    const [first, again] = [await ask('POST', 'mailings', body, key), await ask('POST', 'mailings', body, key)];
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
    const other = await ask('POST', 'mailings', { ...body, name: 'Twice' }, key);
    expect([other.status, other.body.errors[0].field]).toEqual([409, 'idempotencyKey']);
    const copies = [1, 2].map(() => ask('POST', `mailings/${first.body.id}/duplicate`, undefined, key));
    expect(new Set((await Promise.all(copies)).map(({ body: copy }) => copy.id)).size).toBe(1);
    expect((await ask('POST', 'mailings', body, { 'idempotency-key': 'x'.repeat(201) })).status).toBe(400);
    expect((await ask('POST', 'mailings', body, { 'idempotency-key': '\xa0' })).status).toBe(422);
  });

  it('changes its tag with what happens, and is edited on its revision all the same', async () => {
    const { id } = await make();
    const before = (await ask('GET', `mailings/${id}`)).headers.get('etag') ?? '';
    await running.database.pool.query('update mailing set version = version + 1 where id = $1', [id]);
    expect((await ask('GET', `mailings/${id}`, undefined, { 'if-none-match': before })).status).toBe(200);
    expect((await ask('PATCH', `mailings/${id}`, { name: 'b' }, { 'if-match': before })).status).toBe(200);
    for (const method of ['PATCH', 'DELETE']) {
      const stale = await ask(method, `mailings/${id}`, method === 'PATCH' ? { name: 'c' } : undefined, {
        'if-match': before,
      });
      expect([method, stale.status]).toEqual([method, 412]);
    }
  });

  it('says what is wrong with a body before it says that somebody changed the mailing', async () => {
    const { id } = await make({ draft: true });
    for (const method of ['PUT', 'PATCH'] as const) {
      const body = campaign({ startsAt: '2024-01-01T12:99:00Z' });
      const refused = await ask(method, `mailings/${id}`, body, { 'if-match': '"77"' });
      expect([refused.status, refused.body.errors[0].field]).toEqual([400, 'startsAt']);
    }
  });

  it('takes each step only on the state that If-Match names', async () => {
    const { id } = await make({ draft: true });
    const stale = { 'if-match': (await ask('GET', `mailings/${id}`)).headers.get('etag') ?? '' };
    const { headers } = await ask('PATCH', `mailings/${id}`, { name: 'b' });
    for (const step of ['schedule', 'start', 'pause', 'resume', 'cancel']) {
      const refused = await ask('POST', `mailings/${id}/${step}`, undefined, stale);
      expect([step, refused.status, refused.body.errors[0].field]).toEqual([step, 412, 'revision']);
    }
    expect((await ask('GET', `mailings/${id}`)).body.status).toBe('DRAFT');
    const tag = headers.get('etag') ?? '';
    expect((await ask('POST', `mailings/${id}/schedule`, undefined, { 'if-match': tag })).body.status).toBe(
      'SCHEDULED',
    );
    // Nobody edited it, though it is in another status by now.
    expect((await ask('POST', `mailings/${id}/cancel`, undefined, { 'if-match': tag })).body.status).toBe('CANCELLED');
  });

  it('needs its start when it is replaced, so that sending the same again changes nothing', async () => {
    const { startsAt, ...body } = campaign({ text: 'Two' });
    const { id } = await make();
    const without = await ask('PUT', `mailings/${id}`, body);
    expect([without.status, without.body.errors]).toEqual([400, [expect.objectContaining({ field: 'startsAt' })]]);
    const whole = { ...body, startsAt };
    const revisions = [await ask('PUT', `mailings/${id}`, whole), await ask('PUT', `mailings/${id}`, whole)];
    expect(revisions.map(({ body: { revision, text } }) => [revision, text])).toEqual([
      [2, 'Two'],
      [2, 'Two'],
    ]);
  });

  it('is forecast, and its text sent to one person for a test', async () => {
    await insertClients(running.database.pool, 3, { tags: ['f'] });
    const { name: _, text: __, ...like } = campaign({ filter: { tagsAny: ['f', 'g'] } });
    const { status, body } = await ask('POST', 'mailings/forecast', like);
    expect([status, body]).toEqual([200, expect.objectContaining({ audienceCount: 3, sentCount: 3, limitedBy: null })]);
    expect(body.warnings).toEqual([expect.objectContaining({ field: 'filter.tagsAny.1', code: 'UNUSED_VALUE' })]);
    const { id } = await make(like);
    const changed = await ask('POST', `mailings/${id}/forecast`, { filter: null });
    expect(changed.body.audienceCount).toBeGreaterThanOrEqual(3);

    const sent = await ask('POST', `mailings/${id}/test-send`, { phone: '8 (916) 555-55-55' });
    expect([sent.status, sent.headers.get('location')]).toEqual([201, `/api/v1/messages/${sent.body.id}`]);
    expect((await ask('GET', `messages/${sent.body.id}`)).body).toMatchObject({
      mailingId: id,
      phone: '79165555555',
      isTest: true,
      classicStatus: 'pending',
    });
    expect((await ask('POST', `mailings/${id}/test-send`, {})).status).toBe(422);
    expect((await ask('POST', `mailings/${id}/retry-failed`, { gatewayCodes: [2 ** 40] })).status).toBe(400);
    // An open message is answered as it is.
    expect((await ask('POST', `messages/${sent.body.id}/retry`)).status).toBe(200);
  });
});

describe('whoever may not see phones', () => {
  const PHONE = '79167654321';

  it('sees them masked in every answer, and may not look for them', async () => {
    const made = await ask('POST', 'clients', {
      phone: PHONE,
      timeZone: 'UTC',
      tags: ['p', `of ${PHONE}`],
      attributes: { other: '8 916 765-43-21' },
    });
    const mailing = await make({ text: `Call us at ${PHONE}. You are {{ phone }}.`, filter: { tagsAny: ['p'] } });
    const test = await ask('POST', `mailings/${mailing.id}/test-send`, { clientId: made.body.id });
    const { headers } = await makeToken(running, ['clients:read', 'mailings:read']);
    const paths = ['clients', 'clients/facets', `clients/${made.body.id}`, `messages/${test.body.id}`, 'audience'];
    for (const path of paths) {
      const answer = await (path === 'audience'
        ? ask('POST', path, {}, headers)
        : ask('GET', path, undefined, headers));
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.text).toContain('79*****4321');
      expect(answer.text.replaceAll(/[ -]/g, '')).not.toMatch(/9167654321/);
    }
    expect((await ask('GET', `clients/${made.body.id}`, undefined, headers)).body.id).toBe(made.body.id);
    // What a mailing says to everybody is nobody's phone.
    expect((await ask('GET', `mailings/${mailing.id}`, undefined, headers)).body.text).toContain(PHONE);
    for (const query of [`phone=${PHONE}`, 'phoneContains=4321', 'orderBy=PHONE']) {
      expect([query, (await ask('GET', `clients?${query}`, undefined, headers)).status]).toEqual([query, 403]);
    }
  });
});

it('whoever may not write is kept out of each address that does', async () => {
  const { id } = await make();
  const { headers } = await makeToken(running, ['clients:read', 'mailings:read']);
  const { body: document } = await ask('GET', '/openapi.json');
  const writing = Object.entries(document.paths as Record<string, Record<string, { description: string }>>).flatMap(
    ([path, operations]) =>
      Object.entries(operations)
        .filter(([, { description }]) => /:write/.test(description))
        .map(([method]) => [method.toUpperCase(), path.replace('{id}', id)] as const),
  );
  expect(writing.length).toBeGreaterThan(15);
  for (const [method, path] of writing) {
    expect([method, path, (await ask(method, path, undefined, headers)).status]).toEqual([method, path, 403]);
  }
});

it('what is done is in the audit log under the name of the mutation, with the names of fields and no value', async () => {
  const made = await ask('POST', 'clients', { phone: '79160101010', timeZone: 'UTC', '79160101010': 1 });
  expect(made.status).toBe(400);
  const { id } = await make({ name: 'On record' });
  await ask('POST', `mailings/${id}/pause`);
  const { rows } = await running.database.pool.query(
    'select actor, action, subject_kind, subject_id, outcome, details from audit_event order by id desc limit 3',
  );
  expect(rows).toEqual([
    expect.objectContaining({ action: 'mailingPause', subject_kind: 'mailing', subject_id: id, outcome: 'REFUSED' }),
    expect.objectContaining({ actor: 'admin', action: 'mailingCreate', subject_id: id, outcome: 'DONE' }),
    expect.objectContaining({ action: 'clientCreate', outcome: 'REFUSED', details: { fields: ['phone', 'timeZone'] } }),
  ]);
});
