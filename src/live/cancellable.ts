/**
 * An async generator that can be ended while it waits. `return()` of a bare one is put in a queue behind the `await` it
 * is stuck in, which for a subscriber to a quiet mailing means for ever; here it aborts the signal first.
 *
 * @param make the generator; whatever it waits for must end when the signal is aborted
 */
export function cancellable<T>(make: (signal: AbortSignal) => AsyncGenerator<T, void, void>): AsyncIterableIterator<T> {
  const stop = new AbortController();
  const inner = make(stop.signal);
  return {
    next: () => inner.next(),
    return: () => {
      stop.abort();
      return inner.return();
    },
    throw: (error: unknown) => {
      stop.abort();
      return inner.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
