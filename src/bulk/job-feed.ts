import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Live } from '../live/live.js';
import { isDatabaseAway } from '../platform/database-away.js';
import type { ClientJob } from './client-job.js';
import { findJob, isUnderWay } from './client-jobs.js';

/** At most four events a second, ms. */
const EVENT_EVERY = 250;

/** Jobs as they go on. A subscriber that lags finds the latest and none in between, and holds nothing meanwhile. */
export class JobFeed {
  constructor(
    private readonly live: Pick<Live, 'watchAll'>,
    private readonly pool: pg.Pool,
  ) {}

  /** Ends with the event that says that the job is over. @throws AppError NOT_FOUND once it is not kept any more */
  async *follow(job: ClientJob, signal: AbortSignal): AsyncGenerator<ClientJob, void, void> {
    const news = this.live.watchAll(signal);
    let last = job;
    yield last;
    while (isUnderWay(last)) {
      const { tick } = news;
      const latest = await this.#read(last);
      if (signal.aborted) return;
      if (latest.version !== last.version || latest.status !== last.status) {
        last = latest;
        yield last;
      }
      await sleep(EVENT_EVERY, undefined, { signal }).catch(() => {});
      await news.changed(tick);
      if (signal.aborted) return;
    }
  }

  /** Nothing new while the database is away: whoever watches is told once it is back. */
  async #read(last: ClientJob): Promise<ClientJob> {
    try {
      return await findJob(this.pool, last.id);
    } catch (error) {
      if (isDatabaseAway(error)) return last;
      throw error;
    }
  }
}
