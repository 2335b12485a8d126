/** The API takes no more, messages a second. */
export const MOST_PER_SECOND = 1_000_000;

/** A limit as somebody typed it: null where there is to be none, undefined where it is none. */
export function readLimit(given: number | string): number | null | undefined {
  if (given === '') return null;
  const limit = Number(given);
  return Number.isInteger(limit) && limit >= 1 && limit <= MOST_PER_SECOND ? limit : undefined;
}
