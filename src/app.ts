import type pg from 'pg';
import type { Registry } from 'prom-client';
import type { By } from './access/actor.js';
import type { Api } from './api.js';
import type { Config } from './config.js';
import { ChangeBell } from './live/change-bell.js';
import { Live } from './live/live.js';
import type { NewMailing } from './mailing/mailing.inputs.js';
import type { Mailing } from './mailing/mailing.js';
import type { OpenLogs } from './open-logs.js';
import { addProcessMetrics, addReadinessMetrics } from './operations/health-metrics.js';
import { startHeartbeat, VERSION } from './operations/heartbeat.js';
import { type Probes, Readiness } from './operations/readiness.js';
import type { Logger } from './platform/log.js';
import { createRegistry, PoolMetrics } from './platform/metrics.js';
import { createPool } from './platform/pool.js';
import { NO_TRACING, type Tracing } from './platform/tracing.js';
import { addReportMetrics } from './report/report-metrics.js';
import { openJobStore } from './scheduler/open-job-store.js';
import { createScheduler } from './scheduler/scheduler.js';
import { addBacklogMetrics } from './sending/backlog.js';
import { describeStop, stopInForce } from './sending/sending-switch.js';
import { fixedSettings, type LiveSettings, type SettingsHealth } from './settings/live-settings.js';
import { createWorker } from './worker.js';

/** A statement of the API that takes longer is cancelled, ms. */
const ANSWER_WITHIN = 15_000;

/** A claim, a record or a launch's chunk takes well under a second; one that hangs must not hold its lane for ever, ms. */
const WORK_WITHIN = 60_000;

/** What the app is given beside its settings. */
export interface AppParts {
  log: Logger;
  /** What the log can do beyond taking lines; left out: nothing is told of single messages. */
  logs?: Pick<OpenLogs, 'lines' | 'levels' | 'trouble'>;
  /** The settings that may change; those of the start when left out. */
  settings?: LiveSettings & SettingsHealth;
  /** Of a migrated database. */
  databaseUrl: string;
  /** The built pages; dist/web when left out. */
  webFolder?: string;
}

/** For the demo, which is no client of the API and yet takes no way around it. */
export interface OwnActs {
  pool: pg.Pool;
  /** @throws AppError BAD_USER_INPUT that names the field */
  createMailing(mailing: NewMailing, by: By): Promise<Mailing>;
  /** Whether the scheduler reaches the store of its jobs. */
  schedulerReady(): boolean;
}

/** A running program, apart from its database and simulator. */
export interface App {
  /** Where the API listens; null with ROLE=worker. */
  url: string | null;
  /** Where METRICS_PORT listens; null: it is not set. */
  metricsUrl: string | null;
  /** An address that opens a session, once and within an hour. @throws Error with ROLE=worker */
  adminLink(): Promise<string>;
  /** That all sending is stopped, since when, by whom and why, in one sentence; null: it is not. */
  stopped(): Promise<string | null>;
  /** What the program does in its own name, by the functions the API uses; null with ROLE=worker. */
  readonly own: OwnActs | null;
  /** What the live sockets cost just now; null with ROLE=worker. */
  readonly load: Api['load'] | null;
  /** Ends in order: people, jobs, what is in flight, connections. */
  close(): Promise<void>;
}

/** The one place where the parts are wired. Nothing is left open when it fails. */
export async function createApp(config: Config, parts: AppParts): Promise<App> {
  const { log, logs, databaseUrl, settings = fixedSettings(config) } = parts;
  await using opened = new AsyncDisposableStack();
  const onError = (error: Error) => log.debug({ err: error }, 'a database connection was lost');
  const registry = createRegistry({ version: VERSION, role: config.role });
  const pools = new PoolMetrics(registry);
  const open = (name: string, options: { name: string; max: number; statementTimeoutMs?: number }) => {
    const opening = pools.watch(name, createPool({ databaseUrl, onError, ...options }));
    opened.defer(() => opening.end());
    return opening;
  };
  const pool = open('work', { max: 16, name: config.role, statementTimeoutMs: WORK_WITHIN });
  const stopped = async () => {
    const inForce = await stopInForce(pool);
    return inForce && describeStop(inForce);
  };
  opened.defer(startHeartbeat({ pool, role: config.role, log }));
  const tracing = await openTracing(config);
  opened.defer(() => tracing.close());
  const bell = new ChangeBell(pool);
  const scheduler = createScheduler({
    processName: config.role,
    log,
    backend: { store: await openJobStore(pool, config.mongoUrl), pool },
  });
  if (config.role !== 'api') {
    const lines = logs && { lines: logs.lines };
    const worker = await createWorker({ config, settings, pool, scheduler, bell, registry, tracing, log, ...lines });
    opened.defer(() => worker.close());
  }
  await scheduler.start();
  opened.defer(() => scheduler.stop());
  const jobs = () => scheduler.ready || withoutJobs(config.mongoUrl);
  if (config.role === 'worker') {
    const probes = { database: answers(pool), scheduler: jobs };
    const metricsUrl = await tellMachines(config, { registry, log }, watched(probes, pool, settings, logs), opened);
    const stop = opened.move();
    const none = { url: null, own: null, load: null, adminLink: noLink };
    return { ...none, metricsUrl, stopped, close: () => stop.disposeAsync() };
  }
  const { createApi, createMailing, createOrm, entities } = await loadServing();
  const onPool = (ormPool: pg.Pool) => void pools.watch('orm', ormPool);
  const orm = await createOrm({ databaseUrl, entities, statementTimeoutMs: ANSWER_WITHIN, onPool });
  opened.defer(() => orm.close());
  // Claims never wait for what people ask, however much that is, and nothing that is asked takes a connection for good.
  const apiPool = open('api', { max: 8, name: 'api', statementTimeoutMs: ANSWER_WITHIN });
  const files = open('files', { max: 8, name: 'files' });
  const livePool = open('live', { max: 3, name: 'live', statementTimeoutMs: ANSWER_WITHIN });
  const live = new Live({ databaseUrl, pool: livePool, log });
  live.start();
  opened.defer(() => live.close());
  const probes = {
    database: answers(apiPool),
    live: () => live.listening || 'Changes are not heard of: pages that are open show them late.',
    scheduler: jobs,
  };
  const readiness = watched(probes, apiPool, settings, logs);
  addProcessMetrics(registry, apiPool);
  addReportMetrics(registry, apiPool, () => settings.now.report);
  addBacklogMetrics(registry, apiPool, () => (settings.now.gateway.rateLimit === null ? [] : ['gateway']));
  const { webFolder } = parts;
  const api = await createApi({
    config,
    settings,
    pool: apiPool,
    files,
    orm,
    live,
    scheduler,
    bell,
    readiness,
    registry,
    tracing,
    log,
    ...(webFolder && { webFolder }),
  });
  opened.defer(() => api.close());
  const metricsUrl = await tellMachines(config, { registry, log }, readiness, opened);
  const edit = { pool: apiPool, scheduler, bell, log, timeoutMs: () => config.gateway.timeoutMs };
  const stop = opened.move();
  return {
    url: api.url,
    metricsUrl,
    own: {
      pool,
      createMailing: (mailing, by) => createMailing({ ...edit, em: orm.em.fork() }, mailing, by),
      schedulerReady: () => scheduler.ready,
    },
    get load() {
      return api.load;
    },
    adminLink: () => api.adminLink(),
    stopped,
    close: () => stop.disposeAsync(),
  };
}

/** Loaded only where somebody wants traces: it takes longer than all the rest of a worker. */
async function openTracing({ tracing, role }: Config): Promise<Tracing> {
  if (tracing === null) return NO_TRACING;
  const { OtelTracing } = await import('./platform/otel-tracing.js');
  return new OtelTracing(tracing, { version: VERSION, role });
}

const answers = (pool: pg.Pool) => async () => (await pool.query('select 1')).rowCount === 1;

function watched(probes: Probes, pool: pg.Pool, settings: SettingsHealth, logs: AppParts['logs']): Readiness {
  const isStopped = async () => (await stopInForce(pool)) !== null;
  return new Readiness(probes, isStopped, settings, () => logs?.trouble() ?? null);
}

/** @returns where METRICS_PORT listens; null: it is not set */
async function tellMachines(
  { metrics, host }: Config,
  parts: { registry: Registry; log: Logger },
  readiness: Readiness,
  opened: AsyncDisposableStack,
): Promise<string | null> {
  addReadinessMetrics(parts.registry, readiness);
  if (metrics.port === null) return null;
  const { startMetricsServer } = await import('./transport/metrics-server.js');
  const server = await startMetricsServer({ ...parts, readiness, host, port: metrics.port, token: metrics.token });
  opened.defer(() => server.close());
  parts.log.info({ url: server.url }, 'metrics are told here');
  return server.url;
}

/** Reads what only those who serve people need; without it a worker starts in two thirds of the time. */
export async function loadServing() {
  const [{ createApi }, { createMailing }, { createOrm }, { entities }] = await Promise.all([
    import('./api.js'),
    import('./mailing/edit-mailing.js'),
    import('./platform/orm.js'),
    import('./entities.js'),
  ]);
  return { createApi, createMailing, createOrm, entities };
}

/** What it means that the store of the jobs is away. */
function withoutJobs(mongoUrl: string | null): string {
  const store = mongoUrl === null ? 'The table of the jobs in PostgreSQL' : 'MongoDB, which holds the jobs,';
  return `${store} does not answer: people are served, mailings wait. They go on by themselves once it does.`;
}

async function noLink(): Promise<never> {
  throw new Error('A worker serves no pages: take the link from a process that does.');
}
