import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { tryPort } from '../src/platform/free-port.js';
import { createPool } from '../src/platform/pool.js';
import { totals } from '../src/simulator/simulator-client.js';
import { type SpawnedSimulator, spawnSimulator } from '../src/simulator/spawn-simulator.js';
import { type MongoServer, startMongoServer } from '../src/testing/mongo-server.js';
import { type OwnPostgres, startOwnPostgres } from '../src/testing/own-postgres.js';
import { ADMIN_TOKEN, Api } from './api.js';
import { Program } from './program.js';

/** As many as docs/deploy.md begins with. */
const APIS = 2;
const WORKERS = 3;
/** One attempt's time-out on the gateway, ms: a lease is five seconds longer. */
export const TIMEOUT_MS = 1_000;
/** What is killed is started again after so long, ms, as by a container's restart policy. */
const AWAY_MS = 1_000;

/** What docker-compose.yml starts, as plain processes on one machine: two APIs, three workers, both databases, a gateway. */
export class Fleet {
  readonly complaints: string[] = [];
  readonly workers: Program[] = [];
  readonly apis: Program[] = [];
  pool!: pg.Pool;
  gateway!: SpawnedSimulator;
  #postgres!: OwnPostgres;
  #mongo!: MongoServer;
  readonly #doors: Api[] = [];
  readonly #stack = new AsyncDisposableStack();

  constructor(readonly dir: string) {}

  get databaseUrl(): string {
    return this.#postgres.url;
  }

  /** Starts all of it; what did start is closed by `close` also when something did not. */
  async start(): Promise<void> {
    this.#postgres = await startOwnPostgres({ dir: join(this.dir, 'postgres'), settings: { max_connections: '300' } });
    this.#stack.defer(() => this.#postgres.stop());
    this.pool = createPool({ databaseUrl: this.databaseUrl, max: 2, name: 'fleet', onError: () => {} });
    this.#stack.defer(() => this.pool.end());
    // Never the operator's own: it is killed.
    this.#mongo = await startMongoServer({});
    this.#stack.defer(() => this.#mongo.stop());
    const behaviour = { latency: { minMs: 5, maxMs: 40 } };
    this.gateway = await spawnSimulator({ dir: join(this.dir, 'simulator'), behaviour });
    this.#stack.defer(() => this.gateway.close());
    for (let number = 1; number <= APIS; number += 1) this.apis.push(await this.#startApi(number));
    for (let number = 1; number <= WORKERS; number += 1) {
      this.workers.push(await this.#program(`worker ${number}`, { ROLE: 'worker', GATEWAY_URL: this.gateway.url }));
    }
    await this.ready();
  }

  /** Resolves once every process of ours has said that it is ready. */
  async ready(): Promise<void> {
    while (![...this.apis, ...this.workers].every(({ ready }) => ready)) await sleep(50);
  }

  /** One operation with one field, called `it`, of whichever API answers, as a balancer has it; asked again until one does. */
  async ask<T>(operation: string, variables: object = {}): Promise<T> {
    for (let turn = Math.floor(Math.random() * APIS); ; turn += 1) {
      const answer = await this.#doors[turn % APIS]!.ask<T>(operation, variables);
      if (answer !== null) return answer;
      // Each has been asked: the database itself is away.
      if (turn % APIS === 0) await sleep(100);
    }
  }

  /** How often the APIs answered, and how often one did not because it, or its database, was away. */
  get answers(): { answered: number; away: number } {
    const counts = this.#doors.map(({ count }) => count);
    const sum = (name: 'answered' | 'away') => counts.reduce((all, count) => all + count[name], 0);
    return { answered: sum('answered'), away: sum('away') };
  }

  /** Requests that the gateway has seen. */
  async requests(): Promise<number> {
    return (await totals(this.gateway.controlUrl)).requests;
  }

  async killProgram(program: Program): Promise<void> {
    await program.end('SIGKILL');
    await sleep(AWAY_MS);
    program.start();
    await this.ready();
  }

  /** It keeps its jobs in memory: they are lost, and a new one is empty. */
  async killMongo(): Promise<void> {
    const port = Number(new URL(this.#mongo.url).port);
    await this.#mongo.kill();
    await sleep(AWAY_MS);
    this.#mongo = await startMongoServer({}, port);
  }

  async killPostgres(): Promise<void> {
    await this.#postgres.kill('immediate');
    await sleep(AWAY_MS);
    await this.#postgres.start();
  }

  /** Asks all programs to end, as a deployment does. */
  async endPrograms(): Promise<void> {
    await Promise.all([...this.apis, ...this.workers].map((program) => program.end('SIGTERM')));
  }

  async close(): Promise<void> {
    await Promise.all([...this.apis, ...this.workers].map((program) => program.end('SIGKILL')));
    await this.#stack.disposeAsync();
  }

  complain = (complaint: string): void => {
    this.complaints.push(complaint);
    process.stdout.write(`  !! ${complaint}\n`);
  };

  async #startApi(number: number): Promise<Program> {
    const port = await tryPort(0, '127.0.0.1');
    this.#doors.push(new Api(`http://127.0.0.1:${port}`, this.complain));
    return await this.#program(`api ${number}`, { ROLE: 'api', PORT: String(port) });
  }

  async #program(name: string, env: Record<string, string>): Promise<Program> {
    const dir = join(this.dir, name.replace(' ', '-'));
    await mkdir(dir);
    const program = new Program({
      name,
      dir,
      log: join(dir, 'out.log'),
      env: {
        DATABASE_URL: this.databaseUrl,
        MONGO_URL: `${this.#mongo.url}/heliograph`,
        DATA_DIR: dir,
        ADMIN_TOKEN,
        GATEWAY_TIMEOUT_MS: String(TIMEOUT_MS),
        GATEWAY_CONCURRENCY: '16',
        NODE_ENV: 'test',
        ...env,
      },
      mayFailToStart: () => false,
      complain: this.complain,
    });
    program.start();
    return program;
  }
}
