import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, CLIENT_FIELDS, type ClientAnswer, type ClientNode } from '../testing/api-calls.js';

interface Event {
  id: string;
  kind: string;
  by: string;
  details: Record<string, unknown>;
}

let api: TestApi;
let calls: ApiCalls;
let nextPhone = 79_060_000_000;
beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
});
afterAll(() => api.close());

async function created(more: object = {}): Promise<ClientNode> {
  const { client } = await calls.createClient({ phone: String(nextPhone++), timeZone: 'Europe/Moscow', ...more });
  return client ?? expect.fail('not created');
}

async function deleted(more: object = {}): Promise<ClientNode> {
  const client = await created(more);
  await calls.deleteClient(client.id);
  return client;
}

async function restore(id: string): Promise<ClientAnswer> {
  const { it } = await api.run<{ it: ClientAnswer }>(
    `mutation ($id: ID!) { it: clientRestore(id: $id) { client { ${CLIENT_FIELDS} } userErrors { field message code } } }`,
    { id },
  );
  return it;
}

async function eventsOf(id: string, args = '') {
  const { client } = await api.run<{
    client: { events: { totalCount: number; edges: { node: Event }[]; pageInfo: { endCursor: string } } };
  }>(
    `query ($id: ID!) { client(id: $id) { events${args} { totalCount edges { node { id kind by details at } } pageInfo { endCursor } } } }`,
    { id },
  );
  const { totalCount, edges, pageInfo } = client.events;
  return { totalCount, kinds: edges.map(({ node }) => node.kind), nodes: edges.map(({ node }) => node), ...pageInfo };
}

describe('a deleted client', () => {
  it('is brought back as it was, with its opt-out, and once', async () => {
    const gone = await deleted({ tags: ['vip'], attributes: { name: 'Anna' }, optedOut: true });
    const { client, userErrors } = await restore(gone.id);
    expect(userErrors).toEqual([]);
    const { updatedAt, revision, localTime: _, ...same } = gone;
    expect(client).toMatchObject(same);
    expect(client!.revision).toBeGreaterThan(revision);
    expect(Date.parse(client!.updatedAt)).toBeGreaterThan(Date.parse(updatedAt));
    expect(await restore(gone.id)).toMatchObject({ client: { revision: client!.revision }, userErrors: [] });
    expect((await eventsOf(gone.id)).kinds).toEqual(['RESTORED', 'DELETED', 'OPTED_OUT']);
  });

  it('stays deleted while another client has its phone, and where there never was one', async () => {
    const gone = await deleted();
    const other = await created({ phone: gone.phone });
    expect(await restore(gone.id)).toMatchObject({ client: null, userErrors: [{ field: 'phone', code: 'CONFLICT' }] });
    await calls.deleteClient(other.id);
    expect(await restore(gone.id)).toMatchObject({ client: { id: gone.id }, userErrors: [] });
    expect((await restore('999999')).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
  });

  it('is not what remembers the opt-out of a phone that was given up', async () => {
    const mover = await created({ optedOut: true });
    await calls.updateClient(mover.id, { phone: String(nextPhone++) });
    const { rows } = await api.database.pool.query('select id from client where phone = $1', [mover.phone]);
    expect(rows).toHaveLength(1);
    expect((await restore(rows[0].id)).userErrors).toMatchObject([{ field: 'id', code: 'NOT_FOUND' }]);
  });

  it('finds the opt-out that was left with its phone meanwhile, and none that was taken back before', async () => {
    const first = await deleted();
    await deleted({ phone: first.phone, optedOut: true });
    expect((await restore(first.id)).client?.optedOutAt).not.toBeNull();
    expect((await eventsOf(first.id)).kinds).toEqual(['OPTED_OUT', 'RESTORED', 'DELETED']);

    const unwilling = await deleted({ optedOut: true });
    const willing = await deleted({ phone: unwilling.phone, optedOut: false });
    expect((await restore(willing.id)).client?.optedOutAt).toBeNull();
    expect((await eventsOf(willing.id)).kinds).toEqual(['RESTORED', 'DELETED', 'OPTED_IN']);
  });
});

it('finds an opt-out also that is being left with its phone at that moment', async () => {
  const { pool } = api.database;
  const gone = await deleted();
  const heir = await created({ phone: gone.phone, optedOut: true });
  const holder = await pool.connect();
  await holder.query('begin');
  // As a change of the heir's phone does it, which leaves the opt-out with the old one.
  await holder.query('update client set phone = $2 where id = $1', [heir.id, String(nextPhone++)]);
  await holder.query(
    `insert into client (phone, operator_code, time_zone, opted_out_at, deleted_at) values ($1, '906', 'UTC', now(), clock_timestamp())`,
    [gone.phone],
  );
  const { rows } = await holder.query('select pg_backend_pid() as pid');
  const restoring = restore(gone.id);
  const waits = 'select from pg_stat_activity where $1 = any (pg_blocking_pids(pid))';
  await expect.poll(async () => (await pool.query(waits, [rows[0].pid])).rowCount).toBe(1);
  await holder.query('commit');
  holder.release();
  expect((await restoring).client?.optedOutAt).not.toBeNull();
});

describe('the history of a client', () => {
  it('tells who did what, the newest first, page by page', async () => {
    const { id } = await created();
    await calls.updateClient(id, { timeZone: 'Asia/Omsk' });
    await calls.updateClient(id, { optedOut: true });
    await calls.updateClient(id, { tags: ['vip'] });
    const { totalCount, nodes, endCursor } = await eventsOf(id, '(first: 1)');
    expect([totalCount, nodes]).toMatchObject([2, [{ kind: 'OPTED_OUT', by: 'admin', details: {} }]]);
    const { nodes: next } = await eventsOf(id, `(first: 5, after: "${endCursor}")`);
    expect(next).toMatchObject([{ kind: 'TIME_ZONE_CHANGED', details: { from: 'Europe/Moscow', to: 'Asia/Omsk' } }]);
    const { errors } = await api.execute(`{ client(id: ${id}) { events(after: "x") { totalCount } } }`);
    expect(errors?.[0]?.originalError).toMatchObject({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  it('comes for many clients with as many statements as for one', async () => {
    for (let more = 0; more < 2; more++) await created({ optedOut: true });
    const statements = async (first: number) => {
      const spy = vi.spyOn(api.orm.em.getConnection(), 'execute');
      const { clients } = await api.run<{ clients: { edges: { node: { events: { edges: { node: Event }[] } } }[] } }>(
        `{ clients(first: ${first}) { edges { node { events { totalCount edges { node { kind } } } } } } }`,
      );
      expect(clients.edges.map(({ node }) => node.events.edges.length)).toEqual(Array(first).fill(1));
      const count = spy.mock.calls.length;
      spy.mockRestore();
      return count;
    };
    const forOne = await statements(1);
    expect(forOne).toBeGreaterThan(2);
    expect(await statements(2)).toBe(forOne);
  });
});
