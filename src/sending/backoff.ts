/** The first wait is at most this long, ms; each further one at most twice as long. */
const BASE_MS = 1_000;
/** No wait is longer, ms. */
const CAP_MS = 300_000;

/**
 * Exponential backoff with full jitter: anything from nothing to the doubling bound, so that a crowd that failed
 * together does not come back together (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 *
 * @param tries attempts that counted before this one
 * @returns ms
 */
export function backoffMs(tries: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(tries, 20));
}

/** What an open circuit waits for its first probe, ms; for each further one twice as long, up to the cap. */
const OPEN_MS = 1_000;
const OPEN_CAP_MS = 30_000;

/**
 * How long a circuit stays open before the next probe: between half of the doubling bound and the whole of it, so that
 * it is never hammered, and many workers do not knock together.
 *
 * @param failures how often it has opened in a row, from 1 on
 * @returns ms
 */
export function openMs(failures: number, random: () => number = Math.random): number {
  return (0.5 + random() / 2) * Math.min(OPEN_CAP_MS, OPEN_MS * 2 ** (failures - 1));
}
