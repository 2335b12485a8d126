import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { startEmbeddedPostgres } from '../src/embedded/embedded-postgres.js';
import { entities } from '../src/entities.js';
import { createOrm } from '../src/platform/orm.js';
import { createPool } from '../src/platform/pool.js';
import type { ChildProgram } from '../src/testing/child-program.js';
import { NODE_FLAGS, startProgram } from '../src/testing/program.js';

/** Those that run: a bench that fails leaves some behind. */
const running = new Set<ChildProcess>();

/** Starts a process of the bench, with the flags the program is shipped with; one that still runs when the stage is taken away is killed. */
export function start(file: string, ...args: string[]): ChildProcess {
  const options: ForkOptions = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [...NODE_FLAGS] };
  const child = fork(join(import.meta.dirname, file), args, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Asks a process, or waits for what it says by itself. @throws Error when it ends instead */
// biome-ignore lint/suspicious/noExplicitAny: what a child reports is looked at by its asker
export async function ask(child: ChildProcess, question?: string): Promise<any> {
  const settled = new AbortController();
  const { signal } = settled;
  const answer = once(child, 'message', { signal });
  const end = once(child, 'exit', { signal });
  if (question) child.send(question);
  const [report] = await Promise.race([
    answer,
    end.then(([code]) => Promise.reject(new Error(`a bench process ended with code ${code}`))),
  ]).finally(() => settled.abort());
  return report;
}

/** Has a process end, and waits for it. */
export async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.send('stop');
  await gone;
}

/** The program as it is shipped, with nothing that watches it, and the gateway's settings by default. */
export async function startShipped(
  role: 'all' | 'api' | 'worker',
  to: { databaseUrl: string; gatewayUrl: string; dir: string },
): Promise<ChildProgram> {
  return await startProgram({ ...to, role, timeoutMs: 10_000, concurrency: 64 });
}

/** Ends programs, and waits for them. */
export async function endAll(programs: readonly ChildProgram[]): Promise<void> {
  for (const program of programs) program.kill('SIGTERM');
  await Promise.all(programs.map(({ ended }) => ended));
}

/** A migrated database. */
export interface BenchDatabase {
  databaseUrl: string;
  pool: pg.Pool;
}

/** A server with a migrated database, and a folder, for the bench alone. */
export interface BenchStage extends BenchDatabase {
  dir: string;
  /** Process number of its postmaster. */
  postgresPid: number;
  /** Another migrated database on the same server, with so many clients. */
  withClients(count: number): Promise<BenchDatabase>;
}

/** Runs the bench on a server of its own, and takes everything away again, on Ctrl-C too. */
export async function onStage<T>(work: (stage: BenchStage) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-bench-'));
  const postgres = await startEmbeddedPostgres({ dir });
  const takeAway = async () => {
    for (const child of running) child.kill('SIGKILL');
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const end = () => void takeAway().then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  const pools: pg.Pool[] = [];
  const open = async (databaseUrl: string): Promise<BenchDatabase> => {
    const orm = await createOrm({ databaseUrl, entities });
    await orm.migrator.up();
    await orm.close();
    const pool = createPool({ databaseUrl, max: 2, name: 'bench', onError: () => {} });
    pools.push(pool);
    return { databaseUrl, pool };
  };
  try {
    const first = await open(postgres.url);
    const withClients = async (count: number) => {
      const name = `clients_${pools.length}`;
      await first.pool.query(`create database ${name}`);
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      const database = await open(url.href);
      await addClients(database.pool, count);
      return database;
    };
    return await work({ ...first, dir, postgresPid: postgres.pid, withClients });
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
    await takeAway();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
  }
}

/** Clients by the number, and the planner told of them. */
export async function addClients(pool: pg.Pool, count: number): Promise<void> {
  await pool.query(
    `insert into client (phone, operator_code, tags, time_zone)
     select (79000000000 + n)::text, '900', '{}', 'Europe/Moscow' from generate_series(1, $1) n`,
    [count],
  );
  await pool.query('vacuum analyze client');
}
