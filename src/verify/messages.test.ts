import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { eachMessage, type MessageRow } from './messages.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Enough for several pieces of what comes over the socket. */
const MESSAGES = 5_000;

describe('the messages that the judge looks at', () => {
  it('are read from bytes as a query reads them', async () => {
    await database.pool.query(
      `insert into client (id, phone, operator_code, time_zone) select n, (79000000000 + n)::text, '900', 'UTC' from generate_series(1, $1::bigint) n`,
      [MESSAGES],
    );
    // `Aa` and `BB` are alike to the table of words.
    await database.pool.query(
      `insert into message (mailing_id, id, client_id, kind, text, phone, time_zone, attributes, status, due_at, window_ends_at,
         plan, fence, uncertain, lease_until)
       select 1 + n % 3, 9007199254740991 - n, case when n % 5 > 0 then n end, case when n % 5 > 0 then 'CAMPAIGN' else 'TEST' end,
         case when n % 5 = 0 then 'Hello' end, (79000000000 + n)::text, ('{Aa,BB,Europe/Moscow,UTC}'::text[])[1 + n % 4],
         '{}', ('{OPEN,SENT,FAILED,EXPIRED,CANCELLED,UNKNOWN}'::text[])[1 + n % 6], now(), now(), 1, n, n % 7 = 0,
         case when n % 11 = 0 then now() end
       from generate_series(1, $1) n`,
      [MESSAGES],
    );
    const read: MessageRow[] = [];
    const client = await database.pool.connect();
    await eachMessage(client, (message) => read.push(message));
    client.release();
    const { rows } = await database.pool.query<MessageRow>(
      `select id::float8 as id, mailing_id::float8 as "mailingId", coalesce(client_id, 0)::float8 as "clientId", kind = 'TEST' as test,
         phone::float8 as phone, time_zone as "timeZone", status, fence, uncertain, lease_until is not null or uncertain as "inHand"
       from message`,
    );
    const byId = (a: MessageRow, b: MessageRow) => a.id - b.id;
    expect(read.sort(byId)).toEqual(rows.sort(byId));
  });
});
