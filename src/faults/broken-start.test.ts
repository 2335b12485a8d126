import { expect, onTestFinished, test } from 'vitest';
import { spawnProgram } from '../testing/program.js';
import { startTcpProxy } from '../testing/tcp-proxy.js';
import { setStage } from './stage.js';

/** migrate.ts' own: processes that start at the same time wait for it. */
const MIGRATION_LOCK = 4_102_026;

test('FAULTS 14: a start whose database goes away in the middle of it ends with that reason, and not as a fault of the program', async () => {
  const stage = await setStage();
  const line = await startTcpProxy(stage.databaseUrl);
  onTestFinished(() => line.close());
  const holder = await stage.pool.connect();
  onTestFinished(() => holder.release(true));
  await holder.query(`select pg_advisory_lock(${MIGRATION_LOCK})`);
  const program = await spawnProgram({
    role: 'worker',
    databaseUrl: line.through(stage.databaseUrl),
    dir: stage.dir,
    gatewayUrl: stage.simulator.url,
  });
  onTestFinished(() => program.kill('SIGKILL'));
  const waits = () =>
    stage.count(`select count(*)::int from pg_stat_activity
      where datname = current_database() and application_name = 'heliograph migrate' and wait_event = 'advisory'`);
  await expect.poll(waits, { timeout: 60_000 }).toBe(1);
  line.cut();
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.said).toMatch(/^The database went away: /m);
  expect(program.said).not.toMatch(/"level":"fatal"|\n {4}at /);
}, 120_000);
