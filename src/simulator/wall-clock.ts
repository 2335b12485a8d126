/**
 * The time of day with fractions of a millisecond. `Date.now()` has none, and `performance.now()` does not follow when
 * the clock is set: the second gives the fraction, the first keeps it within its millisecond.
 */
export class WallClock {
  #origin = performance.timeOrigin;

  /** @returns ms since the epoch, to the microsecond */
  now(): number {
    const date = Date.now();
    const elapsed = performance.now();
    const exact = this.#origin + elapsed;
    if (exact < date) this.#origin = date - elapsed;
    else if (exact >= date + 1) this.#origin = date + 0.999 - elapsed;
    else return Math.round(exact * 1000) / 1000;
    return Math.round((this.#origin + elapsed) * 1000) / 1000;
  }
}
