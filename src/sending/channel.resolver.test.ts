import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';

describe('channels', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createTestApi();
  });
  afterAll(() => api.close());

  const LIST = '{ channels { name rateLimit circuits { worker reason openedAt probeAt } } }';
  const UPDATE = `mutation ($name: Channel!, $rateLimit: Int) {
    channelUpdate(name: $name, rateLimit: $rateLimit) { channel { name rateLimit } userErrors { field code message } }
  }`;
  interface Update {
    channelUpdate: { channel: object | null; userErrors: { field: string; code: string; message: string }[] };
  }
  const update = async (variables: object) =>
    (await api.run<Update>(UPDATE, variables as Record<string, unknown>)).channelUpdate;
  const rows = async () =>
    (await api.database.pool.query('select channel, rate_limit, by from channel_limit order by id')).rows;

  it('have no limit until one is set, which is lifted by null, and every change is kept with who made it', async () => {
    expect(await api.run(LIST)).toEqual({
      channels: [
        { name: 'GATEWAY', rateLimit: null, circuits: [] },
        { name: 'CONSOLE', rateLimit: null, circuits: [] },
      ],
    });
    expect(await update({ name: 'GATEWAY', rateLimit: 20 })).toEqual({
      channel: { name: 'GATEWAY', rateLimit: 20 },
      userErrors: [],
    });
    await update({ name: 'GATEWAY', rateLimit: 20 });
    await update({ name: 'GATEWAY', rateLimit: null });
    expect(await rows()).toEqual([
      { channel: 'gateway', rate_limit: 20, by: 'admin' },
      { channel: 'gateway', rate_limit: null, by: 'admin' },
    ]);
  });

  it.each([
    [{ name: 'GATEWAY', rateLimit: 0 }, 'rateLimit', 'BAD_USER_INPUT'],
    [{ name: 'GATEWAY', rateLimit: 1_000_001 }, 'rateLimit', 'BAD_USER_INPUT'],
    [{ name: 'GATEWAY' }, 'rateLimit', 'BAD_USER_INPUT'],
  ])('%j is refused, and the field named', async (variables, field, code) => {
    const before = await rows();
    expect(await update(variables)).toMatchObject({ channel: null, userErrors: [{ field, code }] });
    expect(await rows()).toEqual(before);
  });

  it('show the circuits that are open, and none that a dead worker left', async () => {
    await api.database.pool.query(
      `insert into channel_circuit (channel, worker, probe_at, reason)
       values ('gateway', 'a', clock_timestamp() + interval '5 seconds', 'nobody there'), ('gateway', 'dead', clock_timestamp() - interval '2 minutes', 'nobody there')`,
    );
    const { channels } = await api.run<{ channels: { circuits: object[] }[] }>(LIST);
    expect(channels.map(({ circuits }) => circuits)).toEqual([
      [expect.objectContaining({ worker: 'a', reason: 'nobody there' })],
      [],
    ]);
  });
});
