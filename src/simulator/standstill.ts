/** How often the event loop is looked at, ms. */
export const LOOK_EVERY_MS = 20;
/** An event loop that was not seen for longer has stood still, ms … */
const STANDSTILL_MS = 100;
/** … and for so long afterwards it takes in what has waited, ms. */
const AFTERWARDS_MS = 100;

/** Tells which requests were taken in late, because this process had no core or was busy. Moments are ms since the epoch. */
export class Standstill {
  #lookedAt: number;
  #since = Number.NEGATIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;

  constructor(now: number) {
    this.#lookedAt = now;
  }

  /** To be called every `LOOK_EVERY_MS`. */
  look(now: number): void {
    if (now - this.#lookedAt > STANDSTILL_MS) {
      this.#since = this.#lookedAt;
      this.#until = now;
    }
    this.#lookedAt = now;
  }

  /** @returns since when the loop had stood still before a request that is taken in now; null: it had not */
  before(now: number): number | null {
    if (now - this.#lookedAt > STANDSTILL_MS) return this.#lookedAt;
    return now - this.#until <= AFTERWARDS_MS ? this.#since : null;
  }
}
