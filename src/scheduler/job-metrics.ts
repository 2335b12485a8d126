import { Gauge, Histogram, type Registry } from 'prom-client';
import type { JobHandler, JobName, Scheduler } from './scheduler.js';
import { jobNames } from './scheduler-jobs.js';

/** What the runs of jobs came to, and how long they took. */
export class JobMetrics {
  readonly #durations: Histogram<'job' | 'outcome'>;
  readonly #running: Gauge<'job'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#durations = new Histogram({
      name: 'heliograph_job_duration_seconds',
      help: 'How long a run of a job took, by what it came to: done, failed.',
      labelNames: ['job', 'outcome'],
      // A lane works for a second; a launch for as long as its audience takes.
      buckets: [0.01, 0.1, 0.5, 1, 2, 5, 30, 120],
      registers,
    });
    this.#running = new Gauge({
      name: 'heliograph_jobs_running',
      help: 'Jobs that this process is at.',
      labelNames: ['job'],
      registers,
    });
    for (const job of jobNames) {
      this.#running.set({ job }, 0);
      for (const outcome of ['done', 'failed']) this.#durations.zero({ job, outcome });
    }
  }

  /** A scheduler whose jobs are counted here. */
  watch(scheduler: Scheduler): Scheduler {
    return {
      define: (name, limits, handler) => scheduler.define(name, limits, this.#counted(name, handler)),
      ring: (name, payload, at) => scheduler.ring(name, payload, at),
      every: (name, intervalMs) => scheduler.every(name, intervalMs),
      start: () => scheduler.start(),
      stop: () => scheduler.stop(),
      jobs: (first) => scheduler.jobs(first),
      get ready() {
        return scheduler.ready;
      },
    };
  }

  #counted<N extends JobName>(job: N, handler: JobHandler<N>): JobHandler<N> {
    return async (payload, run) => {
      const end = this.#durations.startTimer({ job });
      this.#running.inc({ job });
      let outcome = 'failed';
      try {
        const again = await handler(payload, run);
        outcome = 'done';
        return again;
      } finally {
        this.#running.dec({ job });
        end({ outcome });
      }
    };
  }
}
