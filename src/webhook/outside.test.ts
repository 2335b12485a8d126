import { createHmac } from 'node:crypto';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { cancelMailing } from '../mailing/lifecycle.js';
import { settleMessages } from '../message/settle-messages.js';
import { Mailer } from '../platform/mailer.js';
import type { JobHandler, JobName } from '../scheduler/scheduler.js';
import { beginLaunch, launchChunk } from '../sending/launch.js';
import { OPEN_CIRCUIT, watchOutages } from '../sending/outages.js';
import { startMailServer } from '../testing/mail-server.js';
import { type Received, type Receiver, startReceiver } from '../testing/receiver.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { recordingLog } from '../testing/running-api.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { claimDelivery, recordDelivery } from './deliveries.js';
import { tellOfStuck } from './find-stuck.js';
import { OutsideJobs, type OutsideJobsOptions } from './outside.jobs.js';
import { Poster } from './post-webhook.js';
import { newSigningSecret } from './sign.js';

let database: TestDatabase;
const { log, logged } = recordingLog();
const ADMIN = { name: 'admin' };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() =>
  database.pool.query('truncate outside_event, webhook, channel_outage, channel_circuit, mailing, client cascade'),
);

async function insertWebhook(url: string, events: string[]) {
  const secret = newSigningSecret();
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into webhook (url, events, secret, created_by) values ($1, $2, $3, 'test') returning id`,
    [url, events, secret],
  );
  return { id: rows[0]!.id, secret };
}

/** The jobs with a scheduler that runs each bell at once, one after the other, until nothing rings any more. */
function startJobs({ recipients = [], ...options }: Partial<OutsideJobsOptions> & { recipients?: string[] } = {}) {
  const handlers = new Map<string, JobHandler<JobName>>();
  let rung: [JobName, never][] = [];
  const jobs = new OutsideJobs({
    pool: database.pool,
    scheduler: {
      define: (name, _limits, handler) => void handlers.set(name, handler as JobHandler<JobName>),
      ring: async (name, payload) => void rung.push([name, payload as never]),
    },
    poster: new Poster({ allowPrivate: true }),
    mailer: null,
    alarms: () => ({ recipients, stuckMinutes: 10 }),
    ceilings: {},
    publicUrl: null,
    log,
    ...options,
  });
  jobs.define();
  const run = { signal: new AbortController().signal, touch: async () => {} };
  return async () => {
    await jobs.sweep();
    const now = rung;
    rung = [];
    await Promise.all(now.map(([name, payload]) => handlers.get(name)!(payload, run)));
  };
}

/** By the specification and nothing of ours (Standard Webhooks 1.0): whether who has the secret sent this. */
function isSigned({ headers, body }: Received, secret: string): boolean {
  const content = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  const expected = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64')).update(content);
  const given = String(headers['webhook-signature']).split(' ');
  return given.includes(`v1,${expected.digest('base64')}`);
}

async function allDue() {
  await database.pool.query('update outside_delivery set next_at = clock_timestamp(), lease_until = null');
}

async function deliveries() {
  const { rows } = await database.pool.query(
    `select status, tries, answer_status as answered, answer_body as body, reason from outside_delivery order by id`,
  );
  return rows;
}

async function toldOf(kind: string) {
  const { rows } = await database.pool.query('select data from outside_event where kind = $1 order by at', [kind]);
  return rows.map(({ data }) => data);
}

/** A mailing to so many, launched. */
async function launched(clients: number): Promise<string> {
  await insertClients(database.pool, clients);
  const id = await insertMailing(database.pool, { text: 'canary-text-77' });
  await beginLaunch(database.pool, id);
  await launchChunk(database.pool, id, () => 10_000);
  return id;
}

const parts = () => ({
  pool: database.pool,
  scheduler: { ring: async () => {} },
  bell: { ring: () => {} },
  log,
  timeoutMs: () => 10_000,
});

async function receive(answer?: Parameters<typeof startReceiver>[0]): Promise<Receiver & AsyncDisposable> {
  const receiver = await startReceiver(answer);
  return Object.assign(receiver, { [Symbol.asyncDispose]: () => receiver.close() });
}

it('tells of the start and the end of a mailing, signed so that a stranger can check it, with counts and without a phone or a text', async () => {
  await using receiver = await receive();
  const { secret } = await insertWebhook(receiver.url, ['mailing.started', 'mailing.finished']);
  const sweep = startJobs();
  const id = await launched(2);
  await database.pool.query(`update mailing set name = 'Sale for 79001234567' where id = $1`, [id]);
  await cancelMailing(parts(), id, ADMIN);
  await sweep();
  // Its messages are open still: only once they are settled it is over.
  expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual(['mailing.started']);
  await settleMessages(database.pool, id);
  await sweep();
  const [started, finished] = receiver.received;
  expect(receiver.received).toHaveLength(2);
  for (const each of [started!, finished!]) {
    expect(isSigned(each, secret)).toBe(true);
    expect(isSigned({ ...each, body: `${each.body} ` }, secret)).toBe(false);
    expect(Math.abs(Number(each.headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(600);
    expect(each.body).not.toMatch(/canary-text-77|79\d{9}/);
  }
  expect(JSON.parse(finished!.body)).toMatchObject({
    type: 'mailing.finished',
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    data: {
      mailing: { id, name: 'Sale for 79*****4567', status: 'CANCELLED', counts: { total: 2, open: 0, cancelled: 2 } },
    },
  });
});

it('tells that a mailing is completed in the statement that completes it: what is rolled back was never told', async () => {
  const id = await insertMailing(database.pool);
  await beginLaunch(database.pool, id);
  await launchChunk(database.pool, id, () => 10_000);
  expect(await toldOf('mailing.finished')).toMatchObject([
    { mailing: { id, status: 'COMPLETED', counts: { total: 0 } } },
  ]);
  const client = await database.pool.connect();
  await client.query('begin');
  await client.query(`update mailing set status = 'SCHEDULED', launched_at = null where id = $1`, [id]);
  await beginLaunch({ query: client.query.bind(client) } as never, id);
  await client.query('rollback');
  client.release();
  expect(await toldOf('mailing.started')).toHaveLength(1);
});

it('tries again after an error and after silence, under the same id and with the same body, ever later', async () => {
  await using receiver = await receive((nth, response) => {
    if (nth === 0) response.writeHead(500).end('broken');
    if (nth >= 2) response.writeHead(200).end('taken');
  });
  const { secret } = await insertWebhook(receiver.url, ['mailing.finished']);
  const id = await insertMailing(database.pool);
  await cancelMailing(parts(), id, ADMIN);
  const sweep = startJobs();
  await sweep();
  expect(await deliveries()).toMatchObject([
    { status: 'WAITING', tries: 1, answered: 500, body: 'broken', reason: 'answered with 500' },
  ]);
  await sweep();
  expect(receiver.received).toHaveLength(1);
  await allDue();
  await startJobs({ poster: new Poster({ allowPrivate: true, timeoutMs: 500 }) })();
  expect(await deliveries()).toMatchObject([
    { tries: 2, answered: null, reason: expect.stringContaining('ETIMEDOUT') },
  ]);
  await allDue();
  await sweep();
  expect(await deliveries()).toMatchObject([
    { status: 'DELIVERED', tries: 3, answered: 200, body: 'taken', reason: null },
  ]);
  expect(receiver.received.every((each) => isSigned(each, secret))).toBe(true);
  expect(new Set(receiver.received.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
});

it('gives up after eleven tries within a day', async () => {
  await insertWebhook('http://127.0.0.1:9/', ['mailing.finished']);
  await cancelMailing(parts(), await insertMailing(database.pool), ADMIN);
  const sweep = startJobs({ poster: { post: async () => ({ status: 500, body: '', reason: null }) } });
  let seconds = 0;
  for (let nth = 1; nth <= 11; nth += 1) {
    await sweep();
    const { rows } = await database.pool.query<{ wait: number; tries: number }>(
      `select extract(epoch from next_at - tried_at)::float8 as wait, tries from outside_delivery`,
    );
    expect(rows[0]!.tries).toBe(nth);
    seconds += rows[0]!.wait;
    await allDue();
  }
  expect(await deliveries()).toMatchObject([{ status: 'FAILED', tries: 11 }]);
  expect(seconds).toBeGreaterThan(20 * 3_600);
  expect(seconds).toBeLessThan(24 * 3_600);
});

it('410 disables a webhook, and nothing is sent there any more', async () => {
  await using receiver = await receive((_, response) => response.writeHead(410).end());
  await insertWebhook(receiver.url, ['mailing.finished']);
  const sweep = startJobs();
  for (let nth = 0; nth < 2; nth += 1) {
    await cancelMailing(parts(), await insertMailing(database.pool), ADMIN);
    await sweep();
  }
  expect(receiver.received).toHaveLength(1);
  const { rows } = await database.pool.query('select enabled, disabled_reason from webhook');
  expect(rows).toEqual([{ enabled: false, disabled_reason: expect.stringContaining('410') }]);
  expect(await deliveries()).toMatchObject([{ status: 'FAILED' }]);
});

it('a webhook that is slow keeps no other from being told', async () => {
  let release = () => {};
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  await using slow = await receive((_, response) => void isReleased.then(() => response.writeHead(204).end()));
  await using quick = await receive();
  await insertWebhook(slow.url, ['mailing.finished']);
  await insertWebhook(quick.url, ['mailing.finished']);
  await cancelMailing(parts(), await insertMailing(database.pool), ADMIN);
  const swept = startJobs({ poster: new Poster({ allowPrivate: true }) })();
  await expect.poll(() => [slow.received.length, quick.received.length]).toEqual([1, 1]);
  await expect
    .poll(async () => (await deliveries()).map(({ status }) => status).sort())
    .toEqual(['DELIVERED', 'WAITING']);
  // Another worker leaves alone what this one has in hand.
  await startJobs()();
  expect(slow.received).toHaveLength(1);
  release();
  await swept;
});

it('of two who spread and claim at once one does, and who lost its lease writes nothing', async () => {
  const { id } = await insertWebhook('http://127.0.0.1:9/', ['mailing.finished']);
  await cancelMailing(parts(), await insertMailing(database.pool), ADMIN);
  const silent = { scheduler: { define: () => {}, ring: async () => {} } };
  await Promise.all([0, 1, 2].map(() => startJobs(silent)()));
  expect(await deliveries()).toHaveLength(1);
  const claims = await Promise.all([0, 1, 2].map(() => claimDelivery(database.pool, { webhookId: id }, 60_000)));
  const [first] = claims.filter((each) => each !== null);
  expect(claims.filter((each) => each !== null)).toHaveLength(1);
  await allDue();
  const second = await claimDelivery(database.pool, { webhookId: id }, 60_000);
  const ok = { ok: true, status: 204, body: '', reason: null };
  await recordDelivery(database.pool, first!, { ...ok, ok: false, reason: 'late' });
  expect(await deliveries()).toMatchObject([{ status: 'WAITING', reason: null }]);
  await recordDelivery(database.pool, second!, ok);
  expect(await deliveries()).toMatchObject([{ status: 'DELIVERED' }]);
});

it('alarms go to nobody whose address is out of the settings, and wait a day for it to come back', async () => {
  const server = await startMailServer();
  onTestFinished(() => server.close());
  const mailer = new Mailer(server.url, 'h@example.org', log);
  await database.pool.query(OPEN_CIRCUIT, ['gateway', 'w', 5_000, 'HTTP 401']);
  await startJobs({
    recipients: ['left@example.org', 'new@example.org'],
    mailer: new Mailer('smtp://127.0.0.1:9', 'h@example.org', log),
  })();
  await allDue();
  const others = startJobs({ recipients: ['new@example.org'], mailer });
  await others();
  expect(server.letters.map(({ to }) => to)).toEqual([['new@example.org']]);
  await others();
  expect(await deliveries()).toMatchObject([{ status: 'WAITING', tries: 1 }, { status: 'DELIVERED' }]);
  await database.pool.query(`update outside_delivery set next_at = next_at - interval '25 hours'`);
  await startJobs({ recipients: ['new@example.org'], mailer })();
  expect(await deliveries()).toMatchObject([{ status: 'FAILED', reason: 'this address is out of the settings' }, {}]);
});

it('tells once of an outage that many workers see, and once that it is over', async () => {
  const open = (worker: string) => database.pool.query(OPEN_CIRCUIT, ['gateway', worker, 5_000, 'HTTP 401']);
  await Promise.all(['a', 'b', 'c'].map(open));
  await open('a');
  expect(await toldOf('circuit.opened')).toMatchObject([
    { channel: { name: 'gateway', reason: 'HTTP 401', closedAt: null } },
  ]);
  await database.pool.query('delete from channel_circuit');
  await watchOutages(database.pool);
  // It has been calm for a moment only: a gateway that comes and goes is one outage.
  expect(await toldOf('circuit.closed')).toEqual([]);
  await database.pool.query(`update channel_outage set seen_at = clock_timestamp() - interval '61 s'`);
  await open('b');
  await watchOutages(database.pool);
  expect(await toldOf('circuit.closed')).toEqual([]);
  await database.pool.query(`delete from channel_circuit`);
  await database.pool.query(`update channel_outage set seen_at = clock_timestamp() - interval '61 s'`);
  await Promise.all([watchOutages(database.pool), watchOutages(database.pool)]);
  expect(await toldOf('circuit.closed')).toMatchObject([
    { channel: { name: 'gateway', closedAt: expect.any(String) } },
  ]);
  await open('c');
  expect(await toldOf('circuit.opened')).toHaveLength(2);
});

/** As if the mailing, and all that was done to it, had been begun so many minutes ago. */
async function age(mailingId: string, minutes: number) {
  const ago = `clock_timestamp() - ${minutes} * interval '1 minute'`;
  for (const sql of [
    `update mailing set starts_at = ${ago}, launched_at = ${ago}, launch_completed_at = ${ago} where id = $1`,
    `update mailing_event set at = ${ago} where mailing_id = $1`,
    `update mailing_change set at = ${ago} where mailing_id = $1`,
    `update message set due_at = ${ago} where mailing_id = $1`,
  ]) {
    await database.pool.query(sql, [mailingId]);
  }
}

it('tells once of a mailing that is due and allowed and of which nothing moves, and not of one that somebody or something rightly holds', async () => {
  const id = await launched(3);
  const look = async () => {
    await tellOfStuck(database.pool, 10, {});
    return (await toldOf('mailing.stuck')).length;
  };
  expect(await look()).toBe(0);
  await age(id, 9);
  expect(await look()).toBe(0);
  await age(id, 11);
  await database.pool.query(`insert into sending_stop (stopped_by) values ('admin')`);
  expect(await look()).toBe(0);
  await database.pool.query('delete from sending_stop');
  await database.pool.query(`update mailing set status = 'PAUSED' where id = $1`, [id]);
  expect(await look()).toBe(0);
  await database.pool.query(`update mailing set status = 'RUNNING' where id = $1`, [id]);
  // All wait for their hours.
  await database.pool.query(
    `update message set due_at = clock_timestamp() + interval '1 hour', waiting_for = 'WINDOW'`,
  );
  expect(await look()).toBe(0);
  await age(id, 11);
  await Promise.all([look(), look()]);
  expect(await look()).toBe(1);
  expect(await toldOf('mailing.stuck')).toMatchObject([
    { mailing: { id, counts: { open: 3 } }, stuck: { waitingFor: 'WORKER', since: expect.any(String) } },
  ]);
  // A message that was finished since begins a new time.
  await database.pool.query(
    `insert into mailing_change (mailing_id, version, at, finished, message_ids, statuses)
     values ($1, 900, clock_timestamp() - interval '10.5 minutes', 1, '{}', '{}')`,
    [id],
  );
  await database.pool.query('update mailing set version = 900 where id = $1', [id]);
  expect(await look()).toBe(2);
});

it('a mailing whose gateway is away is stuck, although each probe writes a batch', async () => {
  const id = await launched(1);
  await age(id, 11);
  await database.pool.query(OPEN_CIRCUIT, ['gateway', 'w', 5_000, 'ECONNREFUSED']);
  await database.pool.query(
    `insert into mailing_change (mailing_id, version, at, finished, message_ids, statuses) values ($1, 900, clock_timestamp(), 0, '{}', '{}')`,
    [id],
  );
  await database.pool.query('update mailing set version = 900 where id = $1', [id]);
  await tellOfStuck(database.pool, 10, {});
  expect(await toldOf('mailing.stuck')).toMatchObject([{ stuck: { waitingFor: 'CIRCUIT', detail: 'ECONNREFUSED' } }]);
});

it('writes to everybody who is to know, once each, as soon as a mail server takes it', async () => {
  await database.pool.query(OPEN_CIRCUIT, ['gateway', 'w', 5_000, 'HTTP 401']);
  const id = await launched(1);
  await age(id, 11);
  const server = await startMailServer();
  onTestFinished(() => server.close());
  const to = { recipients: ['a@example.org', 'b@example.org'], publicUrl: 'https://h.example.org' };
  // Nobody listens there.
  await startJobs({ ...to, mailer: new Mailer('smtp://127.0.0.1:9', 'h@example.org', log) })();
  expect((await deliveries()).map(({ status }) => status)).toEqual(['WAITING', 'WAITING', 'WAITING', 'WAITING']);
  await allDue();
  const sweep = startJobs({ ...to, mailer: new Mailer(server.url, 'h@example.org', log) });
  await sweep();
  await allDue();
  await sweep();
  expect(server.letters.map((letter) => letter.to.join()).sort()).toEqual(
    ['a', 'a', 'b', 'b'].map((name) => `${name}@example.org`),
  );
  const letters = await Promise.all(server.letters.map(({ raw }) => PostalMime.parse(raw)));
  expect(new Set(letters.map(({ messageId }) => messageId)).size).toBe(4);
  const stuck = letters.find(({ subject }) => subject?.includes('stuck'));
  expect(stuck?.text).toContain(`https://h.example.org/mailings/${id}`);
  expect(stuck?.text).toContain('1 of its 1 messages are open');
  expect(letters.find(({ subject }) => subject?.includes('channel'))?.text).toContain('HTTP 401');
  expect(server.letters.map(({ raw }) => raw).join()).not.toMatch(/canary-text-77|79\d{9}/);
  expect(logged()).not.toMatch(/canary-text-77|whsec_|example\.org/);
});
