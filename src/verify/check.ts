import type pg from 'pg';

/** What one check found, whether it holds or not. */
export interface Finding {
  /** The invariant of the promise it belongs to: see docs/verify.md. */
  invariant: 1 | 2 | 3 | 4 | 5;
  /** What was counted: `SENT messages`. */
  subject: string;
  /** What must hold for each: `each accepted by the gateway`. */
  must: string;
  counted: number;
  /** Those for which it does not hold. */
  broken: number;
  /** Ids of the first few of them: of messages, unless `subject` speaks of something else. */
  examples: string[];
}

/** One statement that holds one invariant, or a part of it, against the rows. */
export interface Check extends Pick<Finding, 'invariant' | 'subject' | 'must'> {
  /**
   * Gives a row (id, wrong) for everything it counts; it may use the tables of load-ledger.ts. `$1` is the grace of one
   * time-out as an interval.
   */
  sql: string;
  /** `$2` and so on. */
  params?: unknown[];
}

/** A channel's time-out: what a pause, a cancel, an opt-out or an edit leaves to what is under way. */
export interface CheckOptions {
  timeoutMs: number;
}

/** Ids shown of what is broken. */
const EXAMPLES = 5;

export async function runCheck(client: pg.ClientBase, check: Check, options: CheckOptions): Promise<Finding> {
  const { rows } = await client.query<Pick<Finding, 'counted' | 'broken' | 'examples'>>(
    `select count(*)::int as counted, (count(*) filter (where wrong))::int as broken,
       coalesce((array_agg(id::text) filter (where wrong))[1:${EXAMPLES}], '{}') as examples
     from (${check.sql}) as checked where $1::interval is not null`,
    [`${options.timeoutMs} ms`, ...(check.params ?? [])],
  );
  const { invariant, subject, must } = check;
  return { invariant, subject, must, ...rows[0]! };
}
