import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findPostgresBinaries } from '../embedded/postgres-binaries.js';
import { openCluster, POSTGRES_NAME, spawnPostgres } from '../embedded/postgres-cluster.js';
import { DEFAULT_SETTINGS } from '../embedded/postgres-settings.js';
import { isRunning } from '../embedded/postmaster.js';
import { tryPort } from '../platform/free-port.js';
import { migrate } from '../platform/migrate.js';

/** Survives the death of every process of the server, which is all that a test does to it; not a power cut. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB', max_wal_size: '256MB' };
/** How long the server may take to start again, recovery included, ms. */
const START_MS = 60_000;
/** How often it is looked whether it is ready or gone, ms. */
const POLL_MS = 25;

/** A PostgreSQL that a test may kill: nobody starts it again but the test. */
export interface OwnPostgres {
  /** Address of its database; the same after each start. */
  readonly url: string;
  /** Of the postmaster that runs, or ran last. */
  readonly pid: number;
  readonly running: boolean;
  /**
   * Ends it without a checkpoint, and waits until all of its processes are gone.
   *
   * @param how `immediate` is what `pg_ctl stop -m immediate` does (SIGQUIT); SIGKILL hits the postmaster alone, and its
   *   sessions end as they notice
   */
  kill(how: 'immediate' | 'SIGKILL'): Promise<void>;
  /**
   * Starts it again on the same folder and port.
   * @throws Error with what the server said when it does not come up
   */
  start(): Promise<void>;
  /** Ends it for good; cleanly when it runs. */
  stop(): Promise<void>;
}

/**
 * Makes a cluster in the folder (or takes the one that is there), starts it and migrates its database.
 *
 * @param o.settings server settings that win over the defaults
 */
export async function startOwnPostgres(o: { dir: string; settings?: Record<string, string> }): Promise<OwnPostgres> {
  mkdirSync(o.dir, { recursive: true });
  const binaries = findPostgresBinaries();
  const cluster = await openCluster(o.dir, binaries, false);
  const port = await tryPort(0, '127.0.0.1');
  const settings = { ...DEFAULT_SETTINGS, ...SETTINGS, ...o.settings };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const url = `postgres://${POSTGRES_NAME}:${cluster.password}@127.0.0.1:${port}/${POSTGRES_NAME}`;
  const launch = (log: number) =>
    spawnPostgres(binaries.postgres, ['-D', cluster.path, '-p', String(port), ...args], cluster.runAs, {
      stdio: ['ignore', log, log],
    });
  const server = new Server(url, join(o.dir, 'postgres.log'), launch);
  await server.start();
  try {
    await migrate(url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class Server implements OwnPostgres {
  pid = 0;

  constructor(
    readonly url: string,
    private readonly logFile: string,
    private readonly launch: (log: number) => ReturnType<typeof spawnPostgres>,
  ) {}

  get running(): boolean {
    return this.pid > 0 && isRunning(this.pid);
  }

  async kill(how: 'immediate' | 'SIGKILL'): Promise<void> {
    await this.#end(how === 'immediate' ? 'SIGQUIT' : 'SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT');
  }

  async start(): Promise<void> {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const said = await this.#tryStart(deadline);
      if (said === undefined) return;
      // The sessions of a postmaster that was killed need a moment to notice, and to let its memory and port go.
      const passing = /pre-existing shared memory block|could not bind|could not create any TCP/.test(said);
      if (!passing || performance.now() > deadline) throw new Error(`The test's own Postgres does not start: ${said}`);
      await sleep(POLL_MS);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    process.kill(this.pid, signal);
    while (this.running) await sleep(POLL_MS);
  }

  /** @returns what it said before it gave up; undefined when it takes connections */
  async #tryStart(deadline: number): Promise<string | undefined> {
    const log = openSync(this.logFile, 'a', 0o600);
    const from = readFileSync(this.logFile).length;
    const child = this.launch(log);
    closeSync(log);
    child.unref();
    const failed = once(child, 'error').then(([error]) => error);
    if (child.pid === undefined) throw await failed;
    this.pid = child.pid;
    while (performance.now() < deadline) {
      if (!this.running) return readFileSync(this.logFile).subarray(from).toString('utf8') || 'it ended without a word';
      if (await takesConnections(this.url)) return undefined;
      await sleep(POLL_MS);
    }
    await this.#end('SIGKILL');
    return 'it is not ready in time';
  }
}

async function takesConnections(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch (error) {
    // Used up by others: it is up all the same.
    return (error as { code?: string }).code === '53300';
  } finally {
    await client.end().catch(() => {});
  }
}
