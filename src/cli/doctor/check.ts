/** What was found out about one thing. */
export interface Finding {
  /** A name that stays, for programs. */
  name: string;
  /** `fail`: the program can't work so; `warn`: it can, and somebody should look; `hint`: nothing is wrong, and there is more to do one day. */
  state: 'ok' | 'hint' | 'warn' | 'fail';
  /** How it is, in one sentence without a secret. */
  says: string;
  /** What to do; null: nothing. */
  advice: string | null;
}

export function ok(name: string, says: string): Finding {
  return { name, state: 'ok', says, advice: null };
}

export function hint(name: string, says: string, advice: string): Finding {
  return { name, state: 'hint', says, advice };
}

export function warn(name: string, says: string, advice: string): Finding {
  return { name, state: 'warn', says, advice };
}

export function fail(name: string, says: string, advice: string): Finding {
  return { name, state: 'fail', says, advice };
}

/** Findings of something that may throw: what it threw is a finding, too. */
export async function found(name: string, advice: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [fail(name, error instanceof Error ? error.message : String(error), advice)];
  }
}
