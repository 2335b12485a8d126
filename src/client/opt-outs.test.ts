import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApi, type TestApi } from '../testing/api.js';
import { ApiCalls, type ClientNode } from '../testing/api-calls.js';

let api: TestApi;
let calls: ApiCalls;
let nextPhone = 79_050_000_000;

beforeAll(async () => {
  api = await createTestApi();
  calls = new ApiCalls(api);
});
afterAll(() => api.close());

const freePhone = () => String(nextPhone++);

async function created(phone: string, more: object = {}): Promise<ClientNode> {
  const { client, userErrors } = await calls.createClient({ phone, timeZone: 'Europe/Moscow', ...more });
  expect(userErrors).toEqual([]);
  return client as ClientNode;
}

/** Somebody who opted out, and then was deleted. */
async function goneOptedOut(phone: string): Promise<ClientNode> {
  const client = await created(phone, { optedOut: true });
  await calls.deleteClient(client.id);
  return client;
}

const changed = async (id: string, changes: object) =>
  (await calls.updateClient(id, changes)).client ?? expect.fail('not changed');

async function eventsOf(id: string) {
  const sql = 'select kind, by, details from client_event where client_id = $1 order by id';
  return (await api.database.pool.query<{ kind: string; details: Record<string, string> }>(sql, [id])).rows;
}

describe('an opt-out outlives the client', () => {
  it('who is deleted and created again: its date stays, and an event says whose it was', async () => {
    const phone = freePhone();
    const former = await goneOptedOut(phone);
    const again = await created(phone);
    expect(again).toMatchObject({ optedOutAt: former.optedOutAt, revision: 1 });
    const details = { formerClientId: former.id, since: expect.any(String) };
    expect(await eventsOf(again.id)).toEqual([{ kind: 'OPTED_OUT', by: 'admin', details }]);
    await calls.deleteClient(again.id);
    expect((await created(phone)).optedOutAt).toBe(former.optedOutAt);
  });

  it('until somebody says that it is taken back, which is written down and holds from then on', async () => {
    const phone = freePhone();
    const former = await goneOptedOut(phone);
    const back = await created(phone, { optedOut: false });
    expect(back.optedOutAt).toBeNull();
    expect(await eventsOf(back.id)).toMatchObject([{ kind: 'OPTED_IN', details: { formerClientId: former.id } }]);
    await calls.deleteClient(back.id);
    const again = await created(phone);
    expect([again.optedOutAt, await eventsOf(again.id)]).toEqual([null, []]);
  });

  it('and is nobody else’s: who never opted out comes back as before', async () => {
    const phone = freePhone();
    await goneOptedOut(freePhone());
    await calls.deleteClient((await created(phone)).id);
    const again = await created(phone, { optedOut: null });
    expect([again.optedOutAt, await eventsOf(again.id)]).toEqual([null, []]);
  });

  it('with a client that gets the phone by a change, unless it is taken back', async () => {
    const phone = freePhone();
    const former = await goneOptedOut(phone);
    const { id } = await created(freePhone());
    expect(await changed(id, { phone })).toMatchObject({ phone, optedOutAt: former.optedOutAt, revision: 2 });
    expect(await eventsOf(id)).toMatchObject([{ kind: 'OPTED_OUT', details: { formerClientId: former.id } }]);

    const other = freePhone();
    await goneOptedOut(other);
    const { id: asked } = await created(freePhone());
    expect(await changed(asked, { phone: other, optedOut: false })).toMatchObject({ phone: other, optedOutAt: null });
    expect(await eventsOf(asked)).toMatchObject([{ kind: 'OPTED_IN' }]);
  });

  it('with the old phone too, when the client gets another one', async () => {
    const [phone, other] = [freePhone(), freePhone()];
    const { id, optedOutAt } = await created(phone, { optedOut: true });
    expect(await changed(id, { phone: other })).toMatchObject({ phone: other, optedOutAt });
    expect(await changed(id, { tags: ['same phone'] })).toMatchObject({ optedOutAt });
    const { clients } = await api.run<{ clients: object }>(
      'query ($phone: PhoneNumber) { clients(filter: { phone: $phone }) { totalCount } }',
      { phone },
    );
    expect(clients).toEqual({ totalCount: 0 });
    expect((await created(phone)).optedOutAt).toBe(optedOutAt);
    await calls.deleteClient(id);
    expect((await created(other)).optedOutAt).toBe(optedOutAt);
  });

  it('also when the client is created while the former one is being deleted', async () => {
    const phone = freePhone();
    const { id, optedOutAt } = await created(phone, { optedOut: true });
    const deleting = await api.database.pool.connect();
    try {
      await deleting.query('begin');
      await deleting.query('update client set deleted_at = clock_timestamp() where id = $1', [id]);
      const creating = created(phone);
      const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(async () => (await api.database.pool.query(waiting)).rowCount).toBe(1);
      await deleting.query('commit');
      expect((await creating).optedOutAt).toBe(optedOutAt);
    } finally {
      deleting.release();
    }
  });
});
