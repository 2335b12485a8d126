import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { startEmbeddedPostgres } from '../src/embedded/embedded-postgres.js';
import { entities } from '../src/entities.js';
import { createOrm } from '../src/platform/orm.js';
import { createPool } from '../src/platform/pool.js';

/** Starts a process of the bench. */
export function start(file: string, ...args: string[]): ChildProcess {
  return fork(join(import.meta.dirname, file), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** Asks a process, or waits for what it says by itself. @throws Error when it ends instead */
// biome-ignore lint/suspicious/noExplicitAny: what a child reports is looked at by its asker
export async function ask(child: ChildProcess, question?: string): Promise<any> {
  const answer = once(child, 'message');
  if (question) child.send(question);
  const [report] = await Promise.race([
    answer,
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`a bench process ended with code ${code}`))),
  ]);
  return report;
}

/** A migrated database and a folder for the bench alone. */
export interface BenchStage {
  databaseUrl: string;
  pool: pg.Pool;
  dir: string;
}

/** Runs the bench on a server of its own, and takes everything away again. */
export async function onStage(work: (stage: BenchStage) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-bench-'));
  const postgres = await startEmbeddedPostgres({ dir });
  try {
    const orm = await createOrm({ databaseUrl: postgres.url, entities });
    await orm.migrator.up();
    await orm.close();
    const pool = createPool({ databaseUrl: postgres.url, max: 2, name: 'bench', onError: () => {} });
    await work({ databaseUrl: postgres.url, pool, dir });
    await pool.end();
  } finally {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
