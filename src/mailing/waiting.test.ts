import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../platform/log.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing, type MailingRow } from '../testing/rows.js';
import type { Progress } from './progress.js';
import { ProgressReader } from './progress-reader.js';

const CLIENTS = 12;

interface Entry {
  reason: string;
  until: string | null;
  count: number | null;
  detail: string | null;
}

const silent = createLogger({ level: 'silent', pretty: false });
let api: TestApi;
beforeAll(async () => {
  api = await createTestApi();
  await insertClients(api.database.pool, CLIENTS);
});
afterAll(() => api.close());
beforeEach(() =>
  api.database.pool.query('delete from sending_stop; delete from channel_circuit; delete from channel_limit'),
);

const sql = (text: string, ...values: unknown[]) => api.database.pool.query(text, values);

/** A launched mailing with all its messages due. */
async function launched(row: MailingRow = {}): Promise<string> {
  const id = await insertMailing(api.database.pool, row);
  await beginLaunch(api.database.pool, id);
  await launchChunk(api.database.pool, id, () => 1_000);
  return id;
}

/** Makes everything that has happened to a mailing so much longer ago. */
async function age(id: string, interval: string): Promise<void> {
  await sql(
    `update mailing set starts_at = starts_at - $2::interval, launched_at = launched_at - $2::interval,
       ends_at = case when ends_at < now() then ends_at - $2::interval else ends_at end where id = $1`,
    id,
    interval,
  );
  await sql('update mailing_change set at = at - $2::interval where mailing_id = $1', id, interval);
  await sql('update message set due_at = due_at - $2::interval where mailing_id = $1 and due_at < now()', id, interval);
}

/** Has the first `count` messages wait for a window or an attempt; gives when they are due. */
async function delay(id: string, count: number, waitingFor: string, interval: string): Promise<string> {
  const { rows } = await sql(
    `update message set waiting_for = $3, due_at = date_trunc('milliseconds', now() + $4::interval)
     where id in (select id from message where mailing_id = $1 and due_at <= now() order by id limit $2) returning due_at`,
    id,
    count,
    waitingFor,
    interval,
  );
  return rows[0].due_at.toISOString();
}

async function waiting(id: string): Promise<Entry[]> {
  const query = 'query ($id: ID!) { mailing(id: $id) { waiting { reason until count detail } } }';
  return (await api.run<{ mailing: { waiting: Entry[] } }>(query, { id })).mailing.waiting;
}
/** By a fresh look: the API remembers its sample for a while. */
const reasons = async (id: string) =>
  (await new ProgressReader(api.database.pool, silent).waitingOf(id)).map(({ reason, count }) => [reason, count]);

/** What is shown of the messages: how many wait for what. */
async function messagesWait(id: string): Promise<Record<string, number>> {
  const query =
    'query ($id: ID!) { mailing(id: $id) { messages(first: 50) { edges { node { status waitingFor } } } } }';
  const data = await api.run<{ mailing: { messages: { edges: { node: { status: string; waitingFor: string } }[] } } }>(
    query,
    { id },
  );
  const kinds = data.mailing.messages.edges.map(({ node }) => `${node.status} ${node.waitingFor}`);
  return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

async function eta(id: string): Promise<number | null> {
  const query = 'query ($id: ID!) { mailing(id: $id) { progress { eta } } }';
  const { progress } = (await api.run<{ mailing: { progress: { eta: string | null } } }>(query, { id })).mailing;
  return progress.eta === null ? null : Date.parse(progress.eta);
}
const secondsLeft = async (id: string) => Math.round((((await eta(id)) ?? Number.NaN) - Date.now()) / 1_000);

describe('a mailing says that it waits', () => {
  it('for its start, until then', async () => {
    const id = await insertMailing(api.database.pool, { startsIn: '1 hour', endsIn: '2 hours' });
    const { rows } = await sql('select starts_at from mailing where id = $1', id);
    expect(await waiting(id)).toEqual([
      { reason: 'START', until: rows[0].starts_at.toISOString(), count: null, detail: null },
    ]);
  });

  it('for nothing as a draft, when it is over, and while it runs', async () => {
    for (const status of ['DRAFT', 'COMPLETED', 'CANCELLED']) {
      expect(await waiting(await insertMailing(api.database.pool, { status }))).toEqual([]);
    }
    const id = await launched();
    expect([await waiting(id), await messagesWait(id)]).toEqual([[], { 'ENQUEUED null': CLIENTS }]);
  });

  it('for windows and for further attempts, each until the next of them, and so do the messages', async () => {
    const id = await launched();
    const window = await delay(id, 5, 'WINDOW', '30 minutes');
    await delay(id, 2, 'WINDOW', '50 minutes');
    const retry = await delay(id, 3, 'RETRY', '1 minute');
    expect(await waiting(id)).toEqual([
      { reason: 'WINDOW', until: window, count: 7, detail: null },
      { reason: 'RETRY', until: retry, count: 3, detail: null },
    ]);
    expect(await messagesWait(id)).toEqual({ 'DELAYED WINDOW': 7, 'DELAYED RETRY': 3, 'ENQUEUED null': 2 });
  });

  it('for a person, who stopped everything or paused it, before all else', async () => {
    const id = await launched();
    await delay(id, 4, 'WINDOW', '1 hour');
    await sql(`update mailing set status = 'PAUSED' where id = $1`, id);
    expect(await reasons(id)).toEqual([
      ['PAUSED', 8],
      ['WINDOW', 4],
    ]);
    expect(await messagesWait(id)).toEqual({ 'DELAYED WINDOW': 4, 'ENQUEUED PAUSED': 8 });
    await sql(`insert into sending_stop (stopped_by, reason) values ('admin', 'a wrong text')`);
    expect((await waiting(id))[0]).toMatchObject({ reason: 'STOPPED', count: 8, detail: 'By admin: a wrong text' });
    expect(await reasons(id)).toEqual([
      ['STOPPED', 8],
      ['PAUSED', 8],
      ['WINDOW', 4],
    ]);
    expect(await messagesWait(id)).toEqual({ 'DELAYED WINDOW': 4, 'ENQUEUED STOPPED': 8 });
    expect(await eta(id)).toBeNull();
  });

  it('for its channel while a circuit is open, until it is tried again, and for none that a dead process left', async () => {
    const id = await launched();
    const circuit = (worker: string, probe: string, channel = 'gateway') =>
      sql(
        `insert into channel_circuit (channel, worker, probe_at, reason)
         values ($3, $1, date_trunc('milliseconds', now() + $2::interval), $1 || ' was refused') returning probe_at`,
        worker,
        probe,
        channel,
      );
    await circuit('dead', '-61 seconds');
    await circuit('other', '1 second', 'console');
    expect(await waiting(id)).toEqual([]);
    await circuit('second', '9 seconds');
    const { rows } = await circuit('first', '5 seconds');
    expect(await waiting(id)).toEqual([
      { reason: 'CIRCUIT', until: rows[0].probe_at.toISOString(), count: CLIENTS, detail: 'first was refused' },
    ]);
    expect(await messagesWait(id)).toEqual({ 'ENQUEUED CIRCUIT': CLIENTS });
    expect(await eta(id)).toBeNull();
    await delay(id, CLIENTS, 'RETRY', '1 minute');
    expect(await reasons(id)).toEqual([['RETRY', CLIENTS]]);
  });

  it('for its own limit or that of its channel, whichever is less, and only when more is due than goes in a second', async () => {
    const id = await launched();
    const limit = (own: number | null) => sql('update mailing set rate_limit = $2 where id = $1', id, own);
    const channel = (rate: number | null) =>
      sql(`insert into channel_limit (channel, by, rate_limit) values ('gateway', 'test', $1)`, rate);
    const detail = async () => (await waiting(id)).map((entry) => [entry.reason, entry.detail]);
    await limit(4);
    expect(await detail()).toEqual([['RATE', '4 messages a second, the limit of this mailing']]);
    await channel(3);
    expect(await detail()).toEqual([['RATE', '3 messages a second, the limit of its channel']]);
    await limit(null);
    expect(await detail()).toEqual([['RATE', '3 messages a second, the limit of its channel']]);
    const [rate] = await waiting(id);
    expect(rate).toMatchObject({ count: CLIENTS });
    expect(Math.round((Date.parse(rate?.until ?? '') - Date.now()) / 1_000)).toBe(CLIENTS / 3);
    expect(await messagesWait(id)).toEqual({ 'ENQUEUED RATE': CLIENTS });
    await channel(CLIENTS);
    expect(await detail()).toEqual([]);
    await channel(null);
    expect(await detail()).toEqual([]);
  });

  it('for the ceiling that the settings put on its channel, where no limit is lower', async () => {
    const id = await launched();
    const rate = async (gateway: number | null) => {
      const reader = new ProgressReader(api.database.pool, silent, { gateway });
      const seconds = ({ eta, readAt }: Progress) => eta && Math.round((eta.getTime() - readAt.getTime()) / 1_000);
      return [(await reader.waitingOf(id)).map(({ detail }) => detail), seconds(await reader.read(id))];
    };
    expect(await rate(null)).toEqual([[], null]);
    expect(await rate(2)).toEqual([['2 messages a second, the limit of its channel'], CLIENTS / 2]);
    await sql(`insert into channel_limit (channel, by, rate_limit) values ('gateway', 'test', 3)`);
    expect(await rate(2)).toEqual([['2 messages a second, the limit of its channel'], CLIENTS / 2]);
    expect(await rate(4)).toEqual([['3 messages a second, the limit of its channel'], CLIENTS / 3]);
    await sql('update mailing set rate_limit = 1 where id = $1', id);
    expect(await rate(2)).toEqual([['1 messages a second, the limit of this mailing'], CLIENTS]);
    const other = await launched({ channel: 'console' });
    expect(await new ProgressReader(api.database.pool, silent, { gateway: 1 }).waitingOf(other)).toEqual([]);
  });

  it('for a worker when nobody has taken for ten seconds what is due, unless something else is to blame', async () => {
    const id = await launched();
    await delay(id, 2, 'WINDOW', '1 hour');
    await age(id, '9 seconds');
    expect(await reasons(id)).toEqual([['WINDOW', 2]]);
    await age(id, '2 seconds');
    expect(await reasons(id)).toEqual([
      ['WORKER', 10],
      ['WINDOW', 2],
    ]);
    expect(await messagesWait(id)).toEqual({ 'DELAYED WINDOW': 2, 'ENQUEUED WORKER': 10 });
    expect(await eta(id)).toBeNull();
    await sql('update mailing set rate_limit = 1 where id = $1', id);
    expect(await reasons(id)).toEqual([
      ['RATE', 10],
      ['WINDOW', 2],
    ]);
    await age(id, '1 minute');
    expect(await reasons(id)).toEqual([
      ['WORKER', 10],
      ['RATE', 10],
      ['WINDOW', 2],
    ]);
    await sql(`insert into sending_stop (stopped_by) values ('test')`);
    expect(await reasons(id)).toEqual([
      ['STOPPED', 10],
      ['RATE', 10],
      ['WINDOW', 2],
    ]);
    const rate = (await waiting(id)).find(({ reason }) => reason === 'RATE');
    expect(rate?.until, 'while all is stopped').toBeNull();
    await sql(`update sending_stop set resumed_at = now(), resumed_by = 'test'`);
    expect(await reasons(id), 'workers have only just been allowed to').toEqual([
      ['RATE', 10],
      ['WINDOW', 2],
    ]);
  });

  it('for no worker while one has some of it in hand, or has only just lost it', async () => {
    const id = await launched();
    await age(id, '1 minute');
    await sql(
      `update message set lease_until = now() + interval '1 minute' where id = (select min(id) from message where mailing_id = $1)`,
      id,
    );
    expect(await reasons(id)).toEqual([]);
    const other = await launched();
    await age(other, '1 minute');
    await sql(`update message set lease_until = now() - interval '1 second' where mailing_id = $1`, other);
    expect(await reasons(other)).toEqual([]);
  });

  it('for a worker that launches it, goes on with that, or settles what is left of it', async () => {
    const late = await insertMailing(api.database.pool, { startsIn: '-11 seconds' });
    expect(await reasons(late)).toEqual([['WORKER', null]]);
    const half = await insertMailing(api.database.pool);
    await beginLaunch(api.database.pool, half);
    await age(half, '11 seconds');
    expect(await reasons(half)).toEqual([['WORKER', null]]);
    for (const change of [`status = 'CANCELLED'`, 'ends_at = clock_timestamp()']) {
      const over = await launched();
      await sql(`update mailing set ${change} where id = $1`, over);
      expect(await reasons(over)).toEqual([]);
      await age(over, '11 seconds');
      expect(await reasons(over)).toEqual([['WORKER', CLIENTS]]);
    }
  });
});

it('a test send waits for the switch and its channel, and for nothing of its mailing', async () => {
  const id = await launched();
  await sql(`update mailing set status = 'PAUSED', rate_limit = 1 where id = $1`, id);
  const { mailingSendTest } = await api.run<{ mailingSendTest: { message: { id: string } } }>(
    'mutation ($id: ID!) { mailingSendTest(id: $id, phone: "79161234567") { message { id } } }',
    { id },
  );
  const waitingFor = async () => {
    const query = 'query ($id: ID!) { message(id: $id) { waitingFor } }';
    return (await api.run<{ message: unknown }>(query, { id: mailingSendTest.message.id })).message;
  };
  expect(await waitingFor()).toEqual({ waitingFor: null });
  await sql(
    `insert into channel_circuit (channel, worker, probe_at, reason) values ('gateway', 'one', now(), 'refused')`,
  );
  expect(await waitingFor()).toEqual({ waitingFor: 'CIRCUIT' });
  await sql(`insert into sending_stop (stopped_by) values ('test')`);
  expect(await waitingFor()).toEqual({ waitingFor: 'STOPPED' });
});

describe('the time a mailing is expected to take', () => {
  it('follows from its limit before any rate has been measured, and from the rate where that is less', async () => {
    const id = await launched();
    expect(await eta(id), 'nothing tells').toBeNull();
    await sql('update mailing set rate_limit = 2 where id = $1', id);
    expect(await secondsLeft(id)).toBe(CLIENTS / 2);
    await age(id, '8 seconds');
    await sql('update mailing_change set finished = 8 where mailing_id = $1 and version = 1', id);
    expect(await secondsLeft(id)).toBe(CLIENTS);
  });

  it('goes on behind the windows: what becomes due at once goes no faster than the limit', async () => {
    const id = await launched({ endsIn: '5 hours' });
    await sql('update mailing set rate_limit = 1 where id = $1', id);
    await delay(id, 6, 'WINDOW', '1 hour');
    expect(await secondsLeft(id)).toBe(3_600 + 6);
    await delay(id, 4, 'RETRY', '3 seconds');
    expect(await secondsLeft(id)).toBe(3_600 + 6);
    await sql(`update mailing set ends_at = clock_timestamp() + interval '10 minutes' where id = $1`, id);
    expect(await secondsLeft(id), 'never after its end').toBe(600);
  });
});

it('of many mailings and messages is read with as many statements as of one', async () => {
  const ids = await Promise.all(Array.from({ length: 3 }, () => launched()));
  const query = vi.spyOn(api.database.pool, 'query');
  const asked = async (source: string, variables = {}) => {
    query.mockClear();
    await api.run(source, variables);
    return query.mock.calls.map(([statement]) => (statement as unknown as { name: string }).name);
  };
  const states = (names: string[]) => names.filter((name) => name === 'mailing-states').length;
  expect(states(await asked('{ mailings(first: 3) { edges { node { waiting { reason } progress { eta } } } } }'))).toBe(
    1,
  );
  const messages = 'query ($id: ID!) { mailing(id: $id) { messages(first: 12) { edges { node { waitingFor } } } } }';
  expect(await asked(messages, { id: ids[0] }), 'the sample is remembered').toEqual(['mailing-states']);
  query.mockRestore();
});
