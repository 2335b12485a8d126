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

/** What a check is about, in words. */
export type Claim = Pick<Finding, 'invariant' | 'subject' | 'must'>;

/** One statement that holds one claim, or several that look at the same rows, against the rows. */
export interface Check {
  claims: readonly Claim[];
  /**
   * Gives a row (id, wrong, …) for everything it counts, with a boolean for each claim, null where the claim does not
   * concern it. It may use the tables of load-ledger.ts. `$1` is the grace of one time-out, an interval.
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

export async function runCheck(client: pg.ClientBase, check: Check, options: CheckOptions): Promise<Finding[]> {
  const columns = check.claims.map(
    (
      _claim,
      index,
    ) => `count(w${index})::int as counted${index}, (count(*) filter (where w${index}))::int as broken${index},
       coalesce((array_agg(id::text) filter (where w${index}))[1:${EXAMPLES}], '{}') as examples${index}`,
  );
  const names = check.claims.map((_claim, index) => `w${index}`);
  const { rows } = await client.query<Record<string, number & string[]>>(
    `select ${columns.join(', ')} from (${check.sql}) as checked (id, ${names.join(', ')}) where $1::interval is not null`,
    [`${options.timeoutMs} ms`, ...(check.params ?? [])],
  );
  const row = rows[0]!;
  return check.claims.map((claim, index) => ({
    ...claim,
    counted: row[`counted${index}`]!,
    broken: row[`broken${index}`]!,
    examples: row[`examples${index}`]!,
  }));
}
