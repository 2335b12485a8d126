import { Registry } from 'prom-client';
import { ChangeBell } from '../live/change-bell.js';
import { createLogger } from '../platform/log.js';
import { createPool } from '../platform/pool.js';
import { createScheduler, type Scheduler } from '../scheduler/scheduler.js';
import { PostgresJobStore } from '../scheduler/scheduler-postgres.js';
import { fixedSettings } from '../settings/live-settings.js';
import { createWorker } from '../worker.js';

/** What a test's worker is told. */
export interface StartWorkerOptions {
  databaseUrl: string;
  gatewayUrl: string;
  timeoutMs?: number;
  concurrency?: number;
  /** GATEWAY_RATE_LIMIT. */
  rateLimit?: number | null;
  /** Where it counts; one of its own when left out. */
  registry?: Registry;
  /** What stands between the worker and its scheduler; nothing when left out. */
  disturb?: (scheduler: Scheduler) => Scheduler;
}

/** Starts the sending half of the program in this process. @returns what stops it, once nothing is in hand any more */
export async function startWorker(options: StartWorkerOptions): Promise<() => Promise<void>> {
  const {
    databaseUrl,
    gatewayUrl,
    timeoutMs = 2_000,
    concurrency = 32,
    rateLimit = null,
    disturb,
    registry = new Registry(),
  } = options;
  const log = createLogger({ level: 'silent', pretty: false });
  const pool = createPool({ databaseUrl, max: 10, name: 'worker', onError: () => {} });
  const calm = createScheduler({ processName: 'worker', log, backend: { store: new PostgresJobStore(pool), pool } });
  const scheduler = disturb?.(calm) ?? calm;
  const bell = new ChangeBell(pool);
  const gateway = { url: gatewayUrl, token: null, timeoutMs, concurrency, rateLimit };
  const report = { recipients: [], at: '08:00', timeZone: 'UTC' };
  const alarms = { recipients: [], stuckMinutes: 10, allowPrivate: true };
  const config = {
    gateway,
    sweepIntervalMs: 200,
    auditDays: 400,
    report,
    alarms,
    retentionDays: null,
    mail: null,
    publicUrl: null,
  };
  const settings = fixedSettings(config);
  const worker = await createWorker({ config, settings, pool, scheduler, bell, registry, log });
  await scheduler.start();
  return async () => {
    await scheduler.stop();
    await worker.close();
    await pool.end();
  };
}
