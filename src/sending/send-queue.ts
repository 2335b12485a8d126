/** A batch's way through the queue. */
interface Batch<T> {
  items: readonly T[];
  /** Index of the next item to start. */
  next: number;
  underWay: number;
  /** On the clock of `performance.now()`: what has not started by then is handed back. */
  startBy: number;
  signal: AbortSignal;
  start: (item: T) => Promise<void>;
  settle: () => void;
}

/** Starting requests (rendering their texts above all) takes no longer than this before everything else has a turn, ms. */
const SLICE_MS = 10;

/**
 * One channel's requests in flight, in one process. Batches take turns request by request, so a small mailing behind a
 * huge one starts at once instead of waiting for it.
 */
export class SendQueue {
  readonly #rotation: Batch<unknown>[] = [];
  #turn = 0;
  #inFlight = 0;
  /** On the clock of `performance.now()`; null: no slice has begun. */
  #sliceEnds: number | null = null;

  /** @param concurrency requests under way at once */
  constructor(private readonly concurrency: number) {}

  /**
   * Starts each item as soon as there is room, until `startBy` or until the signal says stop; ends when all that was
   * started has ended.
   *
   * @param start must not throw
   * @returns the items that were not started
   */
  async run<T>(
    items: readonly T[],
    startBy: number,
    signal: AbortSignal,
    start: (item: T) => Promise<void>,
  ): Promise<readonly T[]> {
    if (items.length === 0) return [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const batch: Batch<T> = { items, next: 0, underWay: 0, startBy, signal, start, settle: resolve };
    const pump = () => this.#pump();
    signal.addEventListener('abort', pump);
    this.#rotation.push(batch as Batch<unknown>);
    this.#pump();
    await promise;
    signal.removeEventListener('abort', pump);
    return items.slice(batch.next);
  }

  #pump(): void {
    const now = performance.now();
    for (const batch of this.#rotation.filter((b) => b.signal.aborted || b.startBy <= now)) this.#leave(batch);
    while (this.#inFlight < this.concurrency && this.#rotation.length > 0 && this.#hasTime()) {
      this.#turn = (this.#turn + 1) % this.#rotation.length;
      const batch = this.#rotation[this.#turn]!;
      const item = batch.items[batch.next++];
      if (batch.next === batch.items.length) this.#leave(batch);
      this.#start(batch, item);
    }
  }

  /** False once a slice is used up; the pump goes on in the next turn of the event loop. */
  #hasTime(): boolean {
    const now = performance.now();
    if (this.#sliceEnds === null) {
      this.#sliceEnds = now + SLICE_MS;
      setImmediate(() => {
        this.#sliceEnds = null;
        this.#pump();
      });
    }
    return now < this.#sliceEnds;
  }

  #start(batch: Batch<unknown>, item: unknown): void {
    this.#inFlight += 1;
    batch.underWay += 1;
    void batch.start(item).then(() => {
      this.#inFlight -= 1;
      batch.underWay -= 1;
      if (batch.underWay === 0 && !this.#rotation.includes(batch)) batch.settle();
      this.#pump();
    });
  }

  #leave(batch: Batch<unknown>): void {
    this.#rotation.splice(this.#rotation.indexOf(batch), 1);
    if (batch.underWay === 0 && (batch.next < batch.items.length || batch.items.length === 0)) batch.settle();
  }
}
