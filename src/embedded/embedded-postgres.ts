import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { AppError } from '../errors.js';
import { tryPort } from '../platform/free-port.js';
import { FolderInUse, type FolderLock, lockFolder } from './folder-lock.js';
import { makeFolder } from './make-folder.js';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.js';
import { type Cluster, lastComplaint, openCluster, POSTGRES_NAME, spawnPostgres } from './postgres-cluster.js';
import { DEFAULT_SETTINGS } from './postgres-settings.js';
import { disownStaleNote, findPostmaster, isRunning, type Postmaster, programOf } from './postmaster.js';
import { inUse } from './running-file.js';

/** A PostgreSQL server of our own, on 127.0.0.1. */
export interface EmbeddedPostgres {
  /** Connection string of the database `heliograph`, password included: never log it. It stays the same until stop(). */
  readonly url: string;
  /** Process number of the postmaster now; a server that died and was started again has another. */
  readonly pid: number;
  /** Ends every session, shuts the server down, waits until it is gone, and lets the folder go. May be called twice. */
  stop(): Promise<void>;
}

/** How often it is looked whether the server is ready or gone, in ms. */
const POLL_MS = 10;
/** How often a running server is checked for being alive, in ms. */
const WATCH_MS = 250;
/** How long a start may take, in ms. Recovery after a crash of the machine reads up to max_wal_size. */
const START_MS = 300_000;
/** How long a shutdown may take before it is made a hard one, in ms; the next start then recovers from the log. */
const STOP_MS = 20_000;
/** The log is started anew when it has grown beyond this, in bytes. */
const LOG_LIMIT = 8 * 1024 * 1024;

/**
 * Starts PostgreSQL from the binaries that npm installed, and keeps it running.
 *
 * `dir` holds the cluster, a generated password (0600) and the server's log; what is missing is made. A server left
 * behind by a killed process is adopted when it runs as ours would, and replaced when it does not. One that dies is
 * started again on the same port.
 *
 * @param o.settings server settings that win over the defaults
 * @throws AppError CONFLICT when another process uses the folder; UNAVAILABLE when the folder can't be written or the
 *   server can't be started, with the reason on one line
 */
export async function startEmbeddedPostgres(o: {
  dir: string;
  settings?: Record<string, string>;
  log?: Logger;
}): Promise<EmbeddedPostgres> {
  const binaries = findPostgresBinaries();
  const dir = makeFolder(o.dir);
  const lock = await lockFolder(dir).catch((error) => {
    throw error instanceof FolderInUse ? inUse(error, dirname(dir)) : error;
  });
  try {
    const settings = { ...DEFAULT_SETTINGS, ...o.settings };
    const cluster = await openCluster(dir, binaries, settings['fsync'] !== 'off');
    const supervisor = new Supervisor(binaries, cluster, settings, lock, o.log);
    await supervisor.start();
    return supervisor;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class Supervisor implements EmbeddedPostgres {
  #pid = 0;
  #port = 0;
  #watch: NodeJS.Timeout | undefined;
  #restarting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  readonly #binaries: PostgresBinaries;
  readonly #cluster: Cluster;
  readonly #settings: Record<string, string>;
  readonly #lock: FolderLock;
  readonly #log: Logger | undefined;

  constructor(
    binaries: PostgresBinaries,
    cluster: Cluster,
    settings: Record<string, string>,
    lock: FolderLock,
    log: Logger | undefined,
  ) {
    this.#binaries = binaries;
    this.#cluster = cluster;
    this.#settings = settings;
    this.#lock = lock;
    this.#log = log;
  }

  get pid(): number {
    return this.#pid;
  }

  get url(): string {
    return `postgres://${POSTGRES_NAME}:${this.#cluster.password}@127.0.0.1:${this.#port}/${POSTGRES_NAME}`;
  }

  async start(): Promise<void> {
    const orphan = findPostmaster(this.#cluster.path);
    if (!orphan) disownStaleNote(this.#cluster.path);
    if (!(orphan && (await this.#adopt(orphan)))) await this.#launch();
    this.#watch = setInterval(() => this.#look(), WATCH_MS).unref();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#watch);
    await this.#restarting;
    await this.#end(this.#pid);
    await this.#lock.release();
  }

  /** Takes over the server a killed process left behind; ends it when it is not what we would start. */
  async #adopt(orphan: Postmaster): Promise<boolean> {
    if (orphan.status !== 'stopping' && this.#isOurs(orphan) && (await this.#untilReady(orphan.pid))) {
      this.#pid = orphan.pid;
      this.#port = findPostmaster(this.#cluster.path)?.port ?? 0;
      if (this.#port > 0) {
        this.#log?.info({ postgresPid: orphan.pid }, 'took over the database server of a process that was killed');
        return true;
      }
    }
    await this.#end(orphan.pid);
    return false;
  }

  #isOurs(orphan: Postmaster): boolean {
    if (programOf(orphan.pid) !== this.#binaries.postgres) return false;
    const options = readFileSync(join(this.#cluster.path, 'postmaster.opts'), 'utf8');
    const port = options.match(/ "-p" "(\d+)"/)?.[1] ?? '';
    const expected = this.#arguments(Number(port)).map((argument) => ` "${argument}"`);
    return options.trimEnd().endsWith(`${this.#binaries.postgres}${expected.join('')}`);
  }

  #arguments(port: number): string[] {
    const settings = Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return ['-D', this.#cluster.path, '-p', String(port), ...settings];
  }

  /** Starts a server; on the port it had before, when it had one, so that its address stays. */
  async #launch(): Promise<void> {
    const deadline = Date.now() + START_MS;
    for (;;) {
      const port = this.#port || (await tryPort(0, '127.0.0.1'));
      const said = await this.#tryLaunch(port);
      if (said === undefined) return;
      // A port found free may be taken by the time the server binds it; and the sessions of a killed server need a
      // moment to notice and to let its memory go.
      const passing = /could not bind|pre-existing shared memory block/.test(said);
      if (!passing || this.#stopping || Date.now() > deadline) {
        throw new AppError('UNAVAILABLE', `The embedded database could not be started: ${lastComplaint(said)}.`);
      }
      await sleep(POLL_MS * 5);
    }
  }

  /** @returns what the server said before it gave up; undefined when it is ready */
  async #tryLaunch(port: number): Promise<string | undefined> {
    const { logFile, runAs } = this.#cluster;
    const large = (statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT;
    const log = openSync(logFile, large ? 'w' : 'a', 0o600);
    const from = statSync(logFile).size;
    try {
      const child = spawnPostgres(this.#binaries.postgres, this.#arguments(port), runAs, {
        cwd: dirname(this.#cluster.path),
        stdio: ['ignore', log, log],
      });
      const failure = new Promise<string>((resolve) => child.once('error', (error) => resolve(error.message)));
      child.unref();
      if (child.pid === undefined) return await failure;
      if (!(await this.#untilReady(child.pid))) {
        return readFileSync(logFile).subarray(from).toString('utf8') || 'it ended without a word';
      }
      this.#pid = child.pid;
      this.#port = port;
      return undefined;
    } finally {
      closeSync(log);
    }
  }

  /** @returns false when the server ended before it was ready to take connections */
  async #untilReady(pid: number): Promise<boolean> {
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline && isRunning(pid)) {
      const postmaster = findPostmaster(this.#cluster.path);
      if (postmaster?.pid === pid && postmaster.status === 'ready') return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  /** Shuts a server down: at once for its sessions, cleanly for its files. Hard when it does not end in time. */
  async #end(pid: number): Promise<void> {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      if (!isRunning(pid)) return;
      process.kill(pid, signal);
      const deadline = Date.now() + STOP_MS;
      while (isRunning(pid) && Date.now() < deadline) await sleep(POLL_MS);
    }
  }

  #look(): void {
    if (this.#restarting || this.#stopping || isRunning(this.#pid)) return;
    this.#restarting = this.#restart().finally(() => {
      this.#restarting = undefined;
    });
  }

  async #restart(): Promise<void> {
    this.#log?.error({ postgresPid: this.#pid }, 'the database server died, starting it again');
    for (let pause = WATCH_MS; !this.#stopping; pause = Math.min(pause * 2, 5_000)) {
      try {
        await this.#launch();
        this.#log?.info({ postgresPid: this.#pid }, 'the database server is back');
        return;
      } catch (error) {
        this.#log?.error({ err: error }, 'the database server does not start');
        await sleep(pause);
      }
    }
  }
}
