import 'reflect-metadata';
import { Registry } from 'prom-client';
import { loadConfig } from '../src/config.js';
import { ChangeBell } from '../src/live/change-bell.js';
import { createLogger } from '../src/platform/log.js';
import { createPool } from '../src/platform/pool.js';
import { createScheduler } from '../src/scheduler/scheduler.js';
import { fixedSettings } from '../src/settings/live-settings.js';
import { createWorker } from '../src/worker.js';

/** One worker as `ROLE=worker` runs it, plus a report of what it cost, asked for by a message. */
const [, , databaseUrl, gatewayUrl] = process.argv as string[];
const config = loadConfig({ DATABASE_URL: databaseUrl, GATEWAY_URL: gatewayUrl, ROLE: 'worker', LOG_LEVEL: 'warn' });
const log = createLogger({ level: config.logLevel, pretty: false });
const pool = createPool({ databaseUrl: databaseUrl!, max: 10, name: 'bench worker', onError: () => {} });
const scheduler = createScheduler({ processName: 'bench', log, backend: { kind: 'postgres', pool } });
const bell = new ChangeBell(pool);
const settings = fixedSettings(config);
const worker = await createWorker({ config, settings, pool, scheduler, bell, registry: new Registry(), log });
await scheduler.start();
process.send?.({ ready: true });
process.on('message', async () => {
  process.send?.({ cpu: process.cpuUsage(), memory: process.resourceUsage().maxRSS / 1024 });
  await scheduler.stop();
  await worker.close();
  await pool.end();
  process.disconnect?.();
});
