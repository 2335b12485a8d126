import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleMessages } from '../message/settle-messages.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, campaign, inHours, type MailingNode, STEPS, type StepName } from '../testing/api-calls.js';
import { insertClients } from '../testing/rows.js';

type Status = 'DRAFT' | 'SCHEDULED' | 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'CANCELLED';

let api: TestApi;
let calls: ApiCalls;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
  await insertClients(api.database.pool, 4);
});
afterAll(() => api.close());

async function create(input: object = {}, draft = false): Promise<MailingNode> {
  const { mailing, userErrors } = await calls.createMailing(campaign(input), draft);
  expect(userErrors).toEqual([]);
  return mailing as MailingNode;
}

async function row(id: string) {
  const { rows } = await api.database.pool.query<{
    status: string;
    plan: number;
    revision: number;
    version: string;
    open: number;
    deleted: boolean;
    changes: string[];
  }>(
    `select status, plan, revision, version, open, deleted_at is not null as deleted,
       array(select c.version::text from mailing_change c where c.mailing_id = m.id order by c.version) as changes
     from mailing m where id = $1`,
    [id],
  );
  return rows[0] ?? expect.fail('no such mailing');
}

/** A mailing brought to a status by the way it gets there in life. */
async function at(status: Status): Promise<string> {
  const { pool } = api.database;
  if (status === 'DRAFT') return (await create({}, true)).id;
  if (status === 'SCHEDULED') return (await create()).id;
  // A COMPLETED one has nobody to go to.
  const filter = status === 'COMPLETED' ? { tagsAny: ['nobody has this'] } : {};
  const { id } = await create({ startsAt: inHours(-1), filter });
  await beginLaunch(pool, id);
  await launchChunk(pool, id, () => 1_000);
  if (status === 'PAUSED') await calls.take('Pause', id);
  if (status === 'CANCELLED') {
    await calls.take('Cancel', id);
    await settleMessages(pool, id);
  }
  expect((await row(id)).status).toBe(status);
  return id;
}

/** All but what happens by itself: status, step, the status after it, and what is rung. */
const ALLOWED: [Status, StepName, Status, string[]][] = [
  ['DRAFT', 'Schedule', 'SCHEDULED', ['mailing.launch']],
  ['DRAFT', 'Start', 'SCHEDULED', ['mailing.launch']],
  ['DRAFT', 'Cancel', 'CANCELLED', ['mailing.finish']],
  ['DRAFT', 'Delete', 'DRAFT', []],
  ['SCHEDULED', 'Start', 'SCHEDULED', ['mailing.launch']],
  ['SCHEDULED', 'Cancel', 'CANCELLED', ['mailing.finish']],
  ['SCHEDULED', 'Delete', 'CANCELLED', []],
  ['RUNNING', 'Pause', 'PAUSED', []],
  ['RUNNING', 'Cancel', 'CANCELLED', ['mailing.finish']],
  ['PAUSED', 'Resume', 'RUNNING', Array(8).fill('mailing.dispatch')],
  ['PAUSED', 'Cancel', 'CANCELLED', ['mailing.finish']],
  ['COMPLETED', 'Delete', 'COMPLETED', []],
  ['CANCELLED', 'Delete', 'CANCELLED', []],
];
const EVENTS: Record<StepName, string> = {
  Schedule: 'SCHEDULED',
  Start: 'STARTED',
  Pause: 'PAUSED',
  Resume: 'RESUMED',
  Cancel: 'CANCELLED',
  Delete: 'DELETED',
};
const STATUSES: Status[] = ['DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED'];
const REFUSED = STATUSES.flatMap((status) =>
  STEPS.filter((step) => !ALLOWED.some(([from, by]) => from === status && by === step)).map(
    (step): [Status, StepName] => [status, step],
  ),
);

describe('the table of a mailing', () => {
  it.each(ALLOWED)('%s by %s becomes %s', async (from, step, to, rings) => {
    const id = await at(from);
    const before = await row(id);
    api.takeRings();
    const { mailing, userErrors } = await calls.take(step, id);
    expect(userErrors).toEqual([]);
    expect(mailing).toMatchObject({ id, status: to });
    expect(mailing?.events.at(-1)).toMatchObject({ kind: EVENTS[step], by: 'admin' });
    const taken = api.takeRings();
    expect(taken.map((ring) => ring.name)).toEqual(rings);
    expect(taken.every((ring) => (ring.payload as { mailingId: string }).mailingId === id)).toBe(true);

    const after = await row(id);
    expect(after.deleted).toBe(step === 'Delete');
    const moved = step === 'Start' ? 1 : 0;
    expect([after.plan - before.plan, after.revision - before.revision]).toEqual([moved, moved]);
    // Who watches is told by a version of its own, and versions have no gap.
    expect(Number(after.version)).toBe(Number(before.version) + 1);
    expect(after.changes).toEqual(Array.from({ length: Number(after.version) }, (_, n) => String(n + 1)));
  });

  it.each(REFUSED)('%s refuses %s, says what can be done, and writes nothing', async (status, step) => {
    const id = await at(status);
    const before = await row(id);
    api.takeRings();
    const { mailing, userErrors } = await calls.take(step, id);
    expect(mailing).toBeNull();
    expect(userErrors).toMatchObject([{ field: null, code: 'CONFLICT' }]);
    expect(userErrors[0]?.message).toMatch(new RegExp(`^This mailing is ${status}: it can only be [a-z]+`));
    expect(await row(id)).toEqual(before);
    expect(api.takeRings()).toEqual([]);
  });

  it('CLASSIC row 4: start moves the start to now, by the database', async () => {
    const { id, startsAt } = await create();
    const { mailing } = await calls.take('Start', id);
    expect(Date.parse(mailing?.startsAt ?? '')).toBeLessThan(Date.parse(startsAt));
    expect(await beginLaunch(api.database.pool, id)).toBeUndefined();
    expect((await row(id)).status).toBe('RUNNING');
    const { details } = mailing?.events.at(-1) ?? expect.fail('no event');
    expect(Date.parse(String(details['startsAt']))).toBe(Date.parse(mailing?.startsAt ?? ''));
    expect(details['plan']).toBe(2);
  });

  it.each(['Schedule', 'Start'] as const)('%s is refused after the end, and close before it', async (step) => {
    for (const endsAt of [inHours(-1), new Date(Date.now() + 5_000).toISOString()]) {
      const { id } = await create({ startsAt: inHours(-2), endsAt }, true);
      const { userErrors } = await calls.take(step, id);
      expect(userErrors).toMatchObject([{ field: 'endsAt', code: 'CONFLICT' }]);
      expect((await row(id)).status).toBe('DRAFT');
    }
  });

  it('schedule is refused when less than an attempt fits between start and end', async () => {
    const { id } = await create({ startsAt: '2100-01-01T10:00:00Z', endsAt: '2100-01-01T10:00:09Z' }, true);
    expect((await calls.take('Schedule', id)).userErrors).toMatchObject([{ field: 'endsAt', code: 'CONFLICT' }]);
  });

  it('schedule rings for the start, also when that has come already', async () => {
    const { id, startsAt } = await create({ startsAt: inHours(-1) }, true);
    api.takeRings();
    await calls.take('Schedule', id);
    expect(api.takeRings()).toEqual([{ name: 'mailing.launch', payload: { mailingId: id }, at: new Date(startsAt) }]);
    expect(await beginLaunch(api.database.pool, id)).toBeUndefined();
    expect((await row(id)).status).toBe('RUNNING');
  });

  it.each(STEPS)('%s is not taken of a mailing that was edited since it was confirmed', async (step) => {
    const [[from]] = ALLOWED.filter(([, by]) => by === step) as [(typeof ALLOWED)[number]];
    const id = await at(from);
    const { revision } = await row(id);
    const { userErrors } = await calls.take(step, id, revision - 1);
    expect(userErrors).toMatchObject([{ field: 'revision', code: 'CONFLICT' }]);
    expect(await row(id)).toMatchObject({ status: from, deleted: false });
    expect((await calls.take(step, id, revision)).userErrors).toEqual([]);
  });

  it('a cancelled mailing can be deleted only once its messages are settled', async () => {
    const id = await at('RUNNING');
    const cancelled = await calls.take('Cancel', id);
    expect(cancelled.mailing?.finishedAt).not.toBeNull();
    const early = await calls.take('Delete', id);
    expect(early.userErrors).toMatchObject([{ field: null, code: 'CONFLICT' }]);
    await settleMessages(api.database.pool, id);
    expect((await calls.take('Delete', id)).userErrors).toEqual([]);
  });

  it('a mailing that is deleted while scheduled is never launched', async () => {
    const { id } = await create({ startsAt: inHours(-1) });
    await calls.take('Delete', id);
    await beginLaunch(api.database.pool, id);
    expect(await row(id)).toMatchObject({ status: 'CANCELLED', deleted: true });
  });

  it('a step asked for twenty times at once is taken once', async () => {
    const id = await at('RUNNING');
    const answers = await Promise.all(Array.from({ length: 20 }, () => calls.take('Pause', id)));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    const { events } = (await calls.take('Resume', id)).mailing as MailingNode;
    expect(events.filter((event) => event.kind === 'PAUSED')).toHaveLength(1);
  });

  it('pause, resume and cancel against each other leave one history that fits the table', async () => {
    const id = await at('RUNNING');
    const steps = (['Pause', 'Resume', 'Pause', 'Cancel', 'Resume', 'Pause'] as const).map((step) =>
      calls.take(step, id),
    );
    await Promise.all(steps);
    const { rows } = await api.database.pool.query<{ kind: string }>(
      'select kind from mailing_event where mailing_id = $1 order by id',
      [id],
    );
    const history = rows.map(({ kind }) => kind).join(' ');
    expect(history).toMatch(/^CREATED LAUNCHED( PAUSED RESUMED)*( PAUSED)? CANCELLED$/);
  });
});
