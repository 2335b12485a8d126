import type { ClientJobPartsFragment } from '../generated/graphql.js';

type Job = Pick<ClientJobPartsFragment, 'kind' | 'status' | 'total' | 'done' | 'startedAt' | 'optedOut' | 'duplicates'>;

/** Whether nothing of it changes any more. */
export function isOver({ status }: Pick<Job, 'status'>): boolean {
  return status === 'COMPLETED' || status === 'CANCELLED' || status === 'FAILED';
}

/** Work must have gone on so long before its speed says anything, ms. */
const TELLING = 2_000;

/** How long it will take from now on, ms, at the speed it had so far; null: that can't be told. */
export function timeLeft({ status, total, done, startedAt }: Job, now: number): number | null {
  if (status !== 'RUNNING' || total === null || done === 0 || startedAt === null) return null;
  const taken = now - new Date(startedAt).getTime();
  return taken < TELLING ? null : (taken / done) * (total - done);
}

/** Which of its figures say something. */
export function jobFigures(
  job: Job,
): readonly ('created' | 'updated' | 'unchanged' | 'duplicates' | 'failed' | 'optedOut')[] {
  if (job.kind !== 'IMPORT') return ['updated', 'unchanged', 'failed'];
  return [
    'created',
    'updated',
    'unchanged',
    ...(job.duplicates > 0 ? (['duplicates'] as const) : []),
    'failed',
    ...(job.optedOut > 0 ? (['optedOut'] as const) : []),
  ];
}
