import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { inHours } from '../testing/api-calls.js';
import { rest } from '../testing/rest.js';
import { type Answer, type RunningApi, send, startApi } from '../testing/running-api.js';
import { startWorker } from '../testing/start-worker.js';

let running: RunningApi;
let simulator: Simulator;
let stopWorker: () => Promise<void>;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-classic-'));
  simulator = await createSimulator({ ledgerFile: join(dir, 'ledger.jsonl') });
  running = await startApi();
  stopWorker = await startWorker({ databaseUrl: running.database.url, gatewayUrl: simulator.url });
});
afterAll(async () => {
  await stopWorker();
  await running.close();
  await simulator.close();
  await rm(dir, { recursive: true });
});

const ask = (method: string, path: string, body?: unknown): Promise<Answer> => rest(running, method, path, body);

let people = 0;

/** A mailing to one client of its own, from now on for an hour; gives both ids. */
async function mailToOne(more: object = {}): Promise<{ id: string; clientId: string }> {
  const tag = `person-${++people}`;
  const client = await ask('POST', 'clients', { phone: `7916200000${people}`, tag, timeZone: 'Europe/Moscow' });
  const made = await ask('POST', 'mailings', {
    name: 'Autumn',
    text: 'Hello from {{ city }}!',
    filter: { tagsAny: [tag] },
    endsAt: inHours(1),
    ...more,
  });
  expect(made.status).toBe(201);
  return { id: made.body.id, clientId: client.body.id };
}

const messagesOf = async (id: string) => (await ask('GET', `mailings/${id}/messages`)).body;
const onlyMessageOf = async (id: string) => (await messagesOf(id))[0];

it('CLASSIC row 2: a mailing is made with text, filter and allowed local times, shown alone and among all, edited and deleted', async () => {
  const fields = {
    name: 'Winter',
    text: 'Hello!',
    filter: { operatorCodes: ['916'], tagsAny: ['vip'] },
    startsAt: inHours(1),
    endsAt: inHours(2),
    allowedFrom: '09:00',
    allowedTo: '21:00',
  };
  const made = await ask('POST', 'mailings/', fields);
  expect([made.status, made.headers.get('location')]).toEqual([201, `/api/v1/mailings/${made.body.id}`]);
  const shown = { ...fields, filter: { ...fields.filter, tagsAll: [], timeZones: [] }, status: 'SCHEDULED' };
  const path = `mailings/${made.body.id}`;
  expect((await ask('GET', path)).body).toMatchObject(shown);
  expect((await ask('GET', 'mailings')).body).toContainEqual(expect.objectContaining(shown));
  const { allowedFrom: _, allowedTo: __, ...whole } = fields;
  const replaced = await ask('PUT', path, { ...whole, text: 'Bye!' });
  expect([replaced.status, replaced.body]).toEqual([
    200,
    expect.objectContaining({ text: 'Bye!', allowedFrom: null, allowedTo: null, revision: 2 }),
  ]);
  expect((await ask('PATCH', path, { name: 'Spring' })).body).toMatchObject({ name: 'Spring', text: 'Bye!' });
  expect((await ask('DELETE', path)).status).toBe(204);
  expect((await ask('GET', path)).status).toBe(404);
});

describe('CLASSIC row 4: a mailing goes out by itself', () => {
  it('at once when its start has come, with nothing more to press', async () => {
    const { id } = await mailToOne({ startsAt: inHours(-1) });
    await expect.poll(async () => (await ask('GET', `mailings/${id}`)).body.status).toBe('COMPLETED');
  });

  it('at its start when that lies ahead', async () => {
    const startsAt = new Date(Date.now() + 1_500).toISOString();
    const { id } = await mailToOne({ startsAt });
    expect((await ask('GET', `mailings/${id}`)).body).toMatchObject({ status: 'SCHEDULED', launchedAt: null });
    await expect.poll(async () => (await ask('GET', `mailings/${id}`)).body.status).toBe('COMPLETED');
    expect((await onlyMessageOf(id)).sentAt >= startsAt).toBe(true);
  });

  it('only when asked to, where it is a draft', async () => {
    const { id } = await mailToOne({ draft: true });
    expect((await ask('GET', `mailings/${id}`)).body.status).toBe('DRAFT');
    expect((await ask('POST', `mailings/${id}/start`)).body.status).toBe('SCHEDULED');
    await expect.poll(async () => (await ask('GET', `mailings/${id}`)).body.status).toBe('COMPLETED');
  });
});

it('CLASSIC rows 3 and 9: a message has id, creation, sending, status, text, mailing and client, and a status of the classics', async () => {
  const { id, clientId } = await mailToOne();
  await expect.poll(async () => (await onlyMessageOf(id))?.status).toBe('SENT');
  const message = await onlyMessageOf(id);
  const moment = expect.stringMatching(/^\d{4}-.+Z$/);
  const shown = {
    id: expect.stringMatching(/^\d+$/),
    mailingId: id,
    clientId,
    text: 'Hello from !',
    status: 'SENT',
    classicStatus: 'sent',
    createdAt: moment,
    sentAt: moment,
  };
  expect(message).toMatchObject(shown);
  expect((await ask('GET', `messages/${message.id}`)).body).toMatchObject({
    ...shown,
    timeline: [{ outcome: 'accepted' }],
  });
});

it('CLASSIC rows 7 and 9: what the gateway answers with 400 is not sent, and never tried again; after any other error it stays pending and is tried again', async () => {
  await simulator.behave({ outcomes: [{ outcome: '400' }] });
  const refused = await mailToOne();
  await expect.poll(async () => (await ask('GET', `mailings/${refused.id}`)).body.status).toBe('COMPLETED');
  await simulator.behave({ outcomes: [{ outcome: '503' }] });
  const delayed = await mailToOne();
  await expect.poll(async () => (await onlyMessageOf(delayed.id))?.attempts).toBeGreaterThan(1);
  expect(await onlyMessageOf(delayed.id)).toMatchObject({ classicStatus: 'pending', gatewayCode: 503, sentAt: null });
  await simulator.behave({});
  await expect.poll(async () => (await onlyMessageOf(delayed.id)).classicStatus).toBe('sent');
  expect(await onlyMessageOf(refused.id)).toMatchObject({
    status: 'FAILED',
    classicStatus: 'not_sent',
    attempts: 1,
    gatewayCode: 400,
  });
});

it('CLASSIC rows 14 and 15: how many messages are in which status is in the list, in each mailing and in the statistics', async () => {
  const { id } = await mailToOne();
  await expect.poll(async () => (await ask('GET', `mailings/${id}`)).body.status).toBe('COMPLETED');
  const counts = { total: 1, open: 0, sent: 1, failed: 0, expired: 0, cancelled: 0, unknown: 0 };
  const [listed] = (await ask('GET', 'mailings?limit=1')).body;
  expect(listed).toMatchObject({ id, launchedAt: expect.any(String), progress: counts });
  expect((await ask('GET', `mailings/${id}`)).body.progress).toMatchObject(counts);
  const numbers = { mailingId: id, launched: true, shouldGo: 1, went: 1, messages: counts };
  expect((await ask('GET', `mailings/${id}/statistics`)).body).toMatchObject(numbers);
  const overall = (await ask('GET', 'statistics?limit=1')).body;
  expect(overall.mailings).toEqual([expect.objectContaining(numbers)]);
  expect(overall.messages.sent).toBeGreaterThanOrEqual(1);
  expect((await ask('GET', `mailings/${id}/messages?statuses=SENT`)).body).toHaveLength(1);
  expect((await ask('GET', `mailings/${id}/messages?statuses=FAILED`)).body).toEqual([]);
});

it('CLASSIC row 13: every address is found with and without a slash behind it, and by its classic names', async () => {
  const { id, clientId } = await mailToOne({ draft: true });
  const statistics = (await ask('GET', `mailings/${id}/statistics`)).body;
  expect(statistics).toMatchObject({ mailingId: id });
  for (const path of [
    `mailings/${id}/statistics/`,
    `mailings/${id}/stats`,
    `mailings/${id}/stats/`,
    `statistics/${id}`,
    `statistics/${id}/`,
    `/mailing/api/statistics/${id}/`,
    `/mailing/api/mailings/${id}/stats/`,
  ]) {
    expect([path, (await ask('GET', path)).body]).toEqual([path, statistics]);
  }
  for (const path of ['clients', 'mailing/api/clients/', 'mailing/api/Clients', 'mailing/api/CLIENTS/']) {
    const prefix = path.startsWith('mailing') ? '/' : '';
    const base = `${prefix}${path}`.replace(/\/$/, '');
    expect([path, (await ask('GET', `${base}/${clientId}/`)).body.id]).toEqual([path, clientId]);
    expect((await ask('GET', `${base}?limit=1`)).body).toHaveLength(1);
  }
  const made = await ask('POST', '/mailing/api/Clients/', { phone: '79163333333', timeZone: 'UTC' });
  expect((await ask('GET', made.headers.get('location') ?? '')).body.phone).toBe('79163333333');
  expect((await ask('PATCH', `/mailing/api/Clients/${made.body.id}/`, { tag: 'x' })).body.tag).toBe('x');
  expect((await ask('DELETE', `/mailing/api/Clients/${made.body.id}/`)).status).toBe(204);
  expect((await ask('GET', '/mailing/api/statistics')).body).toHaveProperty('mailingCount');
});

it('CLASSIC row 16: Swagger UI is at each of its classic addresses', async () => {
  for (const path of ['/docs', '/docs/', '/swagger/', '/v1/docs/', '/api/v1/docs/']) {
    const page = await send(running.url + path);
    expect([path, page.status, page.text.includes('id="swagger-ui"')]).toEqual([path, 200, true]);
    const [asset = ''] = /(?<=href=")[^"]+swagger-ui\.css/.exec(page.text) ?? [];
    expect([path, (await send(new URL(asset, running.url + path).href)).status]).toEqual([path, 200]);
    expect((await send(new URL('./json', `${running.url}${path.replace(/\/?$/, '/')}`).href)).body.openapi).toBe(
      '3.1.0',
    );
  }
});

it('CLASSIC row 17: the address of the admin site leads to the dashboard', async () => {
  for (const path of ['/admin', '/admin/']) {
    const { status, headers } = await send(running.url + path);
    expect([path, status, headers.get('location')]).toEqual([path, 302, '/']);
  }
});

it('CLASSIC row 22: time zones are there as a dictionary, with what their clocks show', async () => {
  const zones = (await ask('GET', 'time-zones')).body;
  expect(zones.length).toBeGreaterThan(400);
  const time = expect.stringMatching(/^\d\d:\d\d$/);
  expect(zones).toContainEqual({ name: 'Asia/Yekaterinburg', offset: '+05:00', localTime: time });
  expect(zones).toContainEqual({ name: 'UTC', offset: '+00:00', localTime: time });
  expect(zones).toContainEqual({ name: 'Pacific/Marquesas', offset: '-09:30', localTime: time });
});
