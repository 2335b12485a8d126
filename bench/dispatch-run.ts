import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { ask, type BenchDatabase, start, stop } from './children.js';
import { cpuOf, cpuOfPostgres, memoryOf } from './machine.js';

/** What sending all of them came to. */
export interface Run {
  messagesPerSecond: number;
  /** µs of one core a message, of the sending processes, PostgreSQL and the sink. */
  nodeMicros: number;
  postgresMicros: number;
  sinkMicros: number;
  /** Resident memory of all sending processes at their highest, MB. */
  memory: number;
}

/** Who sends, and to what. */
export interface DispatchOptions {
  /** How many clients there are: all of them get one. */
  messages: number;
  /** Process number of the postmaster. */
  postgresPid: number;
  /** Sending processes; 1. */
  workers?: number;
  /** How long the sink takes to answer, ms; 0. */
  latencyMs?: number;
  /** Of the workers. */
  settings?: Record<string, string>;
}

const EVERYBODY = '{"operatorCodes":[],"tagsAny":[],"tagsAll":[],"timeZones":[]}';

/** Sends a mailing to everybody by workers of its own, to a sink of its own. */
export async function dispatchRun(database: BenchDatabase, options: DispatchOptions): Promise<Run> {
  const { messages, workers: count = 1, latencyMs = 0, settings = {} } = options;
  const { databaseUrl, pool } = database;
  const sink = start('sink.js', String(latencyMs));
  const { url } = await ask(sink);
  const args = [databaseUrl, url, JSON.stringify(settings)];
  const workers = Array.from({ length: count }, () => start('dispatch-process.js', ...args));
  await Promise.all(workers.map((worker) => ask(worker)));
  await pool.query('checkpoint');
  const cpu = cpuSince(workers, sink, options);
  const mailingId = await insertMailing(pool);
  const { seconds, sent } = await ended(pool, mailingId);
  const memory = workers.reduce((sum, { pid }) => sum + memoryOf(pid!).most, 0);
  const run = { messagesPerSecond: messages / seconds, ...cpu(), memory };
  const { requests } = await ask(sink, 'report');
  await Promise.all(workers.map(stop));
  sink.disconnect();
  if (sent !== messages || requests !== messages)
    throw new Error(`${requests} requests, ${sent} sent instead of ${messages}`);
  return run;
}

/** What the parts have used since, µs of one core a message, as soon as somebody asks. */
export function cpuSince(
  senders: readonly ChildProcess[],
  sink: ChildProcess,
  { messages, postgresPid }: Pick<DispatchOptions, 'messages' | 'postgresPid'>,
): () => Pick<Run, 'nodeMicros' | 'postgresMicros' | 'sinkMicros'> {
  const look = () => [
    senders.reduce((sum, { pid }) => sum + cpuOf(pid!), 0),
    cpuOfPostgres(postgresPid),
    cpuOf(sink.pid!),
  ];
  const before = look();
  return () => {
    const [nodeMicros, postgresMicros, sinkMicros] = look().map((now, at) => (now - before[at]!) / messages);
    return { nodeMicros: nodeMicros!, postgresMicros: postgresMicros!, sinkMicros: sinkMicros! };
  };
}

/** A mailing to everybody that starts now, unless it is a draft. @param rateLimit messages a second; null: none */
export async function insertMailing(
  pool: pg.Pool,
  { status = 'SCHEDULED', rateLimit = null }: { status?: 'DRAFT' | 'SCHEDULED'; rateLimit?: number | null } = {},
): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into mailing (name, text, filter, starts_at, ends_at, status, rate_limit)
     values ('bench', 'Hello', $1, clock_timestamp(), clock_timestamp() + interval '1 hour', $2, $3) returning id`,
    [EVERYBODY, status, rateLimit],
  );
  return rows[0]!.id;
}

/** Waits for the mailing's end. @returns how long it took from the beginning of the launch to the last recorded message */
export async function ended(pool: pg.Pool, mailingId: string): Promise<{ seconds: number; sent: number }> {
  for (;;) {
    const { rows } = await pool.query<{ seconds: number; sent: number }>(
      `select extract(epoch from finished_at - launched_at)::float8 as seconds, sent from mailing where id = $1 and status = 'COMPLETED'`,
      [mailingId],
    );
    if (rows[0]) return rows[0];
    await sleep(50);
  }
}

/** Removes all mailings with their messages, so that each run finds what the first found. */
export async function clearMailings(pool: pg.Pool): Promise<void> {
  await pool.query('truncate mailing, message, message_attempt, message_range, mailing_change cascade');
}
