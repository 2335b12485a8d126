import type { PostgreSqlConnection } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ClientOrder } from '../client/list-clients.js';
import { LiveMailing } from '../live/live-mailing.js';
import { MessageStatus } from '../message/message.js';
import { StatisticsGroupBy } from '../report/group-messages.js';
import { Tallies } from '../report/tallies.js';
import { createTestApi, type TestApi } from './api.js';
import { insertClients, insertMailing } from './rows.js';

/** Enough for the planner to look for rows where it could as well read all. */
const MANY = 20_000;
/** Tables that grow with what is sent and to whom. */
const GROWING = ['client', 'message', 'message_attempt', 'mailing_change'];

/** A statement as it was sent to the database. */
interface Sent {
  text: string;
  values: unknown[];
  /** It is planned once for whatever its values are (platform/pool.ts). */
  isGeneric: boolean;
}

let api: TestApi;
let mailingId: string;
let clientId: string;

beforeAll(async () => {
  api = await createTestApi();
  const { pool } = api.database;
  for (const table of GROWING) await pool.query(`alter table ${table} set (autovacuum_enabled = off)`);
  const clients = await insertClients(pool, MANY);
  clientId = clients[7]!;
  for (let other = 0; other < 2; other += 1) mailingId = await mailingOf(clients);
  await pool.query('vacuum analyze');
  await new Tallies(pool, { warn: () => {} }).refresh();
}, 60_000);
afterAll(() => api.close());

/** A running mailing of which 96 in a hundred were sent, and a change row for each. Gives its id. */
async function mailingOf(clients: readonly string[]): Promise<string> {
  const { pool } = api.database;
  const id = await insertMailing(pool, { status: 'RUNNING' });
  await pool.query(
    `insert into message (mailing_id, id, client_id, phone, time_zone, attributes, status, due_at, window_ends_at, plan, sent_at)
     select $1::bigint, $1::bigint * 1000000 + n, client, '79000000000', 'Europe/Moscow', '{}',
       coalesce((array['FAILED', 'UNKNOWN', 'OPEN', 'EXPIRED'])[n % 100 + 1], 'SENT'), now() + n * interval '1 ms', now() + interval '1 day', 1,
       case when n % 100 > 3 then now() end
     from unnest($2::bigint[]) with ordinality as c (client, n)`,
    [id, clients],
  );
  await pool.query(
    `insert into mailing_change (mailing_id, version, finished, message_ids, statuses)
     select $1, n, 1, array[$1::bigint * 1000000 + n], '{SENT}' from generate_series(1, $2) n`,
    [id, MANY],
  );
  await pool.query(
    `update mailing set launched_at = now(), launch_completed_at = now(), version = ${MANY}, total = ${MANY},
       open = ${MANY / 100}, sent = ${(MANY / 100) * 96}, failed = ${MANY / 100}, unknown = ${MANY / 100}, expired = ${MANY / 100}
     where id = $1`,
    [id],
  );
  return id;
}

/** What is sent to the database meanwhile, by the ORM, which has a driver of its own, as well as by our pools. */
async function sentBy(work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const ofOrm = await (api.orm.em.getConnection() as PostgreSqlConnection).getNativeClient();
  const spies = await Promise.all([ofOrm, api.database.pool].map((pool) => spyOn(pool as pg.Pool, sent)));
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return sent.filter(({ text }) => /^\s*(with|select)\b/i.test(text) && GROWING.some((table) => text.includes(table)));
}

async function spyOn(pool: pg.Pool, sent: Sent[]) {
  const connection = await pool.connect();
  connection.release();
  const driver = Object.getPrototypeOf(connection) as { query(...args: unknown[]): unknown };
  const { query } = driver;
  return vi.spyOn(driver, 'query').mockImplementation(function (this: unknown, ...args: unknown[]) {
    const [given, values] = args as [string | { text: string; values?: unknown[] }, unknown];
    const { options } = (this as { connectionParameters: { options?: string } }).connectionParameters;
    sent.push({
      text: typeof given === 'string' ? given : given.text,
      values: (typeof given === 'string' ? undefined : given.values) ?? (Array.isArray(values) ? values : []),
      isGeneric: options?.includes('force_generic_plan') ?? false,
    });
    return Reflect.apply(query, this, args);
  });
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: PlanNode[];
}

/** The growing tables that a statement reads as a whole. */
async function readWhole({ text, values, isGeneric }: Sent): Promise<string[]> {
  const plain = isGeneric && values.length > 0;
  const { rows } = await api.database.pool.query(
    `explain (format json${plain ? ', generic_plan' : ''}) ${text}`,
    plain ? [] : values,
  );
  const found = (node: PlanNode): string[] => [
    ...(node['Node Type'] === 'Seq Scan' && GROWING.includes(node['Relation Name']!) ? [node['Relation Name']!] : []),
    ...(node.Plans ?? []).flatMap(found),
  ];
  return found(rows[0]['QUERY PLAN'][0].Plan);
}

const edges = (inner: string) => `{ edges { cursor node { ${inner} } } pageInfo { hasNextPage endCursor } }`;
const ROW = edges('id status phone dueAt sentAt reason mailing { id name } client { id tags }');
const variablesOf = (query: string) => ({
  ...(query.includes('$mailing') && { mailing: mailingId }),
  ...(query.includes('$client') && { client: clientId }),
});
const ask = (query: string) => [query.slice(0, 110), (a: TestApi) => a.run(query, variablesOf(query))] as const;

it.each([
  ...Object.values(ClientOrder).map((order) =>
    ask(`{ clients(first: 50, orderBy: ${order}) ${edges('id phone tags timeZone optedOutAt')} }`),
  ),
  ask(`{ clients(first: 50, skip: 500) ${edges('id phone')} }`),
  ...[...Object.values(MessageStatus), `FAILED, UNKNOWN`].map((status) =>
    ask(
      `query ($mailing: ID!) { mailing(id: $mailing) { messages(first: 50, filter: { statuses: [${status}] }) ${ROW} } }`,
    ),
  ),
  ask(`{ messages(first: 50, orderBy: OLDEST) ${ROW} }`),
  ask(`{ messages(first: 50) ${ROW} }`),
  ask(`{ messages(first: 50, orderBy: DUE, filter: { statuses: [ENQUEUED, DELAYED] }) ${ROW} }`),
  ask(`{ messages(first: 50, filter: { statuses: [FAILED] }) ${ROW} }`),
  ask(
    'query ($mailing: ID!) { mailing(id: $mailing) { id name progress { total sent delayed enqueued sending ratePerSecond eta } waiting { reason } } }',
  ),
  ask(`{ mailings(first: 20) ${edges('id name status progress { total sent ratePerSecond }')} }`),
  ask(
    `query ($client: ID!) { client(id: $client) { id phone events ${edges('id kind')} messages ${edges('id status')} } }`,
  ),
  ask(
    '{ statistics { mailingCount messages { total sent failed } mailings { edges { node { messages { total } } } } } }',
  ),
  ...Object.values(StatisticsGroupBy).map((by) =>
    ask(`{ statistics(groupBy: ${by}) { groups { key messages { total } } } }`),
  ),
  [
    'the changes that a subscriber of a mailing has missed',
    (a: TestApi) => new LiveMailing(mailingId, a.database.pool, { warn: () => {} } as never).rowsAfter(MANY / 2),
  ] as const,
])('no page reads the whole of a table that grows: %s', async (_what, page) => {
  const sent = await sentBy(() => page(api));
  const whole = await Promise.all(sent.map(async (each) => ({ tables: await readWhole(each), text: each.text })));
  expect(whole.filter(({ tables }) => tables.length > 0)).toEqual([]);
});

it('finds a statement that does, be it of the ORM or of our own pools', async () => {
  const { orm, database } = api;
  const sent = await sentBy(async () => {
    await orm.em.fork().execute(`select count(*) from client where phone like '%31415'`);
    await database.pool.query('select count(*) from message where attributes = $1', [{}]);
  });
  expect(await Promise.all(sent.map(readWhole))).toEqual([['client'], ['message']]);
});
