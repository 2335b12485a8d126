import { describe, expect, it } from 'vitest';
import { firstStep, refusalOf, type Standing, type Step } from './possible-steps.js';

const STEPS: readonly Step[] = ['schedule', 'start', 'pause', 'resume', 'cancel', 'delete'];
const now = Date.parse('2026-11-21T12:00:00Z');
const at = (status: Standing['status'], more: Partial<Standing> = {}): Standing => ({
  status,
  endsAt: '2026-11-22T12:00:00Z',
  open: 0,
  ...more,
});

describe('what can be done with a mailing', () => {
  it.each([
    ['DRAFT', 'schedule start cancel delete'],
    ['SCHEDULED', 'start cancel delete'],
    ['RUNNING', 'pause cancel'],
    ['PAUSED', 'resume cancel'],
    ['COMPLETED', 'delete'],
    ['CANCELLED', 'delete'],
  ] as const)('follows from its status, as the server has it: %s', (status, allowed) => {
    expect(STEPS.filter((step) => refusalOf(step, at(status), now) === null).join(' ')).toBe(allowed);
  });

  it('is not to start after the end, nor at it', () => {
    const over = at('DRAFT', { endsAt: '2026-11-21T12:00:00Z' });
    expect(refusalOf('start', over, now)).toBe('why.ended');
    expect(refusalOf('schedule', over, now)).toBe('why.ended');
    expect(refusalOf('cancel', over, now)).toBeNull();
  });

  it('is not to delete while its last messages are settled', () => {
    expect(refusalOf('delete', at('CANCELLED', { open: 3 }), now)).toBe('why.settling');
  });

  it('offers first what is possible', () => {
    for (const status of ['DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED'] as const) {
      expect(refusalOf(firstStep(status)!, at(status), now)).toBeNull();
    }
    expect(firstStep('COMPLETED')).toBeNull();
  });
});
