import { setTimeout as sleep } from 'node:timers/promises';
import type { Live, Watch } from '../live/live.js';
import { isDatabaseAway } from '../platform/database-away.js';
import type { Progress } from './progress.js';
import type { ProgressReader } from './progress-reader.js';

/** At most four events a second, ms. */
const EVENT_EVERY = 250;
/** Rate, ETA and sample move with the clock even when nothing else does: read again at least so often, ms. */
const READ_EVERY = 2_000;

/** All who watch one mailing's progress on this server share one loop that reads it. */
interface Shared {
  latest: Progress | undefined;
  failure: unknown;
  /** Wake-ups of those who wait for something newer. */
  waiting: Set<() => void>;
  subscribers: number;
  stop: AbortController;
}

/** Progress as it happens. A subscriber that lags finds the latest and none in between, and holds nothing meanwhile. */
export class ProgressFeed {
  readonly #shared = new Map<string, Shared>();

  constructor(
    private readonly live: Live,
    private readonly reader: ProgressReader,
  ) {}

  /** Goes on until the signal is aborted. @throws AppError NOT_FOUND once the mailing is deleted */
  async *follow(mailingId: string, first: Progress, signal: AbortSignal): AsyncGenerator<Progress, void, void> {
    const shared = this.#join(mailingId);
    try {
      let last = first;
      yield first;
      while (!signal.aborted) {
        if (shared.failure !== undefined) throw shared.failure;
        const { latest } = shared;
        if (latest !== undefined && latest.readAt > last.readAt && !sameProgress(latest, last)) {
          last = latest;
          yield latest;
        } else {
          await next(shared, signal);
        }
      }
    } finally {
      this.#leave(mailingId, shared);
    }
  }

  #join(mailingId: string): Shared {
    let shared = this.#shared.get(mailingId);
    if (shared === undefined) {
      const stop = new AbortController();
      shared = { latest: undefined, failure: undefined, waiting: new Set(), subscribers: 0, stop };
      this.#shared.set(mailingId, shared);
      void this.#run(mailingId, shared);
    }
    shared.subscribers += 1;
    return shared;
  }

  #leave(mailingId: string, shared: Shared): void {
    shared.subscribers -= 1;
    if (shared.subscribers > 0) return;
    shared.stop.abort();
    if (this.#shared.get(mailingId) === shared) this.#shared.delete(mailingId);
  }

  async #run(mailingId: string, shared: Shared): Promise<void> {
    const { signal } = shared.stop;
    const watch = this.live.watch(mailingId, signal);
    try {
      while (!signal.aborted) {
        const { tick } = watch;
        shared.latest = (await this.#read(mailingId)) ?? shared.latest;
        wakeAll(shared);
        await sleep(EVENT_EVERY, undefined, { signal });
        await changedWithin(watch, tick, READ_EVERY - EVENT_EVERY, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      shared.failure = error;
      if (this.#shared.get(mailingId) === shared) this.#shared.delete(mailingId);
      shared.stop.abort();
      wakeAll(shared);
    }
  }

  /** Nothing while the database is away: whoever watches is told once it is back. */
  async #read(mailingId: string): Promise<Progress | undefined> {
    try {
      return await this.reader.read(mailingId);
    } catch (error) {
      if (isDatabaseAway(error)) return undefined;
      throw error;
    }
  }
}

function wakeAll(shared: Shared): void {
  for (const wake of shared.waiting) wake();
  shared.waiting.clear();
}

function next(shared: Shared, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      shared.waiting.delete(done);
      resolve();
    };
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', done);
    shared.waiting.add(done);
  });
}

async function changedWithin(watch: Watch, tick: number, ms: number, signal: AbortSignal): Promise<void> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: AbortSignal.any([signal, timer.signal]) }).catch(() => {});
  await Promise.race([watch.changed(tick), late]);
  timer.abort();
}

/** Whether two look alike to whoever watches: when they were read does not count. */
function sameProgress(a: Progress, b: Progress): boolean {
  const shown = ({ readAt: _read, asOf: _sampled, eta, ...rest }: Progress) =>
    JSON.stringify({ ...rest, eta: eta && Math.round(eta.getTime() / 1_000) });
  return shown(a) === shown(b);
}
