import type pg from 'pg';
import type { CheckOptions, Finding } from './check.js';
import { checkCounts } from './counts.js';
import { readHistory } from './history.js';
import { Ledger } from './ledger.js';
import { checkLimits } from './limits.js';
import { LocalTimes } from './local-times.js';
import { eachMessage } from './messages.js';
import { checkReached } from './reached.js';
import { RequestChecks } from './requests.js';
import { type Arrivals, checkTimes, Requested } from './times.js';

/** The gateway's time-out if nothing is said, ms: that of the settings. */
const TIMEOUT_MS = 10_000;

/** The channel whose ledger it is. */
const CHANNEL = 'gateway';

/**
 * Holds the database against itself, and against the gateway's ledger when there is one: the promise, check by check.
 *
 * It reads one snapshot and changes nothing. Of the ledger, what was there before the snapshot is told apart from what was
 * added later, so that while a mailing runs only that is reported which is wrong already.
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
  const checked = {
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    rateLimit: options.rateLimit ?? null,
    heldUp: options.heldUp ?? [],
  };
  const ledger = ledgerFile === null ? null : new Ledger(ledgerFile);
  const before = ledger?.bytes ?? 0;
  const client = await pool.connect();
  try {
    const { findings, arrivals } = await inSnapshot(client, ledger && { ledger, before }, checked);
    // Big mailings are sent the slower the longer a snapshot is held: what needs none waits until it is given up.
    if (arrivals !== null) {
      findings.push(...checkTimes(arrivals, await LocalTimes.read(client, arrivals)));
      findings.push(...checkLimits(arrivals, checked));
    }
    return findings.sort((a, b) => a.invariant - b.invariant);
  } finally {
    // One that failed may have a transaction open still.
    client.release(true);
  }
}

interface Looked {
  findings: Finding[];
  /** What the times of requests are to be held against; null without a ledger. */
  arrivals: Arrivals | null;
}

/** The gateway's ledger, and how many of its bytes were there before the snapshot. */
interface Evidence {
  ledger: Ledger;
  before: number;
}

async function inSnapshot(client: pg.ClientBase, evidence: Evidence | null, options: CheckOptions): Promise<Looked> {
  await client.query('begin isolation level repeatable read read only');
  // Each check looks at everything once, by hash joins; what suits small hot statements does not suit these.
  await client.query(
    `set local work_mem = '256MB'; set local enable_nestloop = off; set local max_parallel_workers_per_gather = 2;
     set local plan_cache_mode = force_custom_plan; set local jit = on`,
  );
  await client.query('select 1 from mailing limit 1');
  // The database counts while the ledger is read.
  const [findings] = await Promise.all([checkRows(client, options), evidence?.ledger.read(evidence.before)]);
  const looked = evidence === null ? null : await holdAgainst(evidence.ledger, client, options);
  await client.query('commit');
  return { findings: [...findings, ...(looked?.findings ?? [])], arrivals: looked?.arrivals ?? null };
}

/** What can be said by the database alone. */
async function checkRows(client: pg.ClientBase, options: CheckOptions): Promise<Finding[]> {
  return [await checkReached(client), ...(await checkCounts(client, options))];
}

/** Holds every message against its requests, and keeps what is needed to judge their times. */
async function holdAgainst(
  ledger: Ledger,
  client: pg.ClientBase,
  options: CheckOptions,
): Promise<Looked & { arrivals: Arrivals }> {
  const early = ledger.size;
  await ledger.read();
  const history = await readHistory(client, options.timeoutMs);
  const requested = new Requested(ledger.ids.size);
  const checks = new RequestChecks(ledger, early);
  await eachMessage(client, (message) => {
    const id = checks.judge(message, history.channels.get(message.mailingId) === CHANNEL);
    if (id >= 0) requested.note(id, message);
  });
  return { findings: checks.findings(await prunedBlocks(client)), arrivals: { ledger, early, requested, history } };
}

/** The first ids of the blocks of mailings whose messages were removed. */
async function prunedBlocks(client: pg.ClientBase): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ first: number }>(
    'select r.first::float8 as first from message_range r join mailing g on g.id = r.mailing_id where g.pruned_at is not null',
  );
  return new Set(rows.map(({ first }) => first));
}
