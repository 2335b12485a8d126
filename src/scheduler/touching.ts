import type { JobRun } from './scheduler-jobs.js';

/** Keeps a job's lock while it runs: looked after at a quarter of the lock's life. */
export async function touching<T>(run: JobRun, lockMs: number, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => void run.touch().catch(() => {}), lockMs / 4);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
