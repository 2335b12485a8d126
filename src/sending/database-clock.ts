/** The two clocks drift apart by no more than this, ms a ms (NTP slews by 500 ppm at the most). */
const DRIFT = 5e-4;

/**
 * The database's clock as seen from here. Each answer that tells the database's time lies between its question and its
 * arrival, so it bounds how far the two clocks are apart; what is known is where all bounds meet. An answer that came late,
 * or was looked at late, bounds little and harms nothing.
 */
export class DatabaseClock {
  /** Database's time minus `performance.now()`, ms: no less than this, no more than that. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;
  #learntAt = 0;

  /**
   * @param databaseTime as the answer says, ms since the epoch
   * @param askedAt on the clock of `performance.now()`, ms
   * @param answeredAt likewise
   */
  learn(databaseTime: number, askedAt: number, answeredAt: number): void {
    const drift = (answeredAt - this.#learntAt) * DRIFT;
    const [least, most] = [databaseTime - answeredAt, databaseTime - askedAt];
    this.#least = Math.max(this.#least - drift, least);
    this.#most = Math.min(this.#most + drift, most);
    this.#learntAt = answeredAt;
    // One of the clocks was set: all that was known before is worth nothing.
    if (this.#least > this.#most) [this.#least, this.#most] = [least, most];
  }

  /** @returns that moment on the clock of `performance.now()`, ms; call it after the first learn() */
  toLocal(databaseTime: number): number {
    return databaseTime - (this.#least + this.#most) / 2;
  }
}
