/** What a claim should take to be sent, ms: short enough to stop, pause and share soon, long enough to be worth a round trip. */
const TARGET_MS = 500;
/** Messages in one claim at the most: the write-back of more holds the mailing row for longer than it saves. */
const MAX_BATCH = 1_000;

/** How many messages to claim at once, found by measuring: as many as are sent in about half a second. */
export class BatchSize {
  #current: number;

  /** @param concurrency what can start at once whatever the latency is: never fewer */
  constructor(private readonly concurrency: number) {
    this.#current = Math.min(concurrency, MAX_BATCH);
  }

  get current(): number {
    return this.#current;
  }

  /** As few as possible, after a fault: they find out whether it is over. */
  reset(): void {
    this.#current = Math.min(this.concurrency, MAX_BATCH);
  }

  /** @param ms from the claim to the last answer */
  took(messages: number, ms: number): void {
    // A batch that was not full says nothing about how many would have gone.
    if (messages < this.#current && ms <= TARGET_MS) return;
    const factor = Math.min(2, TARGET_MS / Math.max(ms, 1));
    this.#current = Math.round(Math.min(MAX_BATCH, Math.max(this.concurrency, messages * factor)));
  }
}
