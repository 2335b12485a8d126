/** The first wait is at most this long, ms; each further one at most twice as long. */
const BASE_MS = 1_000;
/** No wait is longer, ms. */
const CAP_MS = 300_000;
/** How long to leave a gateway alone that nobody can reach or that refuses our token, ms. */
export const FAULT_MS = 5_000;

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

/** The wait when the fault is not the message's: 5 to 10 s, whatever was tried before. */
export function faultBackoffMs(random: () => number = Math.random): number {
  return FAULT_MS * (1 + random());
}
