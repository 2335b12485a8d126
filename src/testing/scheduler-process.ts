/**
 * A process with a scheduler, for tests that kill it. Its argument is a JSON object: where the jobs live, and `hang`
 * (the handler of mailing.finish, or of the sweep where `sweepMs` says how often that is due, never ends) or `stop` (it
 * runs one job, stops, and must end by itself). Says `started` over IPC when its handler was called.
 */
import { pino } from 'pino';
import { createPool } from '../platform/pool.js';
import { openJobStore } from '../scheduler/open-job-store.js';
import { createScheduler } from '../scheduler/scheduler.js';

const { databaseUrl, mongoUrl, mode, lockMs, sweepMs } = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string;
  mongoUrl: string | null;
  mode: 'hang' | 'stop';
  lockMs: number;
  sweepMs?: number;
};

const log = pino({ level: 'silent' });
const pool = createPool({ databaseUrl, max: 4, name: 'child', onError: () => {} });
const backend = { store: await openJobStore(pool, mongoUrl), pool };
const scheduler = createScheduler({ processName: 'child', log, backend });
const ran = Promise.withResolvers<void>();

scheduler.define(sweepMs ? 'sweep' : 'mailing.finish', { concurrency: 1, lockMs }, async () => {
  process.send?.('started');
  if (mode === 'hang') await new Promise(() => {});
  ran.resolve();
  return undefined;
});
if (sweepMs) await scheduler.every('sweep', sweepMs);
await scheduler.start();
if (mode === 'stop') {
  await ran.promise;
  await scheduler.stop();
  await pool.end();
  process.disconnect?.();
}
