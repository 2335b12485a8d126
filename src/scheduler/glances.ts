import { setImmediate } from 'node:timers/promises';
import type { JobName } from './scheduler-jobs.js';
import type { JobStore } from './scheduler-store.js';

/**
 * Asks the store once for all names that are wanted in one turn of the event loop, as a poll does: looks at each of a dozen names were
 * 14 of the 26 statements that an idle worker had for its database each second.
 */
export class Glances {
  readonly #store: JobStore;
  readonly #horizonMs: number;
  #asked: { name: JobName; lockMs: number }[] = [];
  #found: Promise<ReadonlySet<string> | undefined> | undefined;

  constructor(store: JobStore, horizonMs: number) {
    this.#store = store;
    this.#horizonMs = horizonMs;
  }

  /** @returns false: there is nothing of that name to be found now */
  async isWorthALook(name: JobName, lockMs: number): Promise<boolean> {
    this.#asked.push({ name, lockMs });
    this.#found ??= setImmediate().then(() => this.#glance());
    return (await this.#found)?.has(name) ?? true;
  }

  /** @returns undefined where there is one name only: a look at it is as good */
  async #glance(): Promise<ReadonlySet<string> | undefined> {
    const asked = this.#asked;
    this.#asked = [];
    this.#found = undefined;
    return asked.length === 1 ? undefined : await this.#store.glance(asked, this.#horizonMs);
  }
}
