import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntityManager } from '@mikro-orm/postgresql';
import { ClientFacets } from '../src/client/client-facets.js';
import { ClientOrder, countClients, listClients } from '../src/client/list-clients.js';
import { startEmbeddedPostgres } from '../src/embedded/embedded-postgres.js';
import { entities } from '../src/entities.js';
import { countAllMessages, listAllMessages } from '../src/message/all-messages.js';
import { countMessages, listMessages, MessageOrder } from '../src/message/list-messages.js';
import { MessageStatus } from '../src/message/message.js';
import { parseMessageFilter } from '../src/message/message-filter.js';
import { createOrm } from '../src/platform/orm.js';
import { createPool } from '../src/platform/pool.js';
import { groupMessages, StatisticsGroupBy } from '../src/report/group-messages.js';
import { Tallies } from '../src/report/tallies.js';
import { insertLists } from './lists-data.js';

/**
 * `npm run bench -- lists [--clients 1000000] [--messages 1000000] [--runs 5]`: what pages, counts, facets and statistics
 * cost. Exit code 1 when the median of one is over what it may take.
 */
const option = (name: string, fallback: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const clients = option('clients', 1_000_000);
const messages = option('messages', 1_000_000);
const runs = option('runs', 5);

/** ms. */
const MOST = { page: 50, count: 1_000 };
const out = process.stdout;
let isSlow = false;

const dir = await mkdtemp(join(tmpdir(), 'heliograph-bench-'));
const postgres = await startEmbeddedPostgres({ dir });
const orm = await createOrm({ databaseUrl: postgres.url, entities });
const pool = createPool({ databaseUrl: postgres.url, max: 4, name: 'bench', onError: () => {} });

async function time(
  kind: keyof typeof MOST,
  name: string,
  work: (em: EntityManager) => Promise<unknown>,
): Promise<void> {
  const took: number[] = [];
  let given: unknown;
  for (let run = 0; run < runs; run += 1) {
    const begun = performance.now();
    given = await work(orm.em.fork() as EntityManager);
    took.push(performance.now() - begun);
  }
  took.sort((a, b) => a - b);
  const [least, median] = [took[0]!, took[Math.floor(runs / 2)]!];
  if (median > MOST[kind]) isSlow = true;
  const shown = typeof given === 'number' ? given : Array.isArray(given) ? `${given.length} rows` : '';
  out.write(
    `${kind.padEnd(6)} ${name.padEnd(64)} ${median.toFixed(1).padStart(8)} ms, least ${least.toFixed(1).padStart(7)} ${median > MOST[kind] ? 'SLOW' : '    '} ${shown}\n`,
  );
}

const FIRST = { first: 20, after: null };

async function timeClients(): Promise<void> {
  const filters = {
    everybody: {},
    'the end of a phone': { phoneContains: '4567' },
    'seven digits of a phone': { phoneContains: '1234567' },
    'one operator': { operatorCodes: ['912'] },
    'ten operators': { operatorCodes: ['912', '913', '914', '915', '916', '917', '918', '919', '920', '921'] },
    'a tag of 2 %': { tagsAny: ['group 3'] },
    'a tag that only the oldest fifth has': { tagsAny: ['first import'] },
    'a tag of ten clients': { tagsAll: ['rare'] },
    'two tags together': { tagsAll: ['vip', 'group 10'] },
    'a time zone': { timeZones: ['Asia/Omsk'] },
    'those who opted out': { optedOut: true },
    'operator, tag and zone': { operatorCodes: ['912'], tagsAny: ['vip'], timeZones: ['Asia/Omsk'] },
  };
  for (const [name, filter] of Object.entries(filters)) {
    for (const order of Object.values(ClientOrder)) {
      await time('page', `clients, ${name}, ${order}`, (em) => listClients(em, filter, FIRST, order));
    }
    await time('count', `clients, ${name}`, (em) => countClients(em, filter));
  }
  await time('page', 'clients, everybody, in the middle', (em) =>
    listClients(em, {}, { first: 100, after: [String(clients / 2)] }),
  );
  const facets = ['operatorCodes', 'tags', 'timeZones'] as const;
  for (const facet of facets) await time('count', `facets, ${facet}`, (em) => new ClientFacets(em, {})[facet]());
}

async function timeMessages(): Promise<void> {
  const day = 86_400_000;
  const filters = {
    all: {},
    failed: { statuses: [MessageStatus.FAILED] },
    sent: { statuses: [MessageStatus.SENT] },
    delayed: { statuses: [MessageStatus.ENQUEUED, MessageStatus.DELAYED] },
    'to one client': { clientId: '77' },
    'to one phone': { phone: String(79_000_000_000 + 77 * 7_368_787) },
    'a gateway code': { gatewayCodes: [400] },
    'a reason': { reasonContains: 'such number 1' },
    'a reason that none has': { reasonContains: 'nobody has this' },
    'failed for a reason that none has': { statuses: [MessageStatus.FAILED], reasonContains: 'nobody has this' },
    'sent in a minute': {
      sentAt: { from: new Date(Date.now() - 0.8 * day), to: new Date(Date.now() - 0.8 * day + 60_000) },
    },
    'made before any was': { createdAt: { to: new Date(Date.now() - 9 * day) } },
  };
  for (const [name, given] of Object.entries(filters)) {
    const filter = parseMessageFilter(given);
    const page = { filter, keyset: FIRST, order: MessageOrder.NEWEST };
    await time('page', `messages of all mailings, ${name}`, async (em) => (await listAllMessages(em, page)).rows);
    await time('count', `messages of all mailings, ${name}`, (em) => countAllMessages(em, filter));
    const owner = { owner: 'mailings', ids: ['1'] } as const;
    await time('page', `messages of a mailing, ${name}`, async (em) => (await listMessages(em, owner, page))[0]?.rows);
    await time('count', `messages of a mailing, ${name}`, async (em) => (await countMessages(em, owner, filter))[0]);
  }
  const ofClients = { owner: 'clients', ids: Array.from({ length: 20 }, (_, at) => String(at * 1_000 + 1)) } as const;
  const page = { filter: {}, keyset: FIRST, order: MessageOrder.NEWEST };
  await time('page', 'messages of twenty clients each', (em) => listMessages(em, ofClients, page));
}

async function timeStatistics(): Promise<void> {
  const begun = performance.now();
  const tallies = new Tallies(pool, { warn: (...said: unknown[]) => out.write(`${JSON.stringify(said)}\n`) });
  for (let left = 1; left > 0; ) {
    await tallies.refresh();
    const { rows } = await pool.query<{ left: number }>(
      'select count(*)::int as left from mailing where not exists (select from mailing_tally where mailing_id = mailing.id)',
    );
    left = rows[0]!.left;
  }
  const { rows } = await pool.query('select count(*)::int as kept from mailing_tally_count');
  out.write(`counted for statistics in ${((performance.now() - begun) / 1_000).toFixed(1)} s: ${rows[0].kept} rows\n`);
  for (const groupBy of Object.values(StatisticsGroupBy)) {
    await time('count', `statistics by ${groupBy}`, () => groupMessages(pool, {}, groupBy, null));
  }
  const hour = { from: new Date(Date.now() - 20 * 3_600_000), to: new Date(Date.now() - 19 * 3_600_000) };
  await time('count', 'statistics of an hour by TAG', () => groupMessages(pool, hour, StatisticsGroupBy.TAG, null));
}

try {
  await orm.migrator.up();
  const begun = performance.now();
  // Half of the messages belong to one mailing, the rest to ten others.
  await insertLists(pool, clients, [messages / 2, ...Array(10).fill(messages / 20)].map(Math.round));
  out.write(
    `${clients.toLocaleString('en')} clients, ${messages.toLocaleString('en')} messages in 11 mailings, made in ${((performance.now() - begun) / 1_000).toFixed(0)} s; ` +
      `Node ${process.version}, PostgreSQL 18 embedded, ${availableParallelism()} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(2)}\n`,
  );
  await timeClients();
  await timeMessages();
  await timeStatistics();
  if (isSlow) process.exitCode = 1;
} finally {
  await pool.end();
  await orm.close();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}
