import { setImmediate as others } from 'node:timers/promises';

/** Work that together takes longer than this lets others have their turn before it goes on, ms. */
const TURN = 5;

/**
 * Does small pieces of work one after the other, and lets the rest of the process go on in between: a page of a hundred
 * texts that take 10 ms each would hold it up for a second.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #spent = 0;

  /** @throws what the work throws */
  async take<T>(work: () => T): Promise<T> {
    const turn = this.#last.then(async () => {
      if (this.#spent >= TURN) {
        await others();
        this.#spent = 0;
      }
      const began = performance.now();
      try {
        return work();
      } finally {
        this.#spent += performance.now() - began;
      }
    });
    this.#last = turn.catch(() => {});
    return await turn;
  }
}
