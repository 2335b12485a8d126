import 'reflect-metadata';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { ClaimedMessage } from '../src/message/claim-messages.js';
import type { OutcomeRecord } from '../src/message/record-outcomes.js';
import { AppLog } from '../src/platform/app-log.js';
import { createLogs } from '../src/platform/log.js';
import { MessageLog } from '../src/sending/message-log.js';
import { addClients, ask, onStage, start, stop } from './children.js';
import { cpuOf } from './machine.js';

/**
 * `npm run bench -- log [--messages 100000] [--runs 3]`: what app.log costs, with its two lines a message. A worker with it and
 * one without, turn about, in one run.
 */
const option = (name: string, fallback: number) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const messages = option('messages', 100_000);
const runs = option('runs', 3);

interface Run {
  perSecond: number;
  /** µs of one core a message. */
  micros: number;
}

async function run(databaseUrl: string, pool: pg.Pool, appLog: string): Promise<Run> {
  const sink = start('sink.js');
  const { url } = await ask(sink);
  const worker = start('dispatch-process.js', databaseUrl, url, JSON.stringify({ APP_LOG: appLog }));
  await ask(worker);
  const before = cpuOf(worker.pid!);
  const { rows } = await pool.query<{ id: string }>(
    `insert into mailing (name, text, filter, starts_at, ends_at, status)
     values ('bench', 'Hello', '{"operatorCodes":[],"tagsAny":[],"tagsAll":[],"timeZones":[]}', clock_timestamp(), clock_timestamp() + interval '1 hour', 'SCHEDULED') returning id`,
  );
  for (;;) {
    const { rows: done } = await pool.query<{ seconds: number }>(
      `select extract(epoch from finished_at - launched_at)::float8 as seconds from mailing where id = $1 and status = 'COMPLETED'`,
      [rows[0]!.id],
    );
    if (done[0]) {
      const cpu = cpuOf(worker.pid!) - before;
      await stop(worker);
      sink.disconnect();
      return { perSecond: messages / done[0].seconds, micros: cpu / messages };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The lines alone, in this process, with nothing sent: µs of one core a message. It holds on a busy machine too. */
async function linesAlone(path: string | null): Promise<number> {
  const file =
    path === null ? null : new AppLog({ path, maxBytes: 2 ** 30, files: 1, about: { pid: 1, role: 'worker' } });
  const { log, lines } = createLogs({
    level: 'warn',
    pretty: false,
    ...(file && { file: { stream: file, level: 'debug' } }),
  });
  const messageLog = new MessageLog({ log, lines });
  const record = { kind: 'accepted', gatewayCode: 200, reason: null, delayMs: 0 } as OutcomeRecord;
  const before = process.cpuUsage();
  for (let id = 1; id <= messages; id += 1) {
    const batch = messageLog.batch('7', 'gateway');
    const message = { id: String(id), fence: 1, clientId: String(id) } as ClaimedMessage;
    batch.asked(message);
    batch.answered(message, record, 12.3);
    if (id % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await file?.close();
  messageLog.close();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / messages;
}

const out = process.stdout;
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const alone: number[] = [];
const folder = await mkdtemp(join(tmpdir(), 'heliograph-bench-log-'));
for (let turn = 0; turn < runs; turn += 1) {
  alone.push((await linesAlone(join(folder, 'app.log'))) - (await linesAlone(null)));
}
await rm(folder, { recursive: true });
out.write(`the lines alone, without sending: ${median(alone).toFixed(1)} µs of one core a message\n`);

await onStage(async ({ databaseUrl, pool, dir }) => {
  await addClients(pool, messages);
  const file = join(dir, 'log', 'app.log');
  const [without, withLog]: [Run[], Run[]] = [[], []];
  for (let turn = 0; turn < runs; turn += 1) {
    without.push(await run(databaseUrl, pool, 'off'));
    withLog.push(await run(databaseUrl, pool, file));
    const speed = (all: Run[]) => `${Math.round(all.at(-1)!.perSecond).toLocaleString('en')}/s`;
    out.write(`  run ${turn + 1}: without ${speed(without)}, with ${speed(withLog)}\n`);
  }
  const files = readdirSync(join(dir, 'log')).map((name) => join(dir, 'log', name));
  const bytes = files.reduce((sum, each) => sum + statSync(each).size, 0);
  const lines = files.reduce((sum, each) => sum + readFileSync(each, 'latin1').split('"msg":"gateway ').length - 1, 0);
  const [slow, fast] = [median(withLog.map((r) => r.perSecond)), median(without.map((r) => r.perSecond))];
  const cost = median(withLog.map((r) => r.micros)) - median(without.map((r) => r.micros));
  out.write(
    `lines about requests and answers: ${lines} (${2 * messages * runs} expected), ${Math.round(bytes / messages / runs)} bytes a message\n`,
  );
  out.write(
    `medians: ${Math.round(fast)}/s without, ${Math.round(slow)}/s with: ${((1 - slow / fast) * 100).toFixed(1)} % slower, ${cost.toFixed(1)} µs of one core a message\n`,
  );
  if (lines !== 2 * messages * runs) process.exitCode = 1;
});
