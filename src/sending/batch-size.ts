/** What a claim should take to be sent, ms: short enough to stop, pause and share soon, long enough to be worth a round trip. */
const TARGET_MS = 500;
/** Messages in hand of one channel in one process, at the most. */
const MAX_IN_HAND = 2_000;
/** Messages in one claim at the most: the write-back of more holds the mailing row for longer than it saves. */
const MAX_BATCH = 1_000;

/**
 * How many messages of a channel to have in hand, found by measuring: as many as are sent in about half a second, shared
 * among the lanes that are at work on it. More would only be handed back.
 */
export class BatchSize {
  #inHand: number;
  /** Never fewer, whatever the latency is: what can start at once. Less after a fault. */
  #least: number;
  readonly #enough: number;

  /** @param concurrency requests under way at once */
  constructor(concurrency: number) {
    this.#enough = Math.min(concurrency, MAX_IN_HAND);
    this.#least = this.#enough;
    this.#inHand = this.#least;
  }

  /** What one of so many lanes should claim; none are counted where all were limited a moment ago. */
  share(lanes: number): number {
    return Math.min(MAX_BATCH, Math.ceil(this.#inHand / Math.max(1, lanes)));
  }

  /** What a lane should claim at the most where permits say how many: only after a fault fewer than a batch may have. */
  get underLimit(): number {
    return this.#least < this.#enough ? this.#least : MAX_BATCH;
  }

  /** Begins anew with one message, after a fault that is over; each batch that ends may be followed by one twice as large. */
  ease(): void {
    this.#least = 1;
    this.#inHand = 1;
  }

  /**
   * @param messages that one of so many lanes claimed
   * @param ms from the claim to the last answer
   */
  took(messages: number, lanes: number, ms: number): void {
    this.#recover();
    // A batch that was not full says nothing about how many would have gone.
    if (messages < this.share(lanes) && ms <= TARGET_MS) return;
    const factor = Math.min(2, TARGET_MS / Math.max(ms, 1));
    this.#inHand = Math.round(Math.min(MAX_IN_HAND, Math.max(this.#least, messages * Math.max(1, lanes) * factor)));
  }

  /** A batch that waited for its permits has ended: that says nothing about how many would have gone. */
  tookUnderLimit(): void {
    this.#recover();
  }

  #recover(): void {
    if (this.#least === this.#enough) return;
    this.#least = Math.min(this.#least * 2, this.#enough);
    this.#inHand = Math.max(this.#inHand, this.#least);
  }
}
