/** Lets through so many requests in any one second, and no more: exact, by the times of the last ones let through. */
export class RateGate {
  readonly #times: Float64Array;
  #next = 0;

  /** @param perSecond at least 1 */
  constructor(perSecond: number) {
    this.#times = new Float64Array(perSecond).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param now ms */
  pass(now: number): boolean {
    if (now - this.#times[this.#next]! < 1000) return false;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#times.length;
    return true;
  }
}
