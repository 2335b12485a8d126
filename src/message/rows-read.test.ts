import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN } from '../access/actor.js';
import { parseClientFilter } from '../client/client-filter.js';
import { LOOKED_AT, listClients } from '../client/list-clients.js';
import type { Keyset } from '../graphql/connection.js';
import { TimeZones } from '../graphql/time-zones.js';
import { createTestApi, type TestApi } from '../testing/api.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { LEASES_AMONG, listMessages, orderOf } from './list-messages.js';
import { MessageStatus } from './message.js';

const FIRST = { first: 20, after: null };
const MANY = 10_000;
/** The planner looks up a few rows itself, at the ends of indexes. */
const PLANNING = 100;

let api: TestApi;
let clients: string[];

beforeAll(async () => {
  api = await createTestApi();
  clients = await insertClients(api.database.pool, LEASES_AMONG + 5_000);
});
afterAll(() => api.close());

/** A mailing with a message of that status to each of the first `count` clients. Gives its id. */
async function mailingOf(count: number, status: string): Promise<string> {
  const { pool } = api.database;
  const mailingId = await insertMailing(pool, { status: 'RUNNING' });
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan)
     select $1::bigint, $1::bigint * 1000000 + n, client, '79000000000', 'Europe/Moscow', '{}', $3, now() - interval '1 h' + n * interval '1 ms',
       now() + interval '1 day', 1
     from unnest($2::bigint[]) with ordinality as c (client, n)`,
    [mailingId, clients.slice(0, count), status],
  );
  return mailingId;
}

/** What the work gives, and how many rows of a table PostgreSQL took up for it, be they shown or thrown away. */
async function rowsRead<T>(table: string, work: (em: TestApi['orm']['em']) => Promise<T>) {
  await api.database.pool.query(`vacuum analyze ${table}`);
  return await api.orm.em.fork().transactional(async (tx) => {
    // What a connection counts in a transaction begins with what it has not yet reported of earlier ones.
    const read = async () => {
      const [row] = await tx.execute<{ read: number }[]>(
        'select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_xact_user_tables where relname = ?',
        [table],
      );
      return row?.read ?? 0;
    };
    const before = await read();
    const result = await work(tx as TestApi['orm']['em']);
    const after = await read();
    expect(after, 'rows that were counted').toBeGreaterThan(before);
    return { result, read: after - before };
  });
}

async function page(em: TestApi['orm']['em'], mailingId: string, statuses: MessageStatus[], keyset: Keyset = FIRST) {
  const wanted = { filter: { statuses }, keyset, order: orderOf({ statuses }, null) };
  const [list] = await listMessages(em, { owner: 'mailings', ids: [mailingId] }, wanted);
  return list?.rows.map(({ row }) => row) ?? [];
}

describe('a page of 20 reads no more rows than it needs', () => {
  const set = async (mailingId: string, at: number, assignments: string) => {
    const sql = `update message set ${assignments} where mailing_id = $1::bigint and id = $1::bigint * 1000000 + $2`;
    await api.database.pool.query(sql, [mailingId, at]);
  };

  it.each(['SENT', 'CANCELLED'])('of one failed message among ten thousand that are %s', async (others) => {
    const mailingId = await mailingOf(MANY, others);
    await set(mailingId, 1, `status = 'FAILED'`);
    const { result, read } = await rowsRead('message', (em) => page(em, mailingId, [MessageStatus.FAILED]));
    expect(result.map(({ shownStatus }) => shownStatus)).toEqual(['FAILED']);
    expect(read).toBeLessThanOrEqual(2 + PLANNING);
  });

  it('of several statuses, newest first, page by page, when neither is at the newer end', async () => {
    const mailingId = await mailingOf(MANY, 'SENT');
    const firstId = BigInt(mailingId) * 1_000_000n;
    const half = MANY / 2;
    await api.database.pool.query(`update message set status = 'FAILED' where mailing_id = $1 and id <= $2`, [
      mailingId,
      String(firstId + BigInt(half)),
    ]);
    await set(mailingId, 3, `status = 'UNKNOWN'`);
    const statuses = [MessageStatus.FAILED, MessageStatus.UNKNOWN];
    const { result, read } = await rowsRead('message', (em) => page(em, mailingId, statuses));
    const newest = firstId + BigInt(half);
    expect(result.map(({ id }) => id)).toEqual(Array.from({ length: 21 }, (_, at) => String(newest - BigInt(at))));
    expect(read).toBeLessThanOrEqual(21 * 3 + PLANNING);
    const last = await rowsRead('message', (em) =>
      page(em, mailingId, statuses, { first: 20, after: [String(firstId + 5n)] }),
    );
    expect(last.result.map((message) => message.shownStatus)).toEqual(['FAILED', 'UNKNOWN', 'FAILED', 'FAILED']);
  });

  it('of those being sent: it looks among the earliest due', async () => {
    const mailingId = await mailingOf(clients.length, 'OPEN');
    await set(mailingId, 7, `lease_until = now() + interval '1 h'`);
    const { result, read } = await rowsRead('message', (em) => page(em, mailingId, [MessageStatus.SENDING]));
    expect(result.map(({ id }) => id)).toEqual([String(BigInt(mailingId) * 1_000_000n + 7n)]);
    expect(read).toBeLessThanOrEqual(LEASES_AMONG + 2 + PLANNING);
  });

  it.each([
    ['of a rare time zone', { timeZones: ['Asia/Omsk'] }, `time_zone = 'Asia/Omsk'`],
    ['of a rare tag', { tagsAll: ['rare'] }, `tags = '{rare}'`],
    ['of the end of a phone', { phoneContains: '31-41-5' }, `phone = '79009931415'`],
    ['of clients that opted out', { optedOut: true }, 'opted_out_at = now()'],
  ])('%s', async (_, input, assignment) => {
    const { pool } = api.database;
    await pool.query(`update client set ${assignment} where id = $1`, [clients[0]]);
    const filter = parseClientFilter(input, await new TimeZones(pool).load(), ADMIN);
    const { result, read } = await rowsRead('client', (em) => listClients(em, filter, FIRST));
    expect(result.map(({ id }) => id)).toEqual([clients[0]]);
    // Among the newest first, then by its index, then the client itself.
    expect(read).toBeLessThanOrEqual(LOOKED_AT + 2 + PLANNING);
  });
});
