import type pg from 'pg';
import { dropOldJobs, findDueJobs } from '../bulk/client-jobs.js';
import type { ChangeBell } from '../live/change-bell.js';
import { ringLanes } from '../mailing/lanes.js';
import { endAhead, settleMessages } from '../message/settle-messages.js';
import { dropOldKeys } from '../platform/idempotency.js';
import type { Logger } from '../platform/log.js';
import { NO_TRACING, type Span, type Tracing } from '../platform/tracing.js';
import type { JobRun, Scheduler, When } from '../scheduler/scheduler.js';
import { touching } from '../scheduler/touching.js';
import type { Dispatcher } from './dispatch.js';
import { dropOldPaces } from './draw-permits.js';
import { beginLaunch, launchChunk, learnMessages } from './launch.js';
import { replanChunk } from './replan.js';
import type { SendingMetrics } from './sending-metrics.js';
import { type DueWork, dropOldChanges, findDueWork } from './sweep.js';
import { traceLaunch } from './trace-launch.js';

/**
 * Lanes one process runs at once. A lane that waits for a gateway holds no connection and costs nothing, and must not
 * keep a mailing on another channel from its turn.
 */
const DISPATCH_CONCURRENCY = 256;
/** Mailings whose test sends one process sends at once. */
const TEST_CONCURRENCY = 32;
/** Shorter than a message's lease, or a dead worker's lane would stay blocked longer than its messages, ms. */
const LOCK_MS = 3_000;

/** How often a process looks for rows of all kinds that nobody can ask for any more, ms. */
const DROP_EVERY_MS = 600_000;

/** How often the first lane of a mailing rings the others while there is more to do, ms. */
const RING_ALL_MS = 10_000;
/** A job that came too early comes again no sooner than this, ms. */
const SOONEST_MS = 20;

/** What the jobs work with. */
export interface SendingJobsOptions {
  pool: pg.Pool;
  scheduler: Scheduler;
  dispatcher: Dispatcher;
  bell: ChangeBell;
  metrics: SendingMetrics;
  /** Left out: nothing is traced. */
  tracing?: Tracing;
  log: Logger;
  /** One attempt's time-out on a channel, ms. */
  timeoutMs: (channel: string) => number;
  /** Drops rows of others that nobody can ask for any more; called every ten minutes. */
  dropOld: () => Promise<void>;
  /** Rings for work of others that is due; called by every sweep, and never throws. */
  ringOthers: () => Promise<void>;
}

/** The jobs of mailings. Each is a doorbell: run twice, late or never, it changes nothing that the rows do not say. */
export class SendingJobs {
  #dropAt = 0;
  /** When the first lane of a mailing rang the others, on the clock of `performance.now()`. */
  readonly #rungAll = new Map<string, number>();

  constructor(private readonly options: SendingJobsOptions) {}

  /** Tells the scheduler what to do; call before it starts. */
  define(): void {
    const { scheduler } = this.options;
    scheduler.define('mailing.launch', { concurrency: 4, lockMs: LOCK_MS }, ({ mailingId }, run) =>
      this.#launch(mailingId, run),
    );
    scheduler.define('mailing.dispatch', { concurrency: DISPATCH_CONCURRENCY, lockMs: LOCK_MS }, (payload, run) =>
      touching(run, LOCK_MS, () => this.#dispatch(payload, run)),
    );
    scheduler.define('mailing.finish', { concurrency: 4, lockMs: LOCK_MS }, ({ mailingId }, run) =>
      this.#finish(mailingId, run),
    );
    scheduler.define('mailing.replan', { concurrency: 4, lockMs: LOCK_MS }, ({ mailingId }, run) =>
      touching(run, LOCK_MS, () => this.#replan(mailingId, run)),
    );
    scheduler.define('mailing.test', { concurrency: TEST_CONCURRENCY, lockMs: LOCK_MS }, ({ mailingId }, run) =>
      touching(run, LOCK_MS, () => this.options.dispatcher.runTests(mailingId, run.signal)),
    );
    scheduler.define('sweep', { concurrency: 1, lockMs: LOCK_MS }, () => this.#sweep());
  }

  /** The first lane rings the others while there is more to do: a worker that has come since takes some of them. */
  async #dispatch({ mailingId, lane }: { mailingId: string; lane: number }, run: JobRun): Promise<When | undefined> {
    const again = await this.options.dispatcher.runLane(mailingId, run.signal);
    if (lane !== 0) return again;
    const hasMore = again !== undefined && 'inMs' in again;
    if (!hasMore) this.#rungAll.delete(mailingId);
    else if (performance.now() - (this.#rungAll.get(mailingId) ?? Number.NEGATIVE_INFINITY) > RING_ALL_MS) {
      this.#rungAll.set(mailingId, performance.now());
      await ringLanes(this.options.scheduler, mailingId);
    }
    return again;
  }

  async #launch(mailingId: string, run: JobRun): Promise<When | undefined> {
    const { pool, scheduler, bell, log, tracing = NO_TRACING } = this.options;
    const startedAt = performance.now();
    let span: Span | null | undefined;
    const untilStart = await beginLaunch(pool, mailingId);
    if (untilStart !== undefined) return { inMs: Math.max(untilStart, SOONEST_MS) };
    let made = 0;
    for (;;) {
      if (run.signal.aborted) return { inMs: 0 };
      const chunk = await launchChunk(pool, mailingId, this.options.timeoutMs);
      if (!chunk) break;
      made += chunk.made;
      // Before the lanes are rung, whose batches hang on it.
      span ??= await traceLaunch(pool, tracing, mailingId, startedAt);
      this.options.metrics.finished(chunk.finished);
      bell.ring(mailingId, chunk.version);
      await ringLanes(this.options.scheduler, mailingId);
      if (made === chunk.made) {
        const untold = (err: unknown) =>
          log.warn({ mailing_id: mailingId, err }, 'PostgreSQL did not look at the messages');
        await learnMessages(pool).catch(untold);
      }
      if (chunk.completed) {
        log.info({ mailing_id: mailingId, job: 'mailing.launch', messages: made }, 'launched');
        await scheduler.ring('mailing.finish', { mailingId }, chunk.endsAt);
        break;
      }
      await run.touch();
    }
    span?.set({ 'heliograph.messages': made });
    span?.end();
    return undefined;
  }

  /** Of two dates a bell keeps the earlier, so one that was rung for an end that has been moved since finds the new one. */
  async #finish(mailingId: string, run: JobRun): Promise<When | undefined> {
    const { pool, bell, metrics } = this.options;
    for (;;) {
      if (run.signal.aborted) return undefined;
      const { more, published } = await settleMessages(pool, mailingId);
      metrics.finished(published?.finished);
      if (published) bell.ring(mailingId, published.version);
      if (!more) return await endAhead(pool, mailingId);
      await run.touch();
    }
  }

  /** Lanes look for what is due now, and book themselves for what is due next. */
  async #replan(mailingId: string, run: JobRun): Promise<When | undefined> {
    const { pool, scheduler, bell, log } = this.options;
    for (let changed = 0; ; ) {
      if (run.signal.aborted) return { inMs: 0 };
      const chunk = await replanChunk(pool, mailingId, this.options.timeoutMs);
      if (!chunk) return undefined;
      changed += chunk.changed;
      bell.ring(mailingId, chunk.version);
      if (chunk.changed > 0) await ringLanes(scheduler, mailingId);
      if (!chunk.completed) continue;
      log.info({ mailing_id: mailingId, job: 'mailing.replan', messages: changed }, 'planned anew');
      return undefined;
    }
  }

  async #sweep(): Promise<undefined> {
    const { pool, scheduler } = this.options;
    for (const work of await findDueWork(pool)) await this.#ring(work);
    for (const jobId of await findDueJobs(pool)) await scheduler.ring('client.job', { jobId });
    await this.options.ringOthers();
    if (performance.now() >= this.#dropAt) {
      this.#dropAt = performance.now() + DROP_EVERY_MS;
      await dropOldChanges(pool);
      await dropOldKeys(pool);
      await dropOldPaces(pool);
      await dropOldJobs(pool);
      await this.options.dropOld();
    }
    return undefined;
  }

  async #ring({ mailingId, job }: DueWork): Promise<void> {
    if (job === 'mailing.dispatch') await this.options.scheduler.ring(job, { mailingId, lane: 0 });
    else await this.options.scheduler.ring(job, { mailingId });
  }
}
