import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginLaunch } from '../sending/launch.js';
import { createTestApi, type TestApi, TIMEOUT_MS } from '../testing/api.js';
import { ApiCalls, campaign, inHours, type MailingNode } from '../testing/api-calls.js';

let api: TestApi;
let calls: ApiCalls;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
});
afterAll(() => api.close());

async function created(more: object = {}, draft = false): Promise<MailingNode> {
  const { mailing, userErrors } = await calls.createMailing(campaign(more), draft);
  expect(userErrors).toEqual([]);
  return mailing as MailingNode;
}

async function planOf(id: string): Promise<number> {
  const { rows } = await api.database.pool.query<{ plan: number }>('select plan from mailing where id = $1', [id]);
  return rows[0]?.plan ?? 0;
}
const kinds = (mailing: MailingNode) => mailing.events.map((event) => event.kind);

describe('an edit', () => {
  it('grows the revision each time, the plan with start, end and window only, and is written down', async () => {
    const { id } = await created();
    expect(await planOf(id)).toBe(1);
    await calls.updateMailing(id, { name: 'New', text: 'Hi {{ name }}', rateLimit: 50 });
    expect(await planOf(id)).toBe(1);
    for (const [at, change] of [
      { startsAt: inHours(1.2) },
      { endsAt: inHours(3) },
      { allowedFrom: '22:00', allowedTo: '06:00' },
      { weekdays: [6, 7] },
    ].entries()) {
      expect((await calls.updateMailing(id, change)).userErrors).toEqual([]);
      expect(await planOf(id)).toBe(at + 2);
    }
    const mailing = await calls.mailing(id);
    expect(mailing.revision).toBe(6);
    expect(kinds(mailing)).toEqual(['CREATED', 'EDITED', 'EDITED', 'EDITED', 'EDITED', 'EDITED']);
    expect(mailing.events[1]).toMatchObject({
      by: 'admin',
      details: { edited: ['name', 'text', 'rateLimit'], rateLimit: 50, plan: 1 },
    });
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
    const same = await calls.updateMailing(id, { name, text, startsAt, endsAt, filter, weekdays: null });
    expect(same).toMatchObject({ userErrors: [], mailing: { revision: 1 } });
    expect(kinds(same.mailing as MailingNode)).toEqual(['CREATED']);
  });

  it('of a mailing whose start was moved by a click is no edit of the start', async () => {
    const { id } = await created();
    await calls.take('Start', id);
    await beginLaunch(api.database.pool, id);
    const { startsAt, endsAt } = await calls.mailing(id);
    expect((await calls.updateMailing(id, { name: 'Renamed', startsAt, endsAt })).userErrors).toEqual([]);
  });

  it('made on an older revision is refused', async () => {
    const { id } = await created();
    await calls.updateMailing(id, { name: 'First', revision: 1 });
    const late = await calls.updateMailing(id, { name: 'Second', revision: 1 });
    expect(late).toMatchObject({ mailing: null, userErrors: [{ field: 'revision', code: 'CONFLICT' }] });
    expect((await calls.mailing(id)).name).toBe('First');
  });

  it('made twenty times at once on one revision is made once', async () => {
    const { id } = await created();
    const edits = Array.from({ length: 20 }, (_, n) => calls.updateMailing(id, { name: `edit ${n}`, revision: 1 }));
    const answers = await Promise.all(edits);
    expect(answers.filter(({ mailing }) => mailing !== null)).toHaveLength(1);
    const mailing = await calls.mailing(id);
    expect([mailing.revision, kinds(mailing)]).toEqual([2, ['CREATED', 'EDITED']]);
  });

  it('that moves the start rings for the new one', async () => {
    const { id } = await created({ endsAt: inHours(9) });
    api.takeRings();
    const { mailing } = await calls.updateMailing(id, { startsAt: inHours(0.5) });
    expect(api.takeRings()).toEqual([
      { name: 'mailing.launch', payload: { mailingId: id }, at: new Date(mailing?.startsAt ?? '') },
    ]);
  });

  const frozen = { text: 'Other', filter: { tagsAny: ['new'] }, startsAt: inHours(1.5), channel: 'CONSOLE' };
  const policies = { maxAttempts: 3, unknownOutcome: 'NEVER_AGAIN' };
  const timely = { endsAt: inHours(5), allowedFrom: '09:00', allowedTo: '21:00', weekdays: [1], rateLimit: 10 };

  async function createdIn(status: string): Promise<string> {
    const { id } = await created();
    await api.database.pool.query('update mailing set status = $2, launched_at = now() where id = $1', [id, status]);
    return id;
  }

  it.each([
    ['RUNNING', { ...frozen, ...policies }],
    ['PAUSED', { ...frozen, ...policies }],
    ['COMPLETED', { ...frozen, ...policies }],
    ['CANCELLED', { ...frozen, ...policies, endsAt: timely.endsAt, weekdays: [1], rateLimit: 10 }],
  ])('of a %s mailing refuses what is frozen, and says why', async (status, fields) => {
    const id = await createdIn(status);
    for (const [field, value] of Object.entries(fields)) {
      const { userErrors } = await calls.updateMailing(id, { name: 'Sneaked in', [field]: value });
      expect(userErrors).toMatchObject([{ field, code: 'CONFLICT' }]);
      expect(userErrors[0]?.message).toMatch(
        status === 'CANCELLED' ? /only its name/ : new RegExp(`^This mailing is ${status}: ${field} .* because `),
      );
    }
    const renamed = await calls.updateMailing(id, { name: 'Renamed' });
    expect(renamed).toMatchObject({ userErrors: [], mailing: { name: 'Renamed', revision: 2 } });
    expect(await planOf(id)).toBe(1);
  });

  it.each([
    ['RUNNING', 2],
    ['PAUSED', 2],
    ['COMPLETED', 1],
  ])('of a %s mailing changes end, window and limit: its plan is then %i', async (status, plan) => {
    const id = await createdIn(status);
    api.takeRings();
    const { mailing, userErrors } = await calls.updateMailing(id, { ...timely, revision: 1 });
    expect(userErrors).toEqual([]);
    expect(mailing).toMatchObject({ status, revision: 2, rateLimit: 10, weekdays: [1], allowedFrom: '09:00' });
    expect(mailing?.events.at(-1)).toMatchObject({
      kind: 'EDITED',
      details: { edited: Object.keys(timely), rateLimit: 10, weekdays: [1], allowedTo: '21:00:00', plan },
    });
    expect(await planOf(id)).toBe(plan);
    const replans = api.takeRings().filter(({ name }) => name === 'mailing.replan');
    const { rows } = await api.database.pool.query('select replan_cursor from mailing where id = $1', [id]);
    const isUnderWay = status !== 'COMPLETED';
    expect([rows[0].replan_cursor, replans.length]).toEqual(isUnderWay ? ['0', 1] : [null, 0]);
    const late = await calls.updateMailing(id, { rateLimit: 20, revision: 1 });
    expect(late.userErrors).toMatchObject([{ field: 'revision', code: 'CONFLICT' }]);
  });

  it.each(['RUNNING', 'COMPLETED'])('of a %s mailing leaves at least one time-out to its end', async (status) => {
    const id = await createdIn(status);
    await api.database.pool.query(`update mailing set starts_at = now() - interval '1 day' where id = $1`, [id]);
    for (const endsAt of [inHours(-1), new Date(Date.now() + TIMEOUT_MS - 500).toISOString()]) {
      const { userErrors } = await calls.updateMailing(id, { endsAt });
      expect(userErrors).toMatchObject([{ field: 'endsAt', code: 'BAD_USER_INPUT' }]);
    }
    expect((await calls.updateMailing(id, { allowedFrom: '09:00' })).userErrors).toMatchObject([
      { field: 'allowedTo', code: 'BAD_USER_INPUT' },
    ]);
    const soon = { endsAt: new Date(Date.now() + TIMEOUT_MS * 2).toISOString() };
    expect((await calls.updateMailing(id, soon)).userErrors).toEqual([]);
  });
});
