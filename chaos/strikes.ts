import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { BehaviourInput } from '../src/simulator/behaviour.js';
import type { Manner } from './line.js';
import type { FaultName, PlannedFault } from './plan.js';
import type { Program } from './program.js';
import { TIMEOUT_MS, type Worker, type World } from './world.js';

/** Breaks something and mends it again. @returns when it is mended */
type Strike = (world: World, fault: PlannedFault) => Promise<void>;

/** How each kind of fault is made. */
export const STRIKES: Readonly<Record<FaultName, Strike>> = {
  'worker-kill': onWorker(({ program }, { ms }) => endAndStart(program, 'SIGKILL', ms)),
  'worker-term': onWorker(({ program }, { ms }) => endAndStart(program, 'SIGTERM', ms)),
  'worker-stop': onWorker(stopAndGoOn),
  'worker-hiccup': onWorker(stopAndGoOn),
  'worker-block': onWorker(async ({ program }, { ms }) => {
    // Before it listens for the signal, that would end it.
    if (program.ready) program.signal('SIGUSR2');
    await sleep(ms);
  }),
  'worker-clock': onWorker(async ({ program }, { at, ms }) => {
    await program.end('SIGTERM');
    program.start(at % 2 === 0 ? 600_000 : -600_000);
    await sleep(ms);
    await endAndStart(program, 'SIGTERM', 0);
  }),
  'api-kill': ({ apiProgram }, { ms }) => endAndStart(apiProgram, 'SIGKILL', ms),
  'api-term': ({ apiProgram }, { ms }) => endAndStart(apiProgram, 'SIGTERM', ms),
  'postgres-immediate': onPostgres((world, fault) => killPostgres(world, 'immediate', fault)),
  'postgres-kill': onPostgres((world, fault) => killPostgres(world, 'SIGKILL', fault)),
  'postgres-backend': onPostgres(async ({ pool }) => {
    const { rows } = await pool.query<{ pid: number }>(`select pid from pg_stat_activity ${OTHERS} limit 1`);
    if (rows[0]) process.kill(rows[0].pid, 'SIGKILL');
  }),
  'postgres-sessions': onPostgres(async ({ pool }, { ms }) => {
    for (let left = ms; left > 0; left -= 1_000) {
      await pool.query(`select pg_terminate_backend(pid) from pg_stat_activity ${OTHERS}`);
      await sleep(Math.min(left, 1_000));
    }
  }),
  'postgres-full': onPostgres(useUpConnections),
  'postgres-locks': holding(`select from mailing where status = 'RUNNING' for update`),
  'disk-full': onPostgres(fillDisk),
  'jobs-lost': whenUp(async ({ pool }) => void (await pool.query('delete from agenda_jobs'))),
  'jobs-held': holding('lock table agenda_jobs in access exclusive mode'),
  'gateway-refuse': inMood({ down: 'refuse' }),
  'gateway-close': inMood({ down: 'close' }),
  'gateway-hang': inMood({ outcomes: [{ outcome: 'hang' }, { outcome: 'hang', accepts: true }, { outcome: 'ok' }] }),
  'gateway-slow': inMood({ latency: { minMs: TIMEOUT_MS * 0.3, maxMs: TIMEOUT_MS * 1.2 } }),
  'gateway-5xx': inMood({
    outcomes: [
      { outcome: '500' },
      { outcome: '502', accepts: true },
      { outcome: '502' },
      { outcome: '503', retryAfter: 2 },
      { outcome: '504', accepts: true },
      { outcome: 'ok' },
    ],
  }),
  'gateway-401': inMood({ outcomes: [{ outcome: '401' }] }),
  'gateway-429': inMood({
    outcomes: [
      { outcome: '429', retryAfter: 3 },
      { outcome: '429', retryAfter: { dateIn: 4 } },
      { outcome: '429', retryAfter: 'absurd', weight: 0.02 },
      { outcome: 'ok' },
    ],
  }),
  'gateway-garbage': inMood({
    outcomes: [
      { outcome: 'garbage', accepts: true },
      { outcome: 'empty' },
      { outcome: 'endless' },
      { outcome: 'no-code', accepts: true },
      { outcome: 'text-code' },
      { outcome: 'wrong-code' },
      { outcome: 'redirect' },
      { outcome: 'ok', weight: 4 },
    ],
  }),
  'gateway-drops': inMood({
    outcomes: [{ outcome: 'drop-before-reading' }, { outcome: 'drop-after-accept' }, { outcome: 'ok' }],
  }),
  'gateway-kill': async ({ gateway }, { ms }) => {
    await gateway.kill();
    await sleep(ms);
    await gateway.restart();
  },
  'line-cut': onGatewayLine('cut'),
  'line-half-open': onGatewayLine('half-open'),
  'line-drip': onGatewayLine('drip'),
  'line-reset': onWorker(async ({ toGateway }, { ms }) => {
    for (let left = ms; left > 0; left -= 500) {
      toGateway.reset();
      await sleep(Math.min(left, 500));
    }
  }),
  'database-cut': onDatabaseLine('cut'),
  'database-half-open': onDatabaseLine('half-open'),
};

/** Every session of the program itself, and none of ours. */
const OTHERS = `where application_name like 'heliograph %' and application_name <> 'heliograph chaos'`;

function onWorker(strike: (worker: Worker, fault: PlannedFault) => Promise<void>): Strike {
  return ({ workers }, fault) => strike(workers[fault.target]!, fault);
}

async function endAndStart(program: Program, by: 'SIGKILL' | 'SIGTERM', after: number): Promise<void> {
  await program.end(by);
  await sleep(after);
  program.start();
}

async function stopAndGoOn({ program }: Worker, { ms }: PlannedFault): Promise<void> {
  program.signal('SIGSTOP');
  await sleep(ms);
  program.signal('SIGCONT');
}

/** Whatever else happens, it ends when Postgres answers again, which it does by itself. */
function onPostgres(strike: Strike): Strike {
  return whenUp(async (world, fault) => {
    world.shake();
    await strike(world, fault);
    await untilItAnswers(world.pool);
    world.shake();
  });
}

/** What befalls Postgres comes one after the other: on a busy machine it takes longer to recover than the plan gives it. */
function whenUp(strike: Strike): Strike {
  return async (world, fault) => {
    const earlier = world.postgresTurn;
    const { promise, resolve } = Promise.withResolvers<void>();
    world.postgresTurn = promise;
    await earlier;
    try {
      await untilItAnswers(world.pool);
      await strike(world, fault);
    } finally {
      resolve();
    }
  };
}

async function killPostgres({ postgres }: World, how: 'immediate' | 'SIGKILL', { ms }: PlannedFault): Promise<void> {
  await postgres.kill(how);
  await sleep(ms);
  await postgres.start();
}

async function untilItAnswers(pool: pg.Pool): Promise<void> {
  for (;;) {
    try {
      await pool.query('select 1');
      return;
    } catch {
      await sleep(100);
    }
  }
}

/** Ends everybody's sessions and takes their places, down to those that Postgres keeps for its own. */
async function useUpConnections(world: World, { ms }: PlannedFault): Promise<void> {
  const taken: pg.Client[] = [];
  const until = performance.now() + ms;
  await world.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity ${OTHERS}`);
  while (performance.now() < until) {
    const client = new pg.Client({ connectionString: world.postgres.url });
    client.on('error', () => {});
    try {
      await client.connect();
      taken.push(client);
    } catch {
      await sleep(50);
    }
  }
  await Promise.all(taken.map((client) => client.end()));
}

/** Without room for its log the server ends by itself; once there is room it is started again, where need be. */
async function fillDisk({ disk, postgres }: World, { ms }: PlannedFault): Promise<void> {
  // In pieces, since lines are carried and times are taken meanwhile.
  for (let leave = disk!.megabytes; leave >= 0; leave -= FILL_STEP_MB) {
    disk!.fill(leave * 2 ** 20);
    await sleep(1);
  }
  await sleep(ms);
  disk!.makeRoom();
  await sleep(SETTLE_MS);
  if (!postgres.running) await postgres.start();
}

/** Megabytes that are written at once, and how long a server that is about to end is given to do so, ms. */
const FILL_STEP_MB = 32;
const SETTLE_MS = 500;

/** Holds a lock in a transaction that is then taken back. */
function holding(lock: string): Strike {
  return whenUp(async ({ postgres }, { ms }) => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query('begin');
      await client.query(lock);
      await sleep(ms);
      await client.query('rollback');
    } finally {
      await client.end();
    }
  });
}

function inMood(mood: BehaviourInput): Strike {
  return async ({ gateway }, { ms }) => {
    await gateway.behave(mood);
    await sleep(ms);
    await gateway.behave();
  };
}

function onGatewayLine(manner: Manner): Strike {
  return async ({ workers, heldUp }, { target, ms }) => {
    const since = Date.now();
    await breakLine(workers[target]!.toGateway, manner, ms);
    if (manner === 'drip') heldUp.push({ since, until: Date.now() + FLUSH_MS });
  };
}

function onDatabaseLine(manner: Manner): Strike {
  return async (world, { target, ms }) => {
    world.shake();
    await breakLine(world.workers[target]!.toDatabase, manner, ms);
  };
}

/** What had been dripping arrives at once when the line is mended; ms. */
const FLUSH_MS = 1_000;

async function breakLine(line: Worker['toGateway'], manner: Manner, ms: number): Promise<void> {
  line.behave(manner);
  await sleep(ms);
  line.behave('whole');
}
