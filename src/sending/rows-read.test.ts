import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { retryFailed, retryMessage } from '../mailing/retry-messages.js';
import { claimMessages } from '../message/claim-messages.js';
import { MessageStatus } from '../message/message.js';
import { recordOutcomes } from '../message/record-outcomes.js';
import { createPool } from '../platform/pool.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { replanChunk } from './replan.js';
import { untried } from './retry-policy.js';
import { findDueWork } from './sweep.js';

const MANY = 12_000;
/** The planner looks up a few rows itself, at the ends of indexes. */
const PLANNING = 100;
const CHUNK = 10_000;
const BY = { name: 'admin' };

let api: TestApi;
/**
 * One connection for all that is done here: what a connection has read, PostgreSQL counts up to ten seconds later, unless that
 * connection asks for it. What another had prepared would be counted in the middle of what is measured.
 */
let pool: pg.Pool;
let clients: string[];

beforeAll(async () => {
  api = await createTestApi();
  pool = createPool({ databaseUrl: api.database.url, max: 1, name: 'reader', onError: () => {} });
  // What PostgreSQL knows of the tables is what a test says, not what autovacuum has just found out.
  for (const table of ['message', 'client']) await pool.query(`alter table ${table} set (autovacuum_enabled = off)`);
  clients = await insertClients(pool, MANY);
  // Others' messages, that nobody here has any business with.
  for (let others = 0; others < 3; others += 1) await mailingOf('SENT');
});
afterAll(async () => {
  await pool.end();
  await api.close();
});

/** A running mailing with a message to everybody. */
async function mailingOf(status: string): Promise<string> {
  const id = await insertMailing(pool, { status: 'RUNNING', endsIn: '5 days' });
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
     select $1::bigint, $1::bigint * 1000000 + n, client, '79000000000', 'Europe/Moscow', '{}', $3, now(), now() + interval '1 day', 1
     from unnest($2::bigint[]) with ordinality as c (client, n)`,
    [id, clients, status],
  );
  const counted = { OPEN: 'open', SENT: 'sent', FAILED: 'failed' }[status];
  await pool.query(`update mailing set launch_completed_at = now(), total = $2, ${counted} = $2 where id = $1`, [
    id,
    MANY,
  ]);
  return id;
}

/** How many rows of messages and clients PostgreSQL took up for it, be they used or thrown away. */
async function rowsRead(work: () => Promise<unknown>, analyzed = true): Promise<{ message: number; client: number }> {
  if (analyzed) await pool.query('vacuum analyze message, client');
  const read = async () => {
    await pool.query('select pg_stat_force_next_flush()');
    const { rows } = await pool.query<{ relname: string; read: number }>(
      `select relname, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_user_tables
       where relname in ('message', 'client')`,
    );
    return Object.fromEntries(rows.map((row) => [row.relname, row.read]));
  };
  const before = await read();
  await work();
  const after = await read();
  return {
    message: (after['message'] ?? 0) - (before['message'] ?? 0),
    client: (after['client'] ?? 0) - (before['client'] ?? 0),
  };
}

const parts = () => ({
  pool,
  timeoutMs: () => 1_000,
  scheduler: { ring: async () => {} },
  bell: { ring: () => {} },
  log: { info: () => {} } as never,
});
const filter = { statuses: [MessageStatus.FAILED] as const, gatewayCodes: null, reasonContains: null, group: null };

// The first of them all: what follows lets PostgreSQL look at the tables.
it('a retry of one message reads that one also of a mailing that PostgreSQL has no statistics of', () =>
  readsOnlyTheOne(false));

it('a batch is found, claimed and recorded by its own messages, also of a mailing that PostgreSQL has no statistics of', () =>
  readsOnlyTheBatch(false));

it('a chunk of a replan reads the messages of the chunk: to find, to lock and to write them', async () => {
  const id = await mailingOf('OPEN');
  await pool.query(
    `update mailing set plan = 2, replan_cursor = 0, allowed_from = '10:00', allowed_to = '11:00' where id = $1`,
    [id],
  );
  const { message, client } = await rowsRead(() => replanChunk(pool, id, () => 1_000));
  expect(message).toBeLessThanOrEqual(3 * CHUNK + PLANNING);
  expect(client).toBeLessThanOrEqual(PLANNING);
});

it('a retry of failed messages reads those that failed, and their clients', async () => {
  const id = await mailingOf('SENT');
  await pool.query(`update message set status = 'FAILED', reason = 'HTTP 400' where mailing_id = $1 and id % 100 = 0`, [
    id,
  ]);
  await pool.query('update mailing set sent = sent - 120, failed = 120 where id = $1', [id]);
  const { message, client } = await rowsRead(() => retryFailed(parts(), id, filter, BY));
  expect(message).toBeLessThanOrEqual(4 * 120 + PLANNING);
  expect(client).toBeLessThanOrEqual(120 + PLANNING);
  expect((await pool.query('select open from mailing where id = $1', [id])).rows).toEqual([{ open: 120 }]);
});

it('a retry of very many reads each but a few times, and no client twice', async () => {
  const id = await mailingOf('FAILED');
  const { message, client } = await rowsRead(() => retryFailed(parts(), id, filter, BY));
  expect(message).toBeLessThanOrEqual(4 * MANY + 2 * PLANNING);
  expect(client).toBeLessThanOrEqual(MANY + 2 * PLANNING);
});

it('a retry of one message reads that one', () => readsOnlyTheOne(true));

it('a batch is found, claimed and recorded by its own messages', () => readsOnlyTheBatch(true));

async function readsOnlyTheBatch(analyzed: boolean): Promise<void> {
  const id = await mailingOf('OPEN');
  const limit = 500;
  const swept = await rowsRead(async () => {
    expect(await findDueWork(pool)).toContainEqual({ mailingId: id, job: 'mailing.dispatch' });
  }, analyzed);
  expect(swept.message, 'by the sweep').toBeLessThanOrEqual(PLANNING);
  const claimed = await rowsRead(async () => {
    const { messages } = await claimMessages(pool, id, { limit, timeoutMs: 1_000, leaseMs: 60_000 });
    expect(messages).toHaveLength(limit);
  }, analyzed);
  // To find, to lock and to write them; their clients, to see who opted out.
  expect(claimed.message).toBeLessThanOrEqual(3 * limit + PLANNING);
  expect(claimed.client).toBeLessThanOrEqual(limit + PLANNING);
  const { rows } = await pool.query<{ id: string; fence: number }>(
    `select id, fence from message where mailing_id = $1 and lease_until is not null`,
    [id],
  );
  const records = rows.map((row) => ({ ...untried(row as never, 'accepted', null), startedAt: 1, endedAt: 2 }));
  const recorded = await rowsRead(() => recordOutcomes(pool, id, records, 1_000), analyzed);
  expect(recorded.message).toBeLessThanOrEqual(3 * limit + PLANNING);
  expect((await pool.query('select sent from mailing where id = $1', [id])).rows).toEqual([{ sent: limit }]);
}

async function readsOnlyTheOne(analyzed: boolean): Promise<void> {
  const id = await mailingOf('FAILED');
  const messageId = String(BigInt(id) * 1_000_000n + 5n);
  await pool.query(`insert into message_range (first, last, mailing_id) values ($1::bigint, $1::bigint + 9999, $2)`, [
    String(BigInt(id) * 1_000_000n),
    id,
  ]);
  const { message, client } = await rowsRead(() => retryMessage(parts(), api.orm.em.fork(), messageId, BY), analyzed);
  expect(message).toBeLessThanOrEqual(10 + PLANNING);
  expect(client).toBeLessThanOrEqual(1 + PLANNING);
}
