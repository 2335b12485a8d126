import { describe, expect, it } from 'vitest';
import { isOver, jobFigures, timeLeft } from './client-job.js';

const job = {
  kind: 'IMPORT',
  status: 'RUNNING',
  total: 1_000,
  done: 250,
  startedAt: '2026-11-21T12:00:00Z',
  optedOut: 0,
  duplicates: 0,
} as const;
const NOW = Date.parse('2026-11-21T12:00:10Z');

describe('a job on clients', () => {
  it('takes as long for the rest as its speed so far tells', () => {
    expect(timeLeft(job, NOW)).toBe(30_000);
  });

  it.each([
    ['it has hardly begun', { startedAt: '2026-11-21T12:00:09Z' }],
    ['nothing is done', { done: 0 }],
    ['it still arrives', { total: null }],
    ['it is over', { status: 'COMPLETED' }],
  ] as const)('tells no time while %s', (_, part) => {
    expect(timeLeft({ ...job, ...part }, NOW)).toBeNull();
  });

  it('shows the figures that say something about it', () => {
    expect(jobFigures(job)).toEqual(['created', 'updated', 'unchanged', 'failed']);
    expect(jobFigures({ ...job, duplicates: 2, optedOut: 1 })).toContain('optedOut');
    expect(jobFigures({ ...job, kind: 'TAG' })).toEqual(['updated', 'unchanged', 'failed']);
    expect([isOver(job), isOver({ status: 'FAILED' })]).toEqual([false, true]);
  });
});
