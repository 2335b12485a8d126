import 'reflect-metadata';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { partitionMessages } from '../src/testing/partition-messages.js';
import { addClients, onStage } from './children.js';
import { measureRemains, type Remains } from './remains.js';

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

const middle = (all: Remains[], key: keyof Remains) =>
  all.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(all.length / 2)]!;

await onStage(async ({ withClients, postgresPid }) => {
  const one = await withClients(0);
  const parted = await withClients(0);
  await partitionMessages(parted.pool, parts);
  for (const { pool } of [one, parted]) await addClients(pool, messages);
  const whole: Remains[] = [];
  const split: Remains[] = [];
  for (let run = 0; run < runs; run += 1) {
    whole.push(await measureRemains(one, { messages, postgresPid }));
    split.push(await measureRemains(parted, { messages, postgresPid }));
  }
  out.write(
    `${messages.toLocaleString('en')} messages, ${runs} runs turn about, Node ${process.version}, PostgreSQL 18 embedded, ` +
      `${availableParallelism()} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(2)}\n`,
  );
  out.write(`${''.padEnd(16)}    msg/s  WAL B  heap B  index B  change rows B (each a message)\n`);
  for (const [name, all] of [
    ['one table', whole],
    [`in ${parts} parts`, split],
  ] as const) {
    const cell = (key: keyof Remains, width: number) =>
      Math.round(middle(all, key)).toLocaleString('en').padStart(width);
    out.write(
      `${name.padEnd(16)}${cell('speed', 9)}${cell('wal', 7)}${cell('heap', 8)}${cell('indexes', 9)}${cell('changes', 15)}\n`,
    );
  }
  const ratio = middle(split, 'speed') / middle(whole, 'speed');
  out.write(`ratio ${ratio.toFixed(2)} (at least ${LEAST_RATIO})\n`);
  if (ratio < LEAST_RATIO) process.exitCode = 1;
});
