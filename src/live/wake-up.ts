/** One who waits for signs of change. */
export interface Waiter {
  /** Grows with each sign that something changed. Read it *before* looking at the data. */
  readonly tick: number;
  /** Resolves once `tick` is no longer the given one, or the wait was given up. */
  changed(tick: number): Promise<void>;
}

/** Signs of change that many wait for. It holds a wake-up for each of them and nothing else. */
export class WakeUp {
  readonly #waiters = new Set<() => void>();
  #tick = 0;

  /** Grows with each ring. */
  get tick(): number {
    return this.#tick;
  }

  /** How many wait, or work on what they were woken for. */
  get waiters(): number {
    return this.#waiters.size;
  }

  /** Wakes everybody. */
  ring(): void {
    this.#tick += 1;
    for (const wake of this.#waiters) wake();
  }

  /** @param signal gives it up when it is aborted */
  wait(signal: AbortSignal): Waiter {
    let wakeUp = () => {};
    const wake = () => wakeUp();
    const stop = () => {
      this.#waiters.delete(wake);
      wakeUp();
    };
    if (!signal.aborted) {
      this.#waiters.add(wake);
      signal.addEventListener('abort', stop, { once: true });
    }
    const tick = () => this.#tick;
    return {
      get tick() {
        return tick();
      },
      changed: (seen) =>
        new Promise((resolve) => {
          if (this.#tick !== seen || signal.aborted) resolve();
          else wakeUp = resolve;
        }),
    };
  }
}
