import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../platform/log.js';
import { createPool } from '../platform/pool.js';
import { createScheduler } from '../scheduler/scheduler.js';
import { PostgresJobStore } from '../scheduler/scheduler-postgres.js';
import { createTestDatabase } from '../testing/test-database.js';

/** So rarely that a run which comes within the test is not simply the next one. */
const EVERY_MS = 600_000;
const LOCK_MS = 400;

test('FAULTS 24: a recurring job whose process was killed in the middle of it runs later, once, and not only when it is due again', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const child = fork(
    fileURLToPath(new URL('../testing/scheduler-process.ts', import.meta.url)),
    [JSON.stringify({ databaseUrl: database.url, mongoUrl: null, mode: 'hang', lockMs: LOCK_MS, sweepMs: EVERY_MS })],
    { execArgv: ['--import', fileURLToPath(new URL('../testing/typescript.mjs', import.meta.url))] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');

  let runs = 0;
  const log = createLogger({ level: 'silent', pretty: false });
  const pool = createPool({ databaseUrl: database.url, max: 8, name: 'survivors', onError: () => {} });
  onTestFinished(() => pool.end());
  const killed = once(child, 'exit');
  child.kill('SIGKILL');
  await killed;
  for (const processName of ['one', 'two']) {
    const scheduler = createScheduler({
      processName,
      log,
      backend: { store: new PostgresJobStore(pool), pool },
      pollMs: 50,
    });
    scheduler.define('sweep', { concurrency: 1, lockMs: LOCK_MS }, async () => {
      runs += 1;
      return undefined;
    });
    await scheduler.start();
    onTestFinished(() => scheduler.stop());
  }
  await expect.poll(() => runs, { timeout: 10_000 }).toBe(1);
  const job = async () =>
    (
      await pool.query(
        `select locked_at is null as free, round(extract(epoch from next_run_at - last_run_at)) * 1000 as after from agenda_jobs where name = 'sweep'`,
      )
    ).rows;
  await expect.poll(job).toEqual([{ free: true, after: String(EVERY_MS) }]);
  // Many looks later it is still that one.
  await new Promise((resolve) => setTimeout(resolve, 3 * LOCK_MS));
  expect(runs).toBe(1);
}, 120_000);
