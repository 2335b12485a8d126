import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClaimedMessage, claimMessages } from '../message/claim-messages.js';
import { claimTestSends } from '../message/claim-test-sends.js';
import { recordOutcomes } from '../message/record-outcomes.js';
import { settleMessages } from '../message/settle-messages.js';
import { mergeLedgerLines } from '../simulator/ledger-entry.js';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { readLedger } from '../simulator/simulator-client.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import type { UserErrorNode } from '../testing/api-calls.js';
import { insertClients, insertMailing, type MailingRow } from '../testing/rows.js';
import { startWorker } from '../testing/start-worker.js';
import { verify } from '../verify/verify.js';
import { untried } from './retry-policy.js';

interface MessageNode {
  id: string;
  status: string;
  text: string | null;
  reason: string | null;
  phone: string;
  isTest: boolean;
  attempts: number;
  client: { id: string } | null;
  timeline: { number: number; outcome: string }[];
}

interface Answer {
  message: MessageNode | null;
  userErrors: UserErrorNode[];
}

const MESSAGE = 'id status text reason phone isTest attempts client { id } timeline { number outcome }';
const TEXT = "Hello, {{ name | default: 'friend' }}!";
const TIMEOUT_MS = 500;

let dir: string;
let api: TestApi;
let simulator: Simulator;
let anna: string;
let optedOut: string;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-test-sends-'));
  api = await createTestApi();
  simulator = await createSimulator({ ledgerFile: join(dir, 'ledger.jsonl') });
  [anna = ''] = await insertClients(api.database.pool, 1, { phone: '79160000001', attributes: { name: 'Anna' } });
  [optedOut = ''] = await insertClients(api.database.pool, 1, { phone: '79160000002' });
  await api.database.pool.query('update client set opted_out_at = clock_timestamp() where id = $1', [optedOut]);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await simulator.behave({});
});
afterAll(async () => {
  await simulator.close();
  await api.close();
  await rm(dir, { recursive: true });
});

async function startSending(): Promise<void> {
  const gatewayUrl = simulator.url;
  stops.push(await startWorker({ databaseUrl: api.database.url, gatewayUrl, timeoutMs: TIMEOUT_MS }));
}

const sql = (text: string, ...values: unknown[]) => api.database.pool.query(text, values);
const draft = (row: MailingRow = {}) => insertMailing(api.database.pool, { text: TEXT, status: 'DRAFT', ...row });

async function send(id: string, to: { clientId?: string; phone?: string; key?: string }): Promise<Answer> {
  const { it } = await api.run<{ it: Answer }>(
    `mutation ($id: ID!, $clientId: ID, $phone: PhoneNumber, $key: String) {
       it: mailingSendTest(id: $id, clientId: $clientId, phone: $phone, idempotencyKey: $key) {
         message { ${MESSAGE} } userErrors { field message code } } }`,
    { id, ...to },
  );
  return it;
}

async function sent(id: string, to: { clientId?: string; phone?: string; key?: string }): Promise<MessageNode> {
  const { message, userErrors } = await send(id, to);
  expect(userErrors).toEqual([]);
  return message as MessageNode;
}

async function message(id: string): Promise<MessageNode> {
  return (await api.run<{ message: MessageNode }>(`query ($id: ID!) { message(id: $id) { ${MESSAGE} } }`, { id }))
    .message;
}

async function over(id: string): Promise<MessageNode> {
  await expect
    .poll(async () => (await message(id)).status, { timeout: 15_000 })
    .toMatch(/SENT|FAILED|EXPIRED|UNKNOWN|CANC/);
  return await message(id);
}

async function requestsOf({ id }: { id: string }) {
  const { lines } = await readLedger(simulator.controlUrl);
  return mergeLedgerLines(lines).filter((request) => String(request.id) === id);
}

async function counts(id: string): Promise<object> {
  const { rows } = await sql(
    'select status, version, total, open, sent, failed, expired, cancelled, unknown from mailing where id = $1',
    id,
  );
  return rows[0];
}

describe('a test send', () => {
  it('of a draft goes to one client at once, with the words that client would get, and is in no count of the mailing', async () => {
    await startSending();
    const id = await draft({ startsIn: '1 day', endsIn: '2 days', allowedFrom: '00:00', allowedTo: '00:01' });
    const before = await counts(id);
    api.takeRings();
    const made = await sent(id, { clientId: anna });
    expect(api.takeRings()).toEqual([{ name: 'mailing.test', payload: { mailingId: id } }]);
    expect(made).toMatchObject({ text: 'Hello, Anna!', isTest: true, phone: '79160000001', client: { id: anna } });
    expect(await over(made.id)).toMatchObject({ status: 'SENT', timeline: [{ number: 1, outcome: 'ACCEPTED' }] });
    expect(await requestsOf(made)).toMatchObject([{ phone: 79160000001, accepted: true }]);
    expect(await counts(id)).toEqual(before);
  });

  it.each(['PAUSED', 'COMPLETED', 'CANCELLED'])('of a mailing that is %s goes all the same', async (status) => {
    await startSending();
    const made = await sent(await draft({ status, startsIn: '-2 days', endsIn: '-1 day' }), { clientId: anna });
    expect(await over(made.id)).toMatchObject({ status: 'SENT' });
  });

  it('goes to a phone as to the client that has it, or as to somebody of whom nothing is known', async () => {
    await startSending();
    const id = await draft();
    const known = await sent(id, { phone: '8 (916) 000-00-01' });
    const unknown = await sent(id, { phone: '+7 916 000-00-09' });
    expect(known).toMatchObject({ text: 'Hello, Anna!', client: { id: anna } });
    expect(unknown).toMatchObject({ text: 'Hello, friend!', client: null, phone: '79160000009' });
    expect(await over(unknown.id)).toMatchObject({ status: 'SENT' });
    expect(await requestsOf(unknown)).toMatchObject([{ phone: 79160000009 }]);
    expect(BigInt(unknown.id)).toBe(BigInt(known.id) + 1n);
  });

  it('asked for twice with one key is sent once, also by ten at once, and also once its mailing is gone', async () => {
    await startSending();
    const id = await draft();
    const answers = await Promise.all(Array.from({ length: 10 }, () => sent(id, { clientId: anna, key: 'once' })));
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    const [made] = answers as [MessageNode];
    await over(made.id);
    expect(await requestsOf(made)).toHaveLength(1);
    expect((await send(id, { phone: '79160000001', key: 'once' })).userErrors).toMatchObject([
      { code: 'CONFLICT', field: 'idempotencyKey' },
    ]);
    await sql('update mailing set deleted_at = clock_timestamp() where id = $1', id);
    expect(await sent(id, { clientId: anna, key: 'once' })).toMatchObject({ id: made.id });
  });

  it.each<[string, { clientId?: string; phone?: string }, object]>([
    ['nobody', {}, { code: 'BAD_USER_INPUT', field: 'clientId' }],
    ['a client and a phone', { clientId: '1', phone: '79160000001' }, { code: 'BAD_USER_INPUT', field: 'phone' }],
    ['what is no phone', { phone: '12345' }, { code: 'BAD_USER_INPUT', field: 'phone' }],
    ['a client that is not there', { clientId: '999999' }, { code: 'NOT_FOUND', field: 'clientId' }],
    ['the phone of a person who opted out', { phone: '79160000002' }, { code: 'CONFLICT', field: 'phone' }],
  ])('to %s is refused', async (_title, to, error) => {
    expect(await send(await draft(), to)).toMatchObject({ message: null, userErrors: [error] });
  });

  it('to a client who opted out, be it deleted since, of a deleted mailing, or of a text that cannot be rendered is refused', async () => {
    expect((await send(await draft(), { clientId: optedOut })).userErrors).toMatchObject([
      { code: 'CONFLICT', field: 'clientId' },
    ]);
    await sql('update client set deleted_at = clock_timestamp() where id = $1', optedOut);
    expect((await send(await draft(), { phone: '79160000002' })).userErrors).toMatchObject([
      { code: 'CONFLICT', field: 'phone' },
    ]);
    await sql('update client set deleted_at = null where id = $1', optedOut);
    const endless = await draft({ text: '{% for i in (1..1000000) %}x{% endfor %}' });
    expect((await send(endless, { clientId: anna })).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', field: 'text' },
    ]);
    await sql('update mailing set deleted_at = clock_timestamp() where id = $1', endless);
    expect((await send(endless, { clientId: anna })).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: 'id' }]);
  });

  it('keeps its id and its words when it is tried again, also when the draft and the client were edited meanwhile', async () => {
    await simulator.behave({ outcomes: [{ outcome: 'drop-after-accept' }] });
    await startSending();
    const id = await draft();
    const made = await sent(id, { clientId: anna });
    await expect.poll(async () => (await requestsOf(made)).length, { timeout: 10_000 }).toBeGreaterThan(0);
    await sql(`update mailing set text = 'Something else' where id = $1`, id);
    await sql(`update client set attributes = '{"name": "Bella"}' where id = $1`, anna);
    await simulator.behave({});
    expect(await over(made.id)).toMatchObject({ status: 'SENT', text: 'Hello, Anna!' });
    const requests = await requestsOf(made);
    expect(requests.length).toBeGreaterThan(1);
    expect(new Set(requests.map(({ hash }) => hash)).size).toBe(1);
    expect((await message(made.id)).timeline.at(0)).toEqual({ number: 1, outcome: 'UNKNOWN' });
    await sql(`update client set attributes = '{"name": "Anna"}' where id = $1`, anna);
  });

  it('of a mailing that says never again is UNKNOWN after one attempt that nobody knows the outcome of', async () => {
    await simulator.behave({ outcomes: [{ outcome: 'drop-after-accept' }] });
    await startSending();
    const made = await sent(await draft({ unknownOutcome: 'NEVER_AGAIN' }), { clientId: anna });
    expect(await over(made.id)).toMatchObject({ status: 'UNKNOWN' });
    expect(await requestsOf(made)).toHaveLength(1);
  });

  it('is sent again under its id when its worker died with it, or never where the mailing says so', async () => {
    const [again, never] = [await draft(), await draft({ unknownOutcome: 'NEVER_AGAIN' })];
    const [first, second] = [await sent(again, { clientId: anna }), await sent(never, { clientId: anna })];
    await sql(
      `update message set fence = 1, claimed_at = clock_timestamp(), lease_until = clock_timestamp() where id = any ($1)`,
      [first.id, second.id],
    );
    await startSending();
    expect(await over(first.id)).toMatchObject({
      status: 'SENT',
      timeline: [{ outcome: 'LOST' }, { outcome: 'ACCEPTED' }],
    });
    expect(await over(second.id)).toMatchObject({ status: 'UNKNOWN' });
    expect(await requestsOf(second)).toEqual([]);
  });

  it('that the gateway refuses for good is FAILED, and one that it refuses for now is tried for ten minutes', async () => {
    await simulator.behave({ outcomes: [{ outcome: '400' }] });
    await startSending();
    const id = await draft();
    expect(await over((await sent(id, { clientId: anna })).id)).toMatchObject({ status: 'FAILED' });
    await simulator.behave({ outcomes: [{ outcome: '503', retryAfter: 60 }] });
    const later = await sent(id, { clientId: anna });
    await expect.poll(async () => (await message(later.id)).status, { timeout: 10_000 }).toBe('DELAYED');
    await simulator.behave({ outcomes: [{ outcome: '503', retryAfter: 600 }] });
    const tooLate = await sent(id, { clientId: anna });
    expect(await over(tooLate.id)).toMatchObject({ status: 'EXPIRED', reason: expect.stringContaining('10 minutes') });
    expect(await requestsOf(tooLate)).toHaveLength(1);
  });

  it('waits while all sending is stopped, and is over after ten minutes all the same', async () => {
    const id = await draft();
    const [made, old] = [await sent(id, { clientId: anna }), await sent(id, { clientId: anna })];
    await sql(`update message set window_ends_at = clock_timestamp() where id = $1`, old.id);
    await sql(`insert into sending_stop (stopped_by) values ('test')`);
    const claim = await claimTestSends(api.database.pool, id, { limit: 1, timeoutMs: TIMEOUT_MS, leaseMs: 1_000 });
    expect(claim.messages).toEqual([]);
    await startSending();
    expect(await over(old.id)).toMatchObject({ status: 'EXPIRED', attempts: 0 });
    expect(await message(made.id)).toMatchObject({ status: 'ENQUEUED', attempts: 0 });
    await sql('update sending_stop set resumed_at = clock_timestamp()');
    expect(await over(made.id)).toMatchObject({ status: 'SENT' });
  });

  it('is left alone by the claim and the end of its campaign, is in one hand at a time, and in none once its mailing is gone', async () => {
    const id = await draft({ status: 'RUNNING' });
    const made = await sent(id, { clientId: anna });
    const { pool } = api.database;
    const options = { limit: 5, timeoutMs: TIMEOUT_MS, leaseMs: 10_000 };
    expect((await claimMessages(pool, id, options)).messages).toEqual([]);
    await sql(`update mailing set status = 'CANCELLED' where id = $1`, id);
    await settleMessages(pool, id);
    expect(await message(made.id)).toMatchObject({ status: 'ENQUEUED' });
    expect((await claimTestSends(pool, id, options)).messages).toMatchObject([{ id: made.id }]);
    expect((await claimTestSends(pool, id, options)).messages).toEqual([]);
    const { rows } = await sql('select id, fence from message where id = $1', made.id);
    const record = untried(rows[0] as ClaimedMessage, 'accepted', null);
    expect(await recordOutcomes(pool, id, [record], TIMEOUT_MS), "as one of the campaign's").toBeNull();
    await sql('update message set lease_until = null where id = $1', made.id);
    await sql('update mailing set deleted_at = clock_timestamp() where id = $1', id);
    expect((await claimTestSends(pool, id, options)).messages).toEqual([]);
  });

  it('is not sent once its client opts out or its mailing is deleted', async () => {
    const [id, gone] = [await draft(), await draft()];
    const [clientId = ''] = await insertClients(api.database.pool, 1, { phone: '79160000003' });
    const [made, other] = [await sent(id, { clientId }), await sent(gone, { clientId: anna })];
    await sql('update client set opted_out_at = clock_timestamp() where id = $1', clientId);
    await sql('update mailing set deleted_at = clock_timestamp() where id = $1', gone);
    await startSending();
    expect(await over(made.id)).toMatchObject({ status: 'CANCELLED', attempts: 1 });
    await expect
      .poll(async () => (await sql('select status from message where id = $1', other.id)).rows)
      .toEqual([{ status: 'CANCELLED' }]);
    expect([await requestsOf(made), await requestsOf(other)]).toEqual([[], []]);
  });

  it('is in no list and no count of its mailing, and stands in a list of its own', async () => {
    const id = await draft({ status: 'SCHEDULED' });
    await startSending();
    await expect
      .poll(async () => ((await counts(id)) as { status: string }).status, { timeout: 10_000 })
      .toBe('COMPLETED');
    const [first, second] = [await sent(id, { clientId: anna }), await sent(id, { phone: '79160000009' })];
    await over(first.id);
    await over(second.id);
    const LIST = 'totalCount edges { node { id isTest } }';
    const { mailing } = await api.run<{
      mailing: { messages: object; testSends: { pageInfo: { endCursor: string } }; progress: object };
    }>(
      `query ($id: ID!) { mailing(id: $id) { progress { total sent } messages { ${LIST} } testSends(first: 1) { ${LIST} pageInfo { hasNextPage endCursor } } } }`,
      { id },
    );
    const campaign = { totalCount: 1, edges: [{ node: { isTest: false } }] };
    expect(mailing.progress).toEqual({ total: 1, sent: 1 });
    expect(mailing.messages).toMatchObject(campaign);
    expect(mailing.testSends).toEqual({
      totalCount: 2,
      edges: [{ node: { id: second.id, isTest: true } }],
      pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
    });
    const next = await api.run<{ mailing: { testSends: object } }>(
      `query ($id: ID!, $after: String) { mailing(id: $id) { testSends(first: 5, after: $after) { ${LIST} pageInfo { hasNextPage } } } }`,
      { id, after: mailing.testSends.pageInfo.endCursor },
    );
    expect(next.mailing.testSends).toEqual({
      totalCount: 2,
      edges: [{ node: { id: first.id, isTest: true } }],
      pageInfo: { hasNextPage: false },
    });
  });

  it('begins another block of ids when one is full', async () => {
    const id = await draft();
    const first = await sent(id, { clientId: anna });
    await sql('update message_range set last = first + 9999 where mailing_id = $1', id);
    const second = await sent(id, { clientId: anna });
    expect(BigInt(second.id) / 10_000n).toBeGreaterThan(BigInt(first.id) / 10_000n);
    expect(await message(second.id)).toMatchObject({ id: second.id });
  });

  it('holds before the judge like any other message', async () => {
    const findings = await verify(api.database.pool, join(dir, 'ledger.jsonl'), { timeoutMs: TIMEOUT_MS });
    expect(findings.filter(({ broken }) => broken > 0)).toEqual([]);
    expect(findings.find(({ subject }) => subject === 'ids in the ledger')?.counted).toBeGreaterThan(5);
  });
});
