import 'reflect-metadata';
import { Registry } from 'prom-client';
import { loadConfig } from '../src/config.js';
import { ChangeBell } from '../src/live/change-bell.js';
import { openLogs } from '../src/open-logs.js';
import { createPool } from '../src/platform/pool.js';
import { createScheduler } from '../src/scheduler/scheduler.js';
import { PostgresJobStore } from '../src/scheduler/scheduler-postgres.js';
import { fixedSettings } from '../src/settings/live-settings.js';
import { createWorker } from '../src/worker.js';

/** One worker as `ROLE=worker` runs it, until somebody says something: `dispatch-process.js <database> <gateway> [<further settings, JSON>]`. */
const [, , databaseUrl, gatewayUrl, more = '{}'] = process.argv as string[];
const env = { DATABASE_URL: databaseUrl, GATEWAY_URL: gatewayUrl, ROLE: 'worker', LOG_LEVEL: 'warn', APP_LOG: 'off' };
const config = loadConfig({ ...env, ...JSON.parse(more) });
const logs = openLogs(config);
const { log, lines } = logs;
const pool = createPool({ databaseUrl: databaseUrl!, max: 10, name: 'bench worker', onError: () => {} });
const scheduler = createScheduler({ processName: 'bench', log, backend: { store: new PostgresJobStore(pool), pool } });
const bell = new ChangeBell(pool);
const settings = fixedSettings(config);
const worker = await createWorker({ config, settings, pool, scheduler, bell, registry: new Registry(), log, lines });
await scheduler.start();
// Its parent was killed.
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
process.once('message', async () => {
  await scheduler.stop();
  await worker.close();
  await logs.close();
  await pool.end();
  process.disconnect?.();
});
