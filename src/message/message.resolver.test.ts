import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { claimMessages } from './claim-messages.js';
import { type OutcomeRecord, recordOutcomes } from './record-outcomes.js';

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

describe('a message', () => {
  it('CLASSIC row 3: has id, creation, sending, status, text, mailing and client', async () => {
    const { mailingId, ids } = await launched('Hello, {{ name }}!');
    const id = ids[0] as string;
    await set(mailingId, id, `status = 'SENT', sent_at = '2026-01-02T03:04:05Z', fence = 1, gateway_code = 200`);
    const { message } = await api.run<{ message: Record<string, unknown> }>(
      `query ($id: ID!) { message(id: $id) { id createdAt sentAt status text attempts gatewayCode phone timeZone
         mailing { id name } client { id phone } } }`,
      { id },
    );
    expect(message).toMatchObject({
      id,
      sentAt: '2026-01-02T03:04:05.000Z',
      status: 'SENT',
      text: 'Hello, Anna!',
      attempts: 1,
      gatewayCode: 200,
      timeZone: 'Europe/Moscow',
      mailing: { id: mailingId, name: 'test' },
      client: { phone: message['phone'] },
    });
    expect(Date.parse(String(message['createdAt']))).toBeGreaterThan(0);
  });

  it('keeps the words of its launch when its client is edited or deleted', async () => {
    const { ids } = await launched('Hello, {{ name }}!');
    const READ = 'query ($id: ID!) { message(id: $id) { text phone client { id } } }';
    const read = () =>
      api.run<{ message: { text: string; phone: string; client: { id: string } } }>(READ, { id: ids[1] });
    const before = (await read()).message;
    const { id } = before.client;
    await api.run(
      'mutation ($id: ID!, $input: ClientInput!) { clientUpdate(id: $id, input: $input) { client { id } } }',
      {
        id,
        input: { phone: '79998887766', attributes: { name: 'Zoe' } },
      },
    );
    expect((await read()).message).toEqual(before);
    await api.run('mutation ($id: ID!) { clientDelete(id: $id) { client { id } } }', { id });
    expect((await read()).message).toEqual({ ...before, client: null });
  });

  it('has no text when that cannot be rendered for its client', async () => {
    const { ids } = await launched('{% for i in (1..1000000000) %}{{ i }}{% endfor %}');
    const { message } = await api.run<{ message: object }>('query ($id: ID!) { message(id: $id) { id text } }', {
      id: ids[0],
    });
    expect(message).toEqual({ id: ids[0], text: null });
  });

  it('shows every attempt, the earlier ones and the last', async () => {
    const { mailingId, ids } = await launched();
    const { pool } = api.database;
    const claim = (limit: number) => claimMessages(pool, mailingId, { limit, timeoutMs: 1_000, leaseMs: 60_000 });
    const record = async (fence: number, outcome: Pick<OutcomeRecord, 'kind' | 'gatewayCode' | 'reason'>) => {
      const startedAt = Date.UTC(2026, 0, 1, 0, 0, fence);
      const rest = { charged: true, delayMs: 0, startedAt, endedAt: startedAt + 500 };
      await recordOutcomes(pool, mailingId, [{ id: ids[0] as string, fence, ...rest, ...outcome }], 1_000);
    };
    await claim(1);
    await record(1, { kind: 'retry', gatewayCode: 503, reason: 'HTTP 503' });
    await claim(100);
    await record(2, { kind: 'unknown', gatewayCode: null, reason: 'no answer' });
    // The third claim's worker dies.
    await claim(100);
    await set(mailingId, ids[0] as string, `lease_until = now() - interval '1 s'`);
    await claim(100);
    await record(4, { kind: 'accepted', gatewayCode: 200, reason: null });

    const { message } = await api.run<{ message: { status: string; attempts: number; timeline: object[] } }>(
      `query ($id: ID!) { message(id: $id) { status attempts
         timeline { number startedAt endedAt outcome gatewayCode reason } } }`,
      { id: ids[0] },
    );
    expect(message).toMatchObject({ status: 'SENT', attempts: 4 });
    expect(message.timeline).toEqual([
      {
        number: 1,
        startedAt: '2026-01-01T00:00:01.000Z',
        endedAt: '2026-01-01T00:00:01.500Z',
        outcome: 'RETRY',
        gatewayCode: 503,
        reason: 'HTTP 503',
      },
      {
        number: 2,
        startedAt: '2026-01-01T00:00:02.000Z',
        endedAt: '2026-01-01T00:00:02.500Z',
        outcome: 'UNKNOWN',
        gatewayCode: null,
        reason: 'no answer',
      },
      expect.objectContaining({ number: 3, endedAt: null, outcome: 'LOST', gatewayCode: null }),
      {
        number: 4,
        startedAt: '2026-01-01T00:00:04.000Z',
        endedAt: '2026-01-01T00:00:04.500Z',
        outcome: 'ACCEPTED',
        gatewayCode: 200,
        reason: null,
      },
    ]);
  });

  it.each(['abc', '', '0', '-10000', '19999', '9007199254740993', '9223372036854775807', '9223372036854775808'])(
    'is not found by the id %j',
    async (id) => {
      await launched();
      const { data, errors } = await api.execute('query ($id: ID!) { message(id: $id) { id } }', { id });
      expect(data).toEqual({ message: null });
      expect(errors?.map((error) => error.originalError)).toMatchObject([{ code: 'NOT_FOUND', field: 'id' }]);
    },
  );

  it('is not found any more once its mailing was deleted', async () => {
    const { mailingId, ids } = await launched();
    const read = () => api.execute('query ($id: ID!) { message(id: $id) { id } }', { id: ids[0] });
    expect((await read()).errors).toBeUndefined();
    await api.database.pool.query('update mailing set deleted_at = now() where id = $1', [mailingId]);
    expect((await read()).errors?.[0]?.originalError).toMatchObject({ code: 'NOT_FOUND' });
  });
});
