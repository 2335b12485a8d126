import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

/** What a run is told. */
export interface ChaosOptions {
  /** From the first fault to the end of the last mailing. */
  minutes: number;
  seed: number;
}

/** How it is called. */
export const USAGE =
  'Usage: npm run chaos -- [--minutes N] [--seed N]: minutes from 0.2 to 600, a seed from 0 to 2147483647.';

/**
 * @returns nothing when help is asked for
 * @throws Error that says how it is called
 */
export function parseOptions(args: string[]): ChaosOptions | undefined {
  let values: { minutes?: string; seed?: string; help?: boolean };
  try {
    const options = { minutes: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } } as const;
    ({ values } = parseArgs({ args, options }));
  } catch {
    throw new Error(USAGE);
  }
  if (values.help) return undefined;
  const minutes = Number(values.minutes ?? 10);
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  if (!(minutes >= 0.2 && minutes <= 600) || !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31)) {
    throw new Error(USAGE);
  }
  return { minutes, seed };
}
