import { setTimeout as sleep } from 'node:timers/promises';

/** So long after a reading the next one of the same begins at the earliest, ms. */
const REST_MS = 1_000;

interface Reading<V> {
  /** What those who wait for it know of already: it tells that, or something newer. */
  version: bigint;
  hasBegun: boolean;
  value: Promise<V>;
  /** Fulfilled when the next may begin. */
  over: Promise<void>;
}

/**
 * Readings that many ask for and that cost too much to make one for each. Who asks while the same is read, or soon after, gets
 * that reading, unless it began before the version that they know of: then all of those wait for the next one together. So a
 * thousand people cost as much as one, and nobody is told what was before.
 */
export class SharedReads<V> {
  readonly #latest = new Map<string, Reading<V>>();

  constructor(private readonly restMs = REST_MS) {}

  /**
   * @param version of what is read, a whole number that grows with each change
   * @throws what `read` throws, which nobody gets who asks later
   */
  async get(key: string, version: string, read: () => Promise<V>): Promise<V> {
    const wanted = BigInt(version);
    const latest = this.#latest.get(key);
    if (latest && !latest.hasBegun && latest.version < wanted) latest.version = wanted;
    const reading = latest && latest.version >= wanted ? latest : this.#begin(key, wanted, read);
    return await reading.value;
  }

  #begin(key: string, version: bigint, read: () => Promise<V>): Reading<V> {
    const before = this.#latest.get(key);
    const forget = () => {
      if (this.#latest.get(key) === reading) this.#latest.delete(key);
    };
    const known = { version, hasBegun: false };
    const value = (async () => {
      await before?.over;
      known.hasBegun = true;
      return await read();
    })();
    const over = value.then(() => sleep(this.restMs, undefined, { ref: false }), forget).then(forget);
    const reading: Reading<V> = Object.assign(known, { value, over });
    this.#latest.set(key, reading);
    return reading;
  }
}
