import 'reflect-metadata';
import { availableParallelism, cpus, loadavg } from 'node:os';
import type pg from 'pg';
import { entities } from '../src/entities.js';
import { createOrm } from '../src/platform/orm.js';
import { createPool } from '../src/platform/pool.js';
import { partitionMessages } from '../src/testing/partition-messages.js';
import { onStage } from './children.js';
import { dispatchRun } from './dispatch-run.js';

/**
 * `npm run bench -- scale [--messages 100000] [--runs 3] [--parts 16]`: what a message leaves behind in PostgreSQL, and what it takes to have the tables of
 * messages parted by mailing, turn about with one table. Exit code 1 when that makes sending much slower. The figures of docs/scale.md.
 */

/** Of the speed with one table. */
const LEAST_RATIO = 0.85;

const option = (name: string, fallback: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const messages = option('messages', 100_000);
const runs = option('runs', 3);
const parts = option('parts', 16);
const out = process.stdout;

/** Bytes a message. */
interface Bytes {
  wal: number;
  heap: number;
  indexes: number;
  changes: number;
}

interface Measured extends Bytes {
  speed: number;
}

const STORED = `
  select sum(pg_table_size(t)) filter (where n like 'message%')::float8 as heap, sum(pg_indexes_size(t)) filter (where n like 'message%')::float8 as indexes,
    sum(pg_total_relation_size(t)) filter (where n like 'mailing_change%')::float8 as changes
  from (select oid::regclass as t, relname as n from pg_class where relkind = 'r' and relname ~ '^(message|message_attempt|mailing_change)(_\\d+)?$') as one`;

async function measure(url: string, pool: pg.Pool): Promise<Measured> {
  const stored = async () => (await pool.query<Bytes>(STORED)).rows[0]!;
  const wal = async () => Number((await pool.query(`select pg_current_wal_lsn() - '0/0'::pg_lsn as at`)).rows[0].at);
  await pool.query('checkpoint');
  const [before, from] = [await stored(), await wal()];
  const { messagesPerSecond } = await dispatchRun(url, pool, messages);
  const [after, to] = [await stored(), await wal()];
  const each = (key: keyof Bytes) => (after[key] - before[key]) / messages;
  return {
    speed: messagesPerSecond,
    wal: (to - from) / messages,
    heap: each('heap'),
    indexes: each('indexes'),
    changes: each('changes'),
  };
}

const middle = (all: Measured[], key: keyof Measured) =>
  all.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(all.length / 2)]!;

/** Somebody for each message. */
async function addClients(pool: pg.Pool): Promise<void> {
  await pool.query(
    `insert into client (phone, operator_code, tags, time_zone) select (79000000000 + n)::text, '900', '{}', 'Europe/Moscow' from generate_series(1, $1) n`,
    [messages],
  );
  await pool.query('vacuum analyze client');
}

/** A second database on the same server, whose messages are parted. */
async function partedBeside(databaseUrl: string, pool: pg.Pool): Promise<string> {
  await pool.query('create database parted');
  const url = new URL(databaseUrl);
  url.pathname = '/parted';
  const orm = await createOrm({ databaseUrl: url.href, entities });
  await orm.migrator.up();
  await orm.close();
  return url.href;
}

await onStage(async ({ databaseUrl, pool }) => {
  const partedUrl = await partedBeside(databaseUrl, pool);
  const parted = createPool({ databaseUrl: partedUrl, max: 2, name: 'bench', onError: () => {} });
  await partitionMessages(parted, parts);
  for (const each of [pool, parted]) await addClients(each);
  const whole: Measured[] = [];
  const split: Measured[] = [];
  for (let run = 0; run < runs; run += 1) {
    whole.push(await measure(databaseUrl, pool));
    split.push(await measure(partedUrl, parted));
  }
  await parted.end();
  out.write(
    `${messages.toLocaleString('en')} messages, ${runs} runs turn about, Node ${process.version}, PostgreSQL 18 embedded, ` +
      `${availableParallelism()} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(2)}\n`,
  );
  out.write(`${''.padEnd(16)}    msg/s  WAL B  heap B  index B  change rows B (each a message)\n`);
  for (const [name, all] of [
    ['one table', whole],
    [`in ${parts} parts`, split],
  ] as const) {
    const cell = (key: keyof Measured, width: number) =>
      Math.round(middle(all, key)).toLocaleString('en').padStart(width);
    out.write(
      `${name.padEnd(16)}${cell('speed', 9)}${cell('wal', 7)}${cell('heap', 8)}${cell('indexes', 9)}${cell('changes', 15)}\n`,
    );
  }
  const ratio = middle(split, 'speed') / middle(whole, 'speed');
  out.write(`ratio ${ratio.toFixed(2)} (at least ${LEAST_RATIO})\n`);
  if (ratio < LEAST_RATIO) process.exitCode = 1;
});
