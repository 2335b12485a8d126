import type pg from 'pg';
import { type CheckOptions, type Finding, runCheck } from './check.js';
import { checkAudience, countChecks } from './counts.js';
import { createLedgerTables, ledgerSize, loadLedger } from './load-ledger.js';
import { requestChecks } from './requests.js';
import { timeChecks } from './times.js';

/** The gateway's time-out if nothing is said, ms: that of the settings. */
const TIMEOUT_MS = 10_000;

/**
 * Holds the database against itself, and against the gateway's ledger when there is one: the promise, check by check.
 *
 * It reads one snapshot and changes nothing of ours. The ledger's length is noted before the snapshot is taken and the
 * ledger is read after it, so that while a mailing runs only that is reported which is wrong already.
 *
 * @param ledgerFile the simulator's `ledger.jsonl`; null: only what the database alone can tell is checked
 * @returns every check, whether it holds (`broken` is 0) or not
 * @throws AppError NOT_FOUND when there is no such ledger, BAD_USER_INPUT when it is none; what pg throws
 */
export async function verify(
  pool: pg.Pool,
  ledgerFile: string | null,
  options: Partial<CheckOptions> = {},
): Promise<Finding[]> {
  const client = await pool.connect();
  try {
    if (ledgerFile !== null) await createLedgerTables(client);
    return await inSnapshot(client, ledgerFile, { timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
  } finally {
    // Its temporary tables and settings go with the connection.
    client.release(true);
  }
}

async function inSnapshot(client: pg.ClientBase, ledgerFile: string | null, options: CheckOptions): Promise<Finding[]> {
  const earlyBytes = ledgerFile === null ? 0 : ledgerSize(ledgerFile);
  await client.query(`begin isolation level repeatable read read only`);
  // Each check looks at everything once, by hash joins; what suits small hot statements does not suit these.
  await client.query(
    `set local work_mem = '256MB'; set local enable_nestloop = off; set local max_parallel_workers_per_gather = 2`,
  );
  await client.query('select 1 from mailing limit 1');
  if (ledgerFile !== null) await loadLedger(client, ledgerFile, earlyBytes);
  const findings = [await checkAudience(client, options)];
  const checks = ledgerFile === null ? countChecks : [...countChecks, ...requestChecks, ...timeChecks];
  for (const check of checks) findings.push(...(await runCheck(client, check, options)));
  await client.query('commit');
  return findings.sort((a, b) => a.invariant - b.invariant);
}
