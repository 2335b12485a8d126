import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, vi } from 'vitest';
import type { BehaviourInput } from '../simulator/behaviour.js';
import { createSimulator, type Simulator } from '../simulator/simulator.js';
import { verify } from '../verify/verify.js';
import { createTestApi, type TestApi } from './api.js';
import { ApiCalls } from './api-calls.js';
import { startWorker } from './start-worker.js';

/** One attempt's time-out in such a run, ms. */
export const RUN_TIMEOUT_MS = 500;

/** A busy machine takes its time, ms. */
const PATIENCE = { timeout: 60_000, interval: 20 };

/** How a mailing stands. */
export interface RunRow {
  status: string;
  open: number;
  sent: number;
  failed: number;
  expired: number;
  cancelled: number;
  unknown: number;
  replan_cursor: string | null;
}

/** An API, a worker and a gateway with a ledger, and the judge over them; closed when the test is over. */
export interface LedgerRun {
  api: TestApi;
  calls: ApiCalls;
  simulator: Simulator;
  sql: TestApi['database']['pool']['query'];
  /** Waits until a mailing's row is as wanted. */
  until(id: string, holds: (row: RunRow) => boolean): Promise<RunRow>;
  /** Holds rows and ledger against each other: every check of `verify` must hold. @returns what was counted, by subject */
  judge(): Promise<(subject: string) => number>;
}

export async function startLedgerRun(behaviour: BehaviourInput = {}, concurrency = 32): Promise<LedgerRun> {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-run-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const api = await createTestApi({ timeoutMs: RUN_TIMEOUT_MS });
  onTestFinished(() => api.close());
  const ledgerFile = join(dir, 'ledger.jsonl');
  const simulator = await createSimulator({ ledgerFile, behaviour });
  onTestFinished(() => simulator.close());
  const { pool, url: databaseUrl } = api.database;
  const options = { databaseUrl, gatewayUrl: simulator.url, timeoutMs: RUN_TIMEOUT_MS, concurrency };
  onTestFinished(await startWorker(options));
  return {
    api,
    calls: new ApiCalls(api),
    simulator,
    sql: pool.query.bind(pool) as LedgerRun['sql'],
    async until(id, holds) {
      return await vi.waitFor(async () => {
        const { rows } = await pool.query<RunRow>('select * from mailing where id = $1', [id]);
        return holds(rows[0]!) ? rows[0]! : expect.fail(JSON.stringify(rows[0]));
      }, PATIENCE);
    },
    async judge() {
      const findings = await verify(pool, ledgerFile, { timeoutMs: RUN_TIMEOUT_MS });
      expect(findings.filter(({ broken }) => broken > 0)).toEqual([]);
      return (subject) => findings.find((finding) => finding.subject === subject)?.counted ?? 0;
    },
  };
}
