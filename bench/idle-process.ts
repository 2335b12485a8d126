import 'reflect-metadata';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Registry } from 'prom-client';
import { loadConfig } from '../src/config.js';
import { ChangeBell } from '../src/live/change-bell.js';
import { openLogs } from '../src/open-logs.js';
import { createPool } from '../src/platform/pool.js';
import { createScheduler, type Scheduler } from '../src/scheduler/scheduler.js';
import { PostgresJobStore } from '../src/scheduler/scheduler-postgres.js';
import { fixedSettings } from '../src/settings/live-settings.js';
import { createWorker } from '../src/worker.js';

/**
 * A worker's sweep, by itself, as often as it is told: `idle-process.js <database>`; answers each number of sweeps with what is in
 * memory when they are done. Its clock goes on a second with each, so that what is done every ten minutes is done too.
 */
const [databaseUrl = ''] = process.argv.slice(2);
const SECOND_MS = 1_000;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const env = { DATABASE_URL: databaseUrl, GATEWAY_URL: 'http://127.0.0.1:9', ROLE: 'worker', LOG_LEVEL: 'warn' };
const config = loadConfig({ ...env, APP_LOG: 'off' });
const { log, lines } = openLogs(config);
const pool = createPool({ databaseUrl, max: 10, name: 'bench worker', onError: () => {} });
const scheduler = createScheduler({ processName: 'bench', log, backend: { store: new PostgresJobStore(pool), pool } });

let sweep: (() => Promise<unknown>) | undefined;
const { signal } = new AbortController();
const define: Scheduler['define'] = (name, limits, handler) => {
  scheduler.define(name, limits, handler);
  if (name === 'sweep') sweep = () => handler({} as never, { signal, touch: async () => {} });
};
const watching = new Proxy(scheduler, {
  get: (target, key) => {
    if (key === 'define') return define;
    const value: unknown = Reflect.get(target, key, target);
    return typeof value === 'function' ? value.bind(target) : value;
  },
});
const settings = fixedSettings(config);
const bell = new ChangeBell(pool);
const parts = { config, settings, pool, bell, registry: new Registry(), log, lines };
await createWorker({ ...parts, scheduler: watching });
if (!sweep) throw new Error('the worker has no sweep');

const now = performance.now.bind(performance);
let ahead = 0;
performance.now = () => now() + ahead;
// Its parent was killed.
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
for (;;) {
  const [count] = await once(process, 'message');
  const cpu = process.cpuUsage();
  for (let done = 0; done < Number(count); done += 1) {
    await sweep();
    ahead += SECOND_MS;
  }
  const { user, system } = process.cpuUsage(cpu);
  collect();
  // What is freed by the first collection may let go of more.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ bytes: heapUsed + external, micros: (user + system) / Number(count) });
}
