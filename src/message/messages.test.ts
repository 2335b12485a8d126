import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';

interface MessageNode {
  id: string;
  status: string;
  waitingFor: string | null;
}
interface Page {
  mailing: {
    messages: {
      edges: { cursor: string; node: MessageNode }[];
      pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
      totalCount: number;
    };
  };
}

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
  await insertClients(api.database.pool, 14, { attributes: { name: 'Anna' } });
});
afterAll(() => api.close());

/** A running mailing and its messages' ids, the oldest first. */
async function launched(text = 'Hello'): Promise<{ mailingId: string; ids: string[] }> {
  const { pool } = api.database;
  const mailingId = await insertMailing(pool, { text });
  await beginLaunch(pool, mailingId);
  await launchChunk(pool, mailingId, () => 1_000);
  const { rows } = await pool.query<{ id: string }>('select id from message where mailing_id = $1 order by id', [
    mailingId,
  ]);
  return { mailingId, ids: rows.map(({ id }) => id) };
}

async function set(mailingId: string, id: string, assignments: string): Promise<void> {
  await api.database.pool.query(`update message set ${assignments} where mailing_id = $1 and id = $2`, [mailingId, id]);
}

async function page(mailingId: string, args: string): Promise<Page['mailing']['messages']> {
  const { mailing } = await api.run<Page>(
    `query ($id: ID!) { mailing(id: $id) { messages(${args}) {
      edges { cursor node { id status waitingFor } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } } }`,
    { id: mailingId },
  );
  return mailing.messages;
}

async function walk(mailingId: string, args: string): Promise<string[]> {
  const seen: string[] = [];
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo } = await page(mailingId, `first: 2 ${args} ${after === null ? '' : `after: "${after}"`}`);
    expect(pageInfo.hasPreviousPage).toBe(after !== null);
    seen.push(...edges.map(({ node }) => node.id));
    if (!pageInfo.hasNextPage) return seen;
    after = pageInfo.endCursor;
  }
}

describe('the messages of a mailing', () => {
  it('CLASSIC row 9: are shown and found by what their lease and due time make of them, by the database', async () => {
    const { mailingId, ids } = await launched();
    const past = `due_at = now() - interval '1 min'`;
    const ahead = `due_at = now() + interval '1 min', waiting_for = 'WINDOW'`;
    const STATES: [string, string][] = [
      [past, 'ENQUEUED'],
      [`${past}, lease_until = now() - interval '1 s'`, 'ENQUEUED'],
      [`${past}, waiting_for = 'RETRY'`, 'ENQUEUED'],
      [ahead, 'DELAYED'],
      [`${ahead}, lease_until = now() - interval '1 s'`, 'DELAYED'],
      [`${past}, lease_until = now() + interval '1 min'`, 'SENDING'],
      [`${ahead}, lease_until = now() + interval '1 min'`, 'SENDING'],
      ...['SENT', 'FAILED', 'EXPIRED', 'CANCELLED', 'UNKNOWN'].map((s): [string, string] => [`status = '${s}'`, s]),
    ];
    const expected = new Map<string, string[]>();
    for (const [at, id] of ids.entries()) {
      const [assignments, status] = STATES[at] ?? [past, 'ENQUEUED'];
      await set(mailingId, id, assignments);
      expected.set(status, [...(expected.get(status) ?? []), id]);
    }
    await api.database.pool.query(
      `update mailing set open = total - 5, sent = 1, failed = 1, expired = 1, cancelled = 1, unknown = 1 where id = $1`,
      [mailingId],
    );

    const all = await page(mailingId, 'first: 100');
    expect(all.totalCount).toBe(ids.length);
    for (const [status, expectedIds] of expected) {
      const shown = all.edges.map(({ node }) => node).filter((node) => node.status === status);
      expect(shown.map((node) => node.id).toSorted()).toEqual(expectedIds.toSorted());
      const waitingFor = status === 'DELAYED' ? 'WINDOW' : null;
      expect(shown.map((node) => node.waitingFor)).toEqual(shown.map(() => waitingFor));
      const { edges, totalCount } = await page(mailingId, `first: 100, statuses: ${status}`);
      expect(edges.map(({ node }) => node.id).toSorted()).toEqual(expectedIds.toSorted());
      expect(totalCount).toBe(expectedIds.length);
    }
    const several = await page(mailingId, 'statuses: [SENDING, SENT, SENT]');
    expect(several.edges.map(({ node }) => node.status).toSorted()).toEqual(['SENDING', 'SENDING', 'SENT']);
    expect(several.totalCount).toBe(3);
  });

  it('come newest first, each once, page by page', async () => {
    const { mailingId, ids } = await launched();
    expect(await walk(mailingId, '')).toEqual(ids.toReversed());
  });

  it('that are delayed come in the order in which they are due, to the microsecond', async () => {
    const { mailingId, ids } = await launched();
    // Three at a time share a microsecond, and all share a millisecond.
    for (const [at, id] of ids.entries()) {
      const micros = Math.floor((ids.length - 1 - at) / 3);
      await set(mailingId, id, `due_at = '2100-01-01T00:00:00Z'::timestamptz + interval '${micros} microseconds'`);
    }
    const groups = Map.groupBy(ids.entries(), ([at]) => Math.floor((ids.length - 1 - at) / 3));
    const inOrder = [...groups].toSorted(([a], [b]) => a - b).flatMap(([, group]) => group.map(([, id]) => id));
    expect(await walk(mailingId, 'statuses: DELAYED')).toEqual(inOrder);
  });

  it('are no test sends', async () => {
    const { mailingId, ids } = await launched();
    await set(mailingId, ids[0] as string, `kind = 'TEST', text = 'Hello'`);
    expect(await walk(mailingId, '')).toEqual(ids.slice(1).toReversed());
  });

  it('take a cursor of their own order only', async () => {
    const { mailingId } = await launched();
    const { edges } = await page(mailingId, 'first: 1, statuses: ENQUEUED');
    const { errors } = await api.execute(
      'query ($id: ID!, $after: String) { mailing(id: $id) { messages(after: $after) { totalCount } } }',
      { id: mailingId, after: edges[0]?.cursor },
    );
    expect(errors?.map((error) => error.originalError)).toMatchObject([{ code: 'BAD_USER_INPUT', field: 'after' }]);
  });

  it.each([
    'due:9223372036854775807:1',
    'due:253402300800000000:1',
    'due:-1:1',
    'due:1:-1',
    'due:1:0',
    'due:1',
    'due:1:1:1',
  ])('take no cursor that nobody was given: %s', async (key) => {
    const { mailingId } = await launched();
    const { errors } = await api.execute(
      'query ($id: ID!, $after: String) { mailing(id: $id) { messages(statuses: DELAYED, after: $after) { edges { cursor } } } }',
      { id: mailingId, after: Buffer.from(key).toString('base64url') },
    );
    expect(errors?.map((error) => error.originalError)).toMatchObject([{ code: 'BAD_USER_INPUT', field: 'after' }]);
  });

  it('bring client, mailing, text and timeline along with as many statements for ten as for one', async () => {
    const { mailingId } = await launched();
    await api.database.pool.query('update message set fence = 2 where mailing_id = $1', [mailingId]);
    const execute = vi.spyOn(api.orm.em.getConnection(), 'execute');
    const statements = async (first: number) => {
      execute.mockClear();
      await api.run(
        `query ($id: ID!, $first: Int!) { mailing(id: $id) { messages(first: $first) {
           edges { node { text client { id } mailing { id events { totalCount edges { node { kind } } } } timeline { number } } } } } }`,
        { id: mailingId, first },
      );
      return execute.mock.calls.length;
    };
    const forOne = await statements(1);
    expect(forOne).toBeGreaterThan(3);
    expect(await statements(10)).toBe(forOne);
    execute.mockRestore();
  });
});
