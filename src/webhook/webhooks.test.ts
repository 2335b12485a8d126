import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startProgram } from '../testing/program.js';
import { startReceiver } from '../testing/receiver.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import { claimDelivery, recordDelivery } from './deliveries.js';

let running: RunningApi;

beforeAll(async () => {
  const alarms = { recipients: [], stuckMinutes: 10, allowPrivate: true };
  running = await startApi({ config: { alarms } });
});
afterAll(() => running.close());

const PARTS =
  'webhook { id url events enabled } secret delivery { id status messageId } userErrors { field message code }';
const CREATE = `mutation ($input: WebhookInput!) { webhookCreate(input: $input) { ${PARTS} } }`;
const UPDATE = `mutation ($id: ID!, $input: WebhookPatch!) { webhookUpdate(id: $id, input: $input) { ${PARTS} } }`;
const TEST = `mutation ($id: ID!) { webhookTest(id: $id) { ${PARTS} } }`;
const AGAIN = `mutation ($id: ID!, $deliveryId: ID!) { webhookRedeliver(id: $id, deliveryId: $deliveryId) { ${PARTS} } }`;
const LIST = `{ webhooks { id url events enabled createdBy deliveries { id event status tries answerStatus answerBody messageId } } }`;

async function create(url = 'http://127.0.0.1:9/hook', events = ['MAILING_STUCK', 'MAILING_STARTED']) {
  const { body } = await running.ask(CREATE, { input: { url, events } });
  return body.data.webhookCreate;
}

it('makes a webhook, shows its secret this once, and changes and deletes it, on record and without its address there', async () => {
  const { webhook, secret, userErrors } = await create();
  expect(userErrors).toEqual([]);
  expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
  expect(webhook).toMatchObject({ events: ['MAILING_STARTED', 'MAILING_STUCK'], enabled: true });
  const { body } = await running.ask(UPDATE, { id: webhook.id, input: { events: ['CIRCUIT_OPENED'], enabled: false } });
  expect(body.data.webhookUpdate).toMatchObject({
    webhook: { events: ['CIRCUIT_OPENED'], enabled: false },
    secret: null,
  });
  const refused = await running.ask(TEST, { id: webhook.id });
  expect(refused.body.data.webhookTest.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  const listed = await running.ask(LIST);
  expect(listed.body.data.webhooks).toMatchObject([{ id: webhook.id, createdBy: 'admin', deliveries: [] }]);
  expect(listed.text + running.logged()).not.toContain(secret);
  await running.ask(`mutation ($id: ID!) { webhookDelete(id: $id) { userErrors { code } } }`, { id: webhook.id });
  expect((await running.ask(LIST)).body.data.webhooks).toEqual([]);
  const { rows } = await running.database.pool.query(
    `select action, subject_id, outcome, details::text from audit_event where subject_kind = 'webhook' order by id`,
  );
  expect(rows.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'webhookCreate DONE',
    'webhookUpdate DONE',
    'webhookTest REFUSED',
    'webhookDelete DONE',
  ]);
  expect(rows.every(({ subject_id }) => subject_id === webhook.id)).toBe(true);
  expect(JSON.stringify(rows)).not.toMatch(/127\.0\.0\.1|whsec_/);
});

it.each([
  ['ftp://example.org/', 'must be an address that begins with https:// or http://'],
  ['nowhere', 'must be an address'],
  ['https://user:password@example.org/', 'must hold no password'],
  ['http://169.254.169.254/latest', 'must not lead to a private network'],
  ['http://[::ffff:127.0.0.1]/', 'must not lead to a private network'],
])('refuses %s as an address', async (url, message) => {
  expect((await create(url)).userErrors).toMatchObject([{ field: 'url', message: expect.stringContaining(message) }]);
});

it('refuses tests, nothing and what is unknown as events, and more webhooks than a worker has room for', async () => {
  for (const events of [[], ['WEBHOOK_TEST']]) {
    expect((await create(undefined, events)).userErrors[0].field).toMatch(/^events/);
  }
  const made = [];
  for (let nth = 0; nth < 20; nth += 1) made.push(await create());
  expect((await create()).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  await running.database.pool.query('delete from webhook');
});

it('in production takes https alone, and nothing on this machine', async () => {
  const { parseNewWebhook } = await import('./webhook.inputs.js');
  const production = { allowHttp: false, allowPrivate: false };
  const take = (url: string) => () => parseNewWebhook({ url, events: ['mailing.stuck'] }, production);
  expect(take('http://hooks.example.org/')).toThrow('url must be an address that begins with https://.');
  expect(take('https://127.0.0.1/')).toThrow('url must not lead to a private network or this machine.');
  expect(take('https://hooks.example.org:8443/x?y=z')().url).toBe('https://hooks.example.org:8443/x?y=z');
});

it('what a person asks for once more while it is being tried goes out again, whatever comes of that try', async () => {
  const { pool } = running.database;
  const { webhook } = await create();
  const { delivery } = (await running.ask(TEST, { id: webhook.id })).body.data.webhookTest;
  const claim = () => claimDelivery(pool, { webhookId: webhook.id }, 60_000);
  for (const ok of [true, false]) {
    const trying = await claim();
    await running.ask(AGAIN, { id: webhook.id, deliveryId: delivery.id });
    expect(await claim(), 'one at a time').toBeNull();
    await recordDelivery(pool, trying!, { ok, status: ok ? 200 : 500, body: 'seen', reason: null });
    const shown = (await running.ask(LIST)).body.data.webhooks[0].deliveries;
    expect(shown).toMatchObject([{ status: 'WAITING', tries: 0, answerBody: 'seen' }]);
  }
  expect(await claim()).toMatchObject({ id: delivery.id, tries: 1 });
  await pool.query('delete from webhook');
});

it('kill −9 of a worker in mid-delivery: it arrives again under the same id, and so does what a person sends once more', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-webhook-'));
  // The first is never answered: its worker is killed while it waits.
  const receiver = await startReceiver((nth, response) => {
    if (nth > 0) response.writeHead(200).end('thanks');
  });
  const start = () =>
    startProgram({
      role: 'worker',
      databaseUrl: running.database.url,
      dir,
      gatewayUrl: null,
      env: { WEBHOOK_ALLOW_PRIVATE: 'true', SWEEP_INTERVAL_MS: '200' },
    });
  const victim = await start();
  onTestFinished(async () => {
    victim.kill('SIGKILL');
    await receiver.close();
    await rm(dir, { recursive: true });
  });
  const { webhook } = await create(receiver.url);
  const { body } = await running.ask(TEST, { id: webhook.id });
  const { delivery } = body.data.webhookTest;
  expect(running.rings).toContainEqual({ name: 'webhook.deliver', payload: { webhookId: webhook.id } });
  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
  victim.kill('SIGKILL');
  await victim.ended;
  const heir = await start();
  onTestFinished(async () => {
    heir.kill('SIGKILL');
    await heir.ended;
  });
  // Nobody takes it while the lease of the dead lasts; it is as if that had passed.
  await running.database.pool.query(
    `update outside_delivery set lease_until = clock_timestamp() where lease_until is not null`,
  );
  const deliveries = async () => (await running.ask(LIST)).body.data.webhooks[0].deliveries;
  await expect
    .poll(deliveries, { timeout: 20_000 })
    .toMatchObject([{ id: delivery.id, status: 'DELIVERED', tries: 2, answerStatus: 200, answerBody: 'thanks' }]);
  await running.ask(AGAIN, { id: webhook.id, deliveryId: delivery.id });
  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(3);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery.messageId]));
  expect(new Set(receiver.received.map((each) => each.body)).size).toBe(1);
}, 240_000);
