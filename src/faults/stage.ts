import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import { createPool } from '../platform/pool.js';
import type { BehaviourInput } from '../simulator/behaviour.js';
import { type LedgerEntry, mergeLedgerLines } from '../simulator/ledger-entry.js';
import { behave, readLedger, totals } from '../simulator/simulator-client.js';
import { type SpawnedSimulator, spawnSimulator } from '../simulator/spawn-simulator.js';
import type { ChildProgram } from '../testing/child-program.js';
import { type OwnPostgres, startOwnPostgres } from '../testing/own-postgres.js';
import { type ProgramOptions, startProgram } from '../testing/program.js';
import { createTestDatabase } from '../testing/test-database.js';
import { verify } from '../verify/verify.js';

/** One attempt's time-out in these tests, ms; a lease is five seconds longer. */
export const TIMEOUT_MS = 1_000;

/** What a test of a fault plays on: a database, a gateway in a process of its own, and programs to be maltreated. */
export interface Stage {
  readonly dir: string;
  readonly databaseUrl: string;
  readonly pool: pg.Pool;
  readonly simulator: SpawnedSimulator;
  /** Starts the program as it is shipped, and waits until it is ready; killed when the test is over. */
  start(role: ProgramOptions['role'], more?: Partial<ProgramOptions>): Promise<ChildProgram>;
  /** Changes the gateway's ways; what is left out takes its default. */
  behave(behaviour: BehaviourInput): Promise<void>;
  /** Every request that the gateway has seen, in the order of their arrival. */
  requests(): Promise<LedgerEntry[]>;
  /** Resolves to the number of requests once none has come for a while, longer than one attempt may take. */
  quiet(): Promise<number>;
  /** One number from the database. */
  count(sql: string): Promise<number>;
  /** Resolves once nothing is open and nothing runs. @param within ms */
  drained(within?: number): Promise<void>;
  /** Holds rows and ledger against each other: every check of `verify` must hold. */
  judge(): Promise<void>;
}

/** A stage on a database of the shared cluster. */
export async function setStage(behaviour: BehaviourInput = {}): Promise<Stage> {
  const database = await createTestDatabase();
  // Runs after everything that was started later has ended: vitest calls these in the opposite order.
  onTestFinished(async () => {
    await untilAlone(database.pool);
    await database.drop();
  });
  return await furnish(database.url, database.pool, behaviour);
}

/** A stage on a Postgres that the test may kill. @param place where its folder is; beside the test's own when left out */
export async function setStageOnOwnPostgres(
  o: { behaviour?: BehaviourInput; settings?: Record<string, string>; place?: string } = {},
): Promise<Stage & { postgres: OwnPostgres }> {
  const place = o.place ?? (await temporaryFolder());
  const postgres = await startOwnPostgres({ dir: join(place, 'pg'), ...(o.settings && { settings: o.settings }) });
  onTestFinished(() => postgres.stop());
  const pool = createPool({ databaseUrl: postgres.url, max: 4, name: 'test', onError: () => {} });
  onTestFinished(() => pool.end());
  return Object.assign(await furnish(postgres.url, pool, o.behaviour ?? {}), { postgres });
}

async function furnish(databaseUrl: string, pool: pg.Pool, behaviour: BehaviourInput): Promise<Stage> {
  const dir = await temporaryFolder();
  const simulator = await spawnSimulator({ dir, behaviour });
  onTestFinished(() => simulator.close());
  const count = async (sql: string) => Object.values((await pool.query(sql)).rows[0])[0] as number;
  return {
    dir,
    databaseUrl,
    pool,
    simulator,
    count,
    async start(role, more) {
      const options = { role, databaseUrl, dir, gatewayUrl: simulator.url, timeoutMs: TIMEOUT_MS, ...more };
      const program = await startProgram(options);
      onTestFinished(async () => {
        program.kill('SIGCONT');
        program.kill('SIGKILL');
        await program.ended;
      });
      return program;
    },
    behave: async (changed) => void (await behave(simulator.controlUrl, changed)),
    requests: async () => mergeLedgerLines((await readLedger(simulator.controlUrl)).lines),
    async quiet() {
      let before = -1;
      const nothingCame = async () => {
        const now = (await totals(simulator.controlUrl)).requests;
        const same = now === before;
        before = now;
        return same;
      };
      await expect.poll(nothingCame, { timeout: 20_000, interval: 1.5 * TIMEOUT_MS }).toBe(true);
      return before;
    },
    async drained(within = 30_000) {
      const left = () =>
        count(
          `select (count(*) filter (where status in ('SCHEDULED', 'RUNNING', 'PAUSED')) + coalesce(sum(open), 0))::int from mailing`,
        );
      await expect.poll(() => left().catch(() => 'the database is away'), { timeout: within, interval: 50 }).toBe(0);
    },
    async judge() {
      // Asking for the totals has the simulator write its ledger to the end.
      await totals(simulator.controlUrl);
      const findings = await verify(pool, simulator.ledgerFile, { timeoutMs: TIMEOUT_MS });
      expect(findings.filter(({ broken }) => broken > 0)).toEqual([]);
    },
  };
}

async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-fault-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** The sessions of a killed process end a moment after it, and a database that somebody uses can't be dropped. */
async function untilAlone(pool: pg.Pool): Promise<void> {
  const others = async () => {
    const { rows } = await pool.query(`select application_name from pg_stat_activity
      where datname = current_database() and application_name <> 'heliograph test'`);
    return rows;
  };
  await expect.poll(others, { timeout: 10_000 }).toEqual([]);
}
