import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { tryPort } from '../src/platform/free-port.js';
import { createPool } from '../src/platform/pool.js';
import { type OwnPostgres, startOwnPostgres } from '../src/testing/own-postgres.js';
import { makeSmallDisk, type SmallDisk } from '../src/testing/small-disk.js';
import type { Stretch } from '../src/verify/history.js';
import { ADMIN_TOKEN, Api } from './api.js';
import { Gateway } from './gateway.js';
import { Line } from './line.js';
import { WORKERS } from './plan.js';
import { Program } from './program.js';

/** One attempt's time-out on the gateway, ms: short, so that leases run out often. */
export const TIMEOUT_MS = 1_500;
/** The program's own settings, which tests make smaller; and room for everybody's connections. */
const SETTINGS = { shared_buffers: '256MB', max_wal_size: '256MB', max_connections: '150' };
/** After a fault of Postgres a start may fail for so long, ms. */
const SHAKEN_MS = 20_000;

/** A worker and its lines. */
export interface Worker {
  program: Program;
  toGateway: Line;
  toDatabase: Line;
}

/** How often the way to the gateway is looked at, and what late is, ms: a limit bears a tenth of a second. */
const LOOK_MS = 20;
const LATE_MS = 50;

/** Everything a run is made of, each part of its own, on its own folder and its own ports. */
export class World {
  readonly complaints: string[] = [];
  /** Whether its folder is kept: then the database on its disk of memory is copied there. */
  keep = false;
  readonly workers: Worker[] = [];
  apiProgram!: Program;
  api!: Api;
  postgres!: OwnPostgres;
  /** Where Postgres keeps its files; undefined: this machine lets nobody make such a disk, so it is never full. */
  disk: (SmallDisk & { megabytes: number }) | undefined;
  gateway!: Gateway;
  /** Straight to Postgres, past every line. */
  pool!: pg.Pool;
  readonly #stack = new AsyncDisposableStack();
  /** When what goes to the gateway was held up: by a line that drips, or for want of a core. */
  readonly heldUp: Stretch[] = [];
  #shakenUntil = 0;
  /** Until what befalls Postgres just now is over. */
  postgresTurn: Promise<void> = Promise.resolve();

  constructor(
    readonly dir: string,
    private readonly seed: number,
    private readonly diskMegabytes: number,
  ) {}

  /** Starts all of it; what did start is closed by `close` also when something did not. */
  async start(): Promise<void> {
    const dir = (await this.#makeDisk()) ?? this.dir;
    this.postgres = await startOwnPostgres({ dir: join(dir, 'postgres'), settings: SETTINGS });
    this.#stack.defer(() => this.postgres.stop());
    this.pool = createPool({ databaseUrl: this.postgres.url, max: 4, name: 'chaos', onError: () => {} });
    this.#stack.defer(() => this.pool.end());
    this.gateway = await Gateway.start(join(this.dir, 'simulator'), this.seed, (text) => this.complain(text));
    this.#stack.defer(() => this.gateway.close());
    const port = await tryPort(0, '127.0.0.1');
    this.api = new Api(`http://127.0.0.1:${port}`, this.complain);
    this.apiProgram = await this.#program('api', { ROLE: 'api', PORT: String(port), DATABASE_URL: this.postgres.url });
    for (let number = 1; number <= WORKERS; number += 1) this.workers.push(await this.#worker(`worker ${number}`));
    while (!this.programs.every(({ ready }) => ready)) await sleep(50);
    this.#watchWay();
  }

  /**
   * Notes when what is sent evenly can not arrive evenly: this process, which keeps the lines, or the simulator was late to
   * answer, for want of a core.
   */
  #watchWay(): void {
    let isOver = false;
    this.#stack.defer(() => {
      isOver = true;
    });
    const look = async () => {
      let since = Date.now();
      while (!isOver) {
        const answered = await this.gateway.isThere();
        const until = Date.now();
        if (answered && until - since > LOOK_MS + LATE_MS) this.heldUp.push({ since, until });
        since = until;
        await sleep(LOOK_MS);
      }
    };
    void look();
  }

  get programs(): Program[] {
    return [this.apiProgram, ...this.workers.map(({ program }) => program)];
  }

  complain = (complaint: string): void => {
    this.complaints.push(complaint);
    process.stdout.write(`  !! ${complaint}\n`);
  };

  /** Says that Postgres is broken on purpose: a program that is just starting may not find it. */
  shake(): void {
    this.#shakenUntil = performance.now() + SHAKEN_MS;
  }

  /** Asks all programs to end, as a deployment does. */
  async endPrograms(): Promise<void> {
    for (const program of this.programs) program.signal('SIGCONT');
    await Promise.all(this.programs.map((program) => program.end('SIGTERM')));
  }

  async close(): Promise<void> {
    await Promise.all(this.programs.filter(Boolean).map((program) => program.end('SIGKILL')));
    await this.#stack.disposeAsync();
  }

  /** @returns a folder on it */
  async #makeDisk(): Promise<string | undefined> {
    const disk = await makeSmallDisk(this.diskMegabytes);
    if ('obstacle' in disk) return undefined;
    this.#stack.defer(() => disk.remove());
    this.#stack.defer(async () => {
      if (this.keep) await cp(join(disk.dir, 'postgres'), join(this.dir, 'postgres'), { recursive: true });
    });
    this.disk = Object.assign(disk, { megabytes: this.diskMegabytes });
    return disk.dir;
  }

  async #worker(name: string): Promise<Worker> {
    const toGateway = await Line.open(this.gateway.url);
    this.#stack.defer(() => toGateway.close());
    const toDatabase = await Line.open(this.postgres.url);
    this.#stack.defer(() => toDatabase.close());
    const addresses = { DATABASE_URL: toDatabase.url, GATEWAY_URL: toGateway.url };
    return { toGateway, toDatabase, program: await this.#program(name, { ROLE: 'worker', ...addresses }) };
  }

  async #program(name: string, env: Record<string, string>): Promise<Program> {
    const dir = join(this.dir, name.replace(' ', '-'));
    await mkdir(dir);
    const program = new Program({
      name,
      dir,
      log: join(dir, 'out.log'),
      env: {
        DATA_DIR: dir,
        ADMIN_TOKEN,
        GATEWAY_TIMEOUT_MS: String(TIMEOUT_MS),
        GATEWAY_CONCURRENCY: '32',
        NODE_ENV: 'test',
        ...env,
      },
      mayFailToStart: () => performance.now() < this.#shakenUntil,
      complain: this.complain,
    });
    program.start();
    return program;
  }
}
