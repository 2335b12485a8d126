import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, campaign, inHours, type MailingNode } from '../testing/api-calls.js';
import { insertClients } from '../testing/rows.js';

let api: TestApi;
let calls: ApiCalls;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
  const { pool } = api.database;
  await insertClients(pool, 3, { operatorCode: '916', tags: ['vip', 'new'], timeZone: 'Europe/Moscow' });
  await insertClients(pool, 2, { operatorCode: '925', tags: ['vip'], timeZone: 'Asia/Omsk' });
});
afterAll(() => api.close());

async function created(more: object = {}, draft = false): Promise<MailingNode> {
  const { mailing, userErrors } = await calls.createMailing(campaign(more), draft);
  expect(userErrors).toEqual([]);
  return mailing as MailingNode;
}

describe('a mailing', () => {
  it('CLASSIC row 2: is made with filter and allowed local times, read, listed, changed and deleted', async () => {
    const input = campaign({
      filter: { operatorCodes: ['916', '916'], tagsAny: ['vip'] },
      allowedFrom: '09:00',
      allowedTo: '21:30:15',
      weekdays: [5, 1],
    });
    const made = await calls.createMailing(input);
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
      channel: 'GATEWAY',
      status: 'SCHEDULED',
      revision: 1,
      launchedAt: null,
    });
    const changed = await calls.updateMailing(mailing.id, {
      name: 'Winter',
      filter: null,
      allowedFrom: null,
      allowedTo: null,
    });
    expect(changed.mailing).toMatchObject({ name: 'Winter', text: 'Hello!', allowedFrom: null, revision: 2 });
    expect(changed.audienceCount).toBe(5);
    expect(await calls.mailing(mailing.id)).toEqual(changed.mailing);

    expect(await calls.take('Delete', mailing.id)).toMatchObject({ mailing: { id: mailing.id }, userErrors: [] });
    const { mailings } = await api.run<{ mailings: { edges: { node: { id: string } }[] } }>(
      '{ mailings { edges { node { id } } } }',
    );
    expect(mailings.edges.map((edge) => edge.node.id)).not.toContain(mailing.id);
    expect((await calls.updateMailing(mailing.id, { name: 'x' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: 'id' },
    ]);
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
      expect((await calls.mailing(mailing.id)).status).toBe('RUNNING');
    }
  });

  it('CLASSIC row 4: is a draft only when that is asked for, and nobody is rung for', async () => {
    api.takeRings();
    const draft = await created({ startsAt: inHours(-2), endsAt: inHours(-1) }, true);
    expect(draft.status).toBe('DRAFT');
    expect(api.takeRings()).toEqual([]);
  });

  it('CLASSIC rows 14 and 15: shows how many messages are in which status, in the list, alone and in statistics', async () => {
    const { id } = await created({ startsAt: inHours(-1), filter: { tagsAll: ['vip', 'new'] } });
    const ahead = await created({ name: 'later' });
    const { pool } = api.database;
    await beginLaunch(pool, id);
    await launchChunk(pool, id, () => 1_000);
    await calls.take('Pause', id);

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

  it('names its channel as the schema does, and stores it as the settings do', async () => {
    const { id } = await created({ channel: 'CONSOLE' });
    const { rows } = await api.database.pool.query('select channel from mailing where id = $1', [id]);
    expect(rows).toEqual([{ channel: 'console' }]);
    expect(await api.run('query ($id: ID!) { mailing(id: $id) { channel } }', { id })).toEqual({
      mailing: { channel: 'CONSOLE' },
    });
    const { errors } = await api.execute(
      'mutation ($input: MailingInput!) { mailingCreate(input: $input) { mailing { id } } }',
      {
        input: campaign({ channel: 'console' }),
      },
    );
    expect(errors?.[0]?.message).toMatch(/Channel/);
  });

  it('gives its history page by page, each mailing its own', async () => {
    const both = [await created(), await created({ name: 'other' })].map(({ id }) => id);
    for (const id of both) for (const name of ['b', 'c']) await calls.updateMailing(id, { name: `${id} ${name}` });
    await calls.take('Start', both[1] as string);
    type Events = {
      events: {
        edges: { node: { kind: string } }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
        totalCount: number;
      };
    };
    const PAGE =
      '{ events(first: 2, after: $after) { edges { node { kind } } pageInfo { hasNextPage endCursor } totalCount } }';
    const read = (after: string | null) =>
      api.run<Record<'a' | 'b', Events>>(
        `query ($one: ID!, $two: ID!, $after: String) { a: mailing(id: $one) ${PAGE} b: mailing(id: $two) ${PAGE} }`,
        { one: both[0], two: both[1], after },
      );
    const kinds = ({ events }: Events) => events.edges.map(({ node }) => node.kind);
    const { a, b } = await read(null);
    expect([kinds(a), kinds(b)]).toEqual([
      ['CREATED', 'EDITED'],
      ['CREATED', 'EDITED'],
    ]);
    expect([a.events.totalCount, b.events.totalCount]).toEqual([3, 4]);
    const rest = await read(b.events.pageInfo.endCursor);
    expect(kinds(rest.b)).toEqual(['EDITED', 'STARTED']);
    expect(rest.b.events.pageInfo.hasNextPage).toBe(false);
  });

  it('adds up more messages than an Int can hold', async () => {
    const { pool } = api.database;
    const ids = [(await created()).id, (await created()).id];
    await pool.query(
      'update mailing set total = 2000000000, sent = 2000000000, launched_at = now() where id = any ($1)',
      [ids],
    );
    const { statistics } = await api.run<{ statistics: { messages: { sent: number } } }>(
      '{ statistics { messages { sent } } }',
    );
    expect(statistics.messages.sent).toBeGreaterThanOrEqual(4_000_000_000);
    await pool.query('update mailing set total = 0, sent = 0 where id = any ($1)', [ids]);
  });
});
