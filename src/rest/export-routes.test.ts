import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { findJob } from '../bulk/client-jobs.js';
import { importClients } from '../bulk/import-clients.js';
import { exportClients } from '../client/export-clients.js';
import { csvLine } from '../platform/csv.js';
import { signedIn } from '../testing/credentials.js';
import { rest } from '../testing/rest.js';
import { insertClients, insertMailing } from '../testing/rows.js';
import { ADMIN_TOKEN, type RunningApi, send, startApi } from '../testing/running-api.js';

const ADMIN = { authorization: `Bearer ${ADMIN_TOKEN}` };
let running: RunningApi;
beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());
beforeEach(() => running.database.pool.query('truncate client, client_job restart identity cascade'));

it('writes what no spreadsheet takes for a formula, and leaves a phone and numbers as they are', () => {
  const cells = [
    '=1+1',
    '+7 916',
    '+79161234567',
    '-a',
    '@x',
    '\tx',
    '\rx',
    "'=x",
    '79161234567',
    -5,
    true,
    null,
    'a"b',
    'a,b',
    'a;b',
    ' a ',
  ];
  expect(csvLine(cells, ',')).toBe(
    `'=1+1,'+7 916,+79161234567,'-a,'@x,'\tx,"'\rx",''=x,79161234567,-5,true,,"a""b","a,b",a;b," a "\r\n`,
  );
});

it('gives all clients of a filter, each attribute in a column, and what it gives can be imported again unchanged', async () => {
  const { pool } = running.database;
  const attributes = {
    name: 'Анна "A" Ёлкина',
    formula: '=cmd|x',
    city: 'Омск, Тверь',
    lines: 'a\r\nb',
    guarded: "'=x",
    age: 5,
    debtor: false,
  };
  await insertClients(pool, 3, { tags: ['vip', '-x', 'a;b|\\', '\\c'], attributes });
  await insertClients(pool, 2, { tags: ['other'], timeZone: 'Asia/Omsk', attributes: { note: '+79161234567' } });
  const some = await rest(running, 'GET', 'clients.csv?tagsAny=vip');
  expect(some.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const [header, first] = some.text.split('\r\n');
  expect(header).toBe(
    'id,phone,operator_code,tags,time_zone,opted_out_at,created_at,updated_at,age,city,debtor,formula,guarded,lines,name',
  );
  expect(first).toMatch(/^3,79000000002,900,vip;-x;a\\;b\\|\\\\;\\\\c,Europe\/Moscow,,2/);
  const all = await fetch(`${running.url}/api/v1/clients.csv?bom=true&delimiter=semicolon`, { headers: ADMIN });
  const file = Buffer.from(await all.arrayBuffer());
  expect(file.toString().startsWith('\uFEFFid;phone;')).toBe(true);
  const shown = 'select phone, operator_code, tags, time_zone, attributes from client order by phone';
  const before = (await pool.query(shown)).rows;
  const { jobId } = await importClients(pool, Readable.from([file]));
  expect(await findJob(pool, jobId)).toMatchObject({ unchanged: 5, failed: 0 });
  expect((await pool.query(shown)).rows).toEqual(before);
  await pool.query('truncate client cascade');
  expect(await importClients(pool, Readable.from([file]))).toMatchObject({ imported: 5, failed: 0 });
  // Of those who are gone nothing tells that these were no texts.
  const asText = before.map(({ attributes: { age, debtor, ...texts }, ...client }) => {
    return { ...client, attributes: { ...texts, ...(age && { age: '5', debtor: 'false' }) } };
  });
  expect((await pool.query(shown)).rows).toEqual(asText);
});

it('leaves a cell empty where a client lacks the attribute, though its name is one that every object has', async () => {
  const { pool } = running.database;
  await insertClients(pool, 1, { attributes: { constructor: 'Acme' } });
  await insertClients(pool, 1);
  const { text } = await rest(running, 'GET', 'clients.csv');
  const cells = text.split('\r\n').map((line) => line.split(',').at(-1));
  expect(cells).toEqual(['constructor', '', 'Acme', '']);
});

it('gives an attribute that has the name of another column one that can be imported again', async () => {
  const { pool } = running.database;
  await insertClients(pool, 1, { attributes: { tag: 'a', time_zone: 'b', id: 'c', Tags: 'd', city: 'e' } });
  const { text } = await rest(running, 'GET', 'clients.csv');
  expect(text.split('\r\n')[0]).toMatch(/attributes.Tags,city,attributes.id,attributes.tag,attributes.time_zone$/);
  const { rows: before } = await pool.query('select tags, time_zone, attributes from client');
  await pool.query('truncate client cascade');
  expect(await importClients(pool, Readable.from([Buffer.from(text)]))).toMatchObject({ imported: 1, failed: 0 });
  expect((await pool.query('select tags, time_zone, attributes from client')).rows).toEqual(before);
});

it('masks phones wherever they stand for those who may not see them', async () => {
  await insertClients(running.database.pool, 1, {
    tags: ['79161234567'],
    attributes: { note: 'ring 8 (916) 123-45-67' },
  });
  const signal = new AbortController().signal;
  const { rows } = await exportClients(running.database.pool, {}, { isMasked: true, signal });
  const [row] = (await rows.next()).value ?? [];
  expect(JSON.stringify(row)).toContain('79*****0000');
  expect(JSON.stringify(row)).not.toMatch(/1234567|123-45-67|79000000000/);
  await rows.return();
  const { headers } = await signedIn(running, 'viewer');
  const { status, text } = await send(`${running.url}/api/v1/clients.csv`, { headers });
  expect([status, text]).toEqual([200, expect.stringContaining(',79*****0000,')]);
  expect(text).not.toMatch(/1234567|123-45-67|79000000000/);
});

it('gives all messages of a mailing with the statuses that are shown', async () => {
  const { pool } = running.database;
  const mailing = await insertMailing(pool);
  const clients = await insertClients(pool, 3);
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan, reason)
     select $1, 1000000 + c.id, c.id, c.phone, c.time_zone, '{}', case c.id when $2 then 'FAILED' else 'OPEN' end,
       case c.id when $3 then clock_timestamp() + interval '1 hour' else clock_timestamp() end, 'infinity', 1, '=no'
     from client c`,
    [mailing, clients[0], clients[1]],
  );
  const all = await rest(running, 'GET', `mailings/${mailing}/messages.csv`);
  const statuses = all.text
    .split('\r\n')
    .slice(1, -1)
    .map((line) => [line.split(',')[1], line.split(',')[4], line.split(',').at(-1)]);
  expect(statuses).toEqual([
    [clients[2], 'ENQUEUED', "'=no"],
    [clients[1], 'DELAYED', "'=no"],
    [clients[0], 'FAILED', "'=no"],
  ]);
  const failed = await rest(running, 'GET', `mailings/${mailing}/messages.csv?statuses=FAILED`);
  expect(failed.text.split('\r\n')).toHaveLength(3);
  expect((await rest(running, 'GET', 'mailings/999/messages.csv')).status).toBe(404);
  expect((await rest(running, 'GET', `mailings/${mailing}/messages.csv?statuses=LOST`)).status).toBe(400);
});

it('ends the query of a reader who goes away', async () => {
  const { pool } = running.database;
  await insertClients(pool, 6_000, { attributes: { text: 'x'.repeat(8_000) } });
  const reading = new AbortController();
  const { body } = await fetch(`${running.url}/api/v1/clients.csv`, {
    headers: ADMIN,
    signal: reading.signal,
  });
  await body!.getReader().read();
  const going = async () =>
    (
      await pool.query(
        `select from pg_stat_activity where datname = current_database() and application_name = 'heliograph files' and state <> 'idle'`,
      )
    ).rowCount;
  // The header is sent before the query begins.
  await expect.poll(going).toBe(1);
  reading.abort();
  await expect.poll(going).toBe(0);
});
