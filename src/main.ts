import 'reflect-metadata';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnActs } from './app.js';
import { banner } from './banner.js';
import type { Config } from './config.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded/embedded-postgres.js';
import { findRunning, noteRunning, type Running, removeRunning } from './embedded/running-file.js';
import { AppError } from './errors.js';
import { explain } from './explain.js';
import { type OpenLogs, openLogs } from './open-logs.js';
import { tryPort } from './platform/free-port.js';
import { hasTerminal } from './platform/has-terminal.js';
import type { Logger } from './platform/log.js';
import { listenForStop } from './platform/stop-signal.js';
import { tryDatabase } from './platform/try-database.js';
import { Settings } from './settings/live-settings.js';
import { readConfig } from './settings/read-config.js';
import { watchFiles } from './settings/watch-files.js';

/** How long what is in flight may take to end after a stop was asked for, in ms. */
const GRACE_MS = 30_000;
/** How long a killed or ending predecessor is given to let the data folder go, in ms. */
const HANDOVER_MS = { killed: 1_500, stopping: GRACE_MS + 5_000 };

/** The embedded server, to be told when the program is forced to end. */
let postgres: EmbeddedPostgres | undefined;

/** Starts everything in order, waits until it is asked to stop, and stops everything in the opposite order. */
async function run(config: Config, settings: Settings, logs: OpenLogs, stop: AbortSignal): Promise<void> {
  const { log } = logs;
  await using started = new AsyncDisposableStack();
  // Reading all the libraries is most of the time a start takes; the database starts beside it.
  const [{ databaseUrl, gatewayUrl }, { createApp }, { migrate }] = await Promise.all([
    openSurroundings(config, log, started),
    loadApp(config),
    import('./platform/migrate.js'),
  ]);
  const applied = await migrate(databaseUrl);
  if (applied > 0) log.info({ migrations: applied }, 'brought the database up to date');
  const gateway = { ...config.gateway, url: gatewayUrl };
  const app = await createApp({ ...config, gateway }, { log, logs, databaseUrl, settings });
  started.defer(() => closeInTime(app.close(), log));
  started.defer(note(config, log, databaseUrl, app.url));
  if (app.url !== null) {
    const [adminLink, stopped] = await Promise.all([app.adminLink(), app.stopped()]);
    const facts = { url: config.publicUrl ?? app.url, adminLink, demo: config.demo, stopped };
    process.stdout.write(banner({ ...facts, colour: process.stdout.isTTY }));
  }
  log.info({ role: config.role, url: app.url }, 'ready');
  const stopped = stop.aborted ? undefined : once(stop, 'abort');
  const demo = config.demo && app.own ? playDemo(app.own, log, stop) : stopped;
  await (config.demoExit ? demo : stopped);
  await demo;
  log.info({ by: stop.aborted ? stop.reason : 'the demo is over' }, 'stopping');
}

async function loadApp({ role }: Config) {
  const app = await import('./app.js');
  if (role !== 'worker') await app.loadServing();
  return app;
}

/**
 * What the app stands on: a database, a port, and in a demo a gateway. Fails early, before anything is migrated, on what
 * most often stands in the way of a start.
 *
 * @returns the database's address, password included
 */
async function openSurroundings(config: Config, log: Logger, started: AsyncDisposableStack) {
  const opening = [
    openDatabaseAndPort(config, log, started),
    config.demo ? openDemoGateway(config, started) : config.gateway.url,
  ] as const;
  // All are waited for, so that what did open is closed again when another did not.
  await Promise.allSettled(opening);
  const [databaseUrl, gatewayUrl] = await Promise.all(opening);
  return { databaseUrl, gatewayUrl };
}

/** The port comes second: a predecessor that is stopping has both, and is waited for at the database. */
async function openDatabaseAndPort(config: Config, log: Logger, started: AsyncDisposableStack): Promise<string> {
  if (config.databaseUrl !== null) await tryDatabase(config.databaseUrl);
  const databaseUrl = config.databaseUrl ?? (await openDatabase(config, log, started));
  if (config.role !== 'worker') await tryPort(config.port, config.host);
  return databaseUrl;
}

async function openDemoGateway(config: Config, started: AsyncDisposableStack): Promise<string> {
  const { startDemoGateway } = await import('./demo/demo-gateway.js');
  const gateway = await startWhenFree(() => startDemoGateway(config.dataDir), config.dataDir);
  started.defer(() => gateway.close());
  return gateway.url;
}

/** A demo that fails is no reason to stop serving. */
async function playDemo(own: OwnActs, log: Logger, stop: AbortSignal): Promise<void> {
  try {
    const { runDemo } = await import('./demo/demo.js');
    await runDemo({
      pool: own.pool,
      createMailing: own.createMailing,
      schedulerReady: own.schedulerReady,
      // Needed by the first start only.
      importClients: async (source) => (await import('./bulk/import-clients.js')).importClients(own.pool, source),
      clientsFile: join(import.meta.dirname, '../../examples/clients.csv'),
      screen: process.stdout,
      stop,
    });
  } catch (error) {
    log.error({ err: error }, 'the demo mailing could not be run');
  }
}

async function openDatabase(config: Config, log: Logger, started: AsyncDisposableStack): Promise<string> {
  const dir = join(config.dataDir, 'postgres');
  const server = await startWhenFree(() => startEmbeddedPostgres({ dir, log }), config.dataDir);
  postgres = server;
  started.defer(() => server.stop());
  return server.url;
}

/** Somebody who stops the program, or kills it, and starts it again at once should not have to count to three. */
async function startWhenFree<T>(start: () => Promise<T>, dataDir: string): Promise<T> {
  const since = performance.now();
  for (let told = false; ; ) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'CONFLICT')) throw error;
      const holder = findRunning(dataDir);
      const stopping = holder?.state === 'stopping';
      // One that was killed while it was waited for leaves its Postgres a moment, too.
      if (performance.now() - since > HANDOVER_MS[stopping || told ? 'stopping' : 'killed']) throw error;
      if (stopping && !told) process.stderr.write(`Waiting for process ${holder.pid}, which is stopping …\n`);
      told ||= stopping;
      await sleep(100);
    }
  }
}

/** Notes in the data folder what runs. @returns what takes the note away */
function note(config: Config, log: Logger, databaseUrl: string, url: string | null): () => void {
  const other = findRunning(config.dataDir);
  if (other && other.pid !== process.pid) {
    log.info({ otherPid: other.pid }, 'another process has its note in the data folder, so this one leaves none');
    return () => {};
  }
  const shown = new URL(databaseUrl);
  shown.password = '';
  const facts: Running = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    state: 'running',
    url,
    databaseUrl: shown.href,
    databasePasswordFile: config.databaseUrl === null ? join(config.dataDir, 'postgres', 'password') : null,
    simulatorDir: config.demo ? join(config.dataDir, 'simulator') : null,
  };
  try {
    mkdirSync(config.dataDir, { recursive: true });
    noteRunning(config.dataDir, facts);
  } catch (error) {
    log.warn({ err: error }, 'the data folder can not be written, so other commands will not find this process');
    return () => {};
  }
  return () => noteRunning(config.dataDir, { ...facts, state: 'stopping' });
}

async function closeInTime(closing: Promise<void>, log: Logger): Promise<void> {
  const late = new AbortController();
  const timeout = sleep(GRACE_MS, 'late', { signal: late.signal, ref: false }).catch(() => 'closed');
  const outcome = await Promise.race([closing.then(() => 'closed'), timeout]);
  late.abort();
  if (outcome === 'closed') return;
  log.error({ grace_ms: GRACE_MS }, 'what was in flight did not end in time; it is sent again under its own id');
  process.exitCode = 1;
}

/** Without a terminal SIGHUP has the settings read again; with one it tells that the terminal was closed. */
function stopSignals(settings: Settings): NodeJS.Signals[] {
  if (hasTerminal()) return ['SIGINT', 'SIGTERM', 'SIGHUP'];
  process.on('SIGHUP', () => settings.reload());
  return ['SIGINT', 'SIGTERM'];
}

/** The second signal: nobody waits any longer. The database ends by itself, and cleanly. */
function force(): never {
  if (postgres) process.kill(postgres.pid, 'SIGINT');
  process.stderr.write('Stopped by force.\n');
  process.exit(1);
}

try {
  if (Number.parseInt(process.versions.node, 10) < 24) {
    throw new AppError(
      'UNAVAILABLE',
      `Heliograph runs on Node 24, this is ${process.version}: npm start brings the right one.`,
    );
  }
  const read = readConfig('.', process.env);
  const { config, given } = read;
  const logs = openLogs(config);
  const { log } = logs;
  process.once('exit', () => logs.writeRest());
  for (const warning of given.warnings) log.warn(`perhaps a slip: ${warning}`);
  // Nobody may be reading any more.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
  const settings = new Settings('.', process.env, read, log);
  settings.subscribe(({ logLevel, appLog }) => {
    logs.levels.stdout = logLevel;
    if (appLog) logs.levels.file = appLog.level;
  });
  const stop = listenForStop({ onSecond: force, signals: stopSignals(settings) });
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a fault of the program; stopping');
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  });
  const endWatch = watchFiles(settings.files, () => settings.reload());
  await run(config, settings, logs, stop);
  endWatch();
  removeRunning(config.dataDir, process.pid);
  log.info('stopped');
  await logs.close();
  process.exit();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
