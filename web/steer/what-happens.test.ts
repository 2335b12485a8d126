import { describe, expect, it } from 'vitest';
import type { ForeseenFragment } from '../generated/graphql.js';
import { createFormat } from '../ui/format.js';
import { createLocalMoment } from './local-moment.js';
import { type Prospect, whatHappens } from './what-happens.js';

const now = new Date('2026-11-21T22:00:00Z');
const local = createLocalMoment('en');
const format = createFormat('en');

const mailing: Prospect['mailing'] = {
  status: 'DRAFT',
  startsAt: '2026-11-22T07:00:00Z',
  endsAt: '2026-11-22T18:00:00Z',
  launchedAt: null,
  rateLimit: null,
  filter: { operatorCodes: [], tagsAll: [], tagsAny: [], timeZones: [] },
  progress: {
    status: 'RUNNING',
    total: 12_431,
    open: 5_000,
    enqueued: 4_000,
    delayed: 688,
    sending: 312,
    sent: 7_000,
    failed: 400,
    expired: 0,
    cancelled: 0,
    unknown: 31,
    ratePerSecond: 100,
    eta: null,
    version: '7',
    asOf: '2026-11-21T22:00:00Z',
  },
};
const launched = { ...mailing, status: 'RUNNING', launchedAt: '2026-11-21T20:00:00Z' } as const;

const forecast: ForeseenFragment = {
  audienceCount: 12_431,
  sentCount: 12_431,
  expiredCount: 0,
  failedCount: 0,
  undecidedCount: 0,
  firstSendAt: '2026-11-21T22:00:00Z',
  lastSendAt: '2026-11-22T07:00:00Z',
  limitedBy: null,
  rateLimit: null,
  timeZones: [
    zone('Europe/Moscow', 12_000, '2026-11-22T07:00:00Z'),
    zone('Asia/Kamchatka', 431, '2026-11-21T22:00:00Z'),
  ],
};

function zone(timeZone: string, count: number, at: string): ForeseenFragment['timeZones'][number] {
  return { timeZone, sentCount: count, expiredCount: 0, firstSendAt: at, lastSendAt: at };
}

it('says nothing of a start that is over: what is scheduled then goes at once', () => {
  const words = (startsAt: string) =>
    whatHappens('schedule', prospect({ mailing: { ...mailing, startsAt } }), format, local).map(({ word }) => word);
  expect(words('2026-11-22T07:00:00Z')).toContain('will.byItself');
  expect(words('2026-11-21T21:00:00Z')).not.toContain('will.byItself');
});

const prospect = (more: Partial<Prospect> = {}): Prospect => ({
  mailing,
  forecast,
  audience: null,
  isStopped: false,
  now: now.getTime(),
  ...more,
});

const told = (...[step, known]: [Parameters<typeof whatHappens>[0], Prospect]) =>
  Object.fromEntries(whatHappens(step, known, format, local).map(({ word, values }) => [word, values]));

describe('before a step is taken it is said', () => {
  it('how many a launch reaches, and when, by the clocks of those who get it', () => {
    const words = told('start', prospect());
    expect(words['will.reach']).toEqual({ count: 12_431, n: '12,431' });
    expect(words).toHaveProperty('will.firstAtOnce');
    expect(words['will.last']).toEqual({ at: 'Nov 22, 10:00 Moscow Time' });
    const later = prospect({ forecast: { ...forecast, firstSendAt: '2026-11-22T07:00:00Z' } });
    expect(told('schedule', later)['will.first']).toEqual({ at: 'Nov 22, 10:00 Moscow Time' });
  });

  it('who is not reached before the end, and where most of them live', () => {
    const timeZones = [forecast.timeZones[0]!, { ...forecast.timeZones[1]!, expiredCount: 431, sentCount: 0 }];
    const known = prospect({ forecast: { ...forecast, timeZones, expiredCount: 431, limitedBy: 'WINDOW' } });
    expect(told('start', known)['will.lateByWindow']).toMatchObject({ n: '431', where: 'Asia/Kamchatka' });
    const slow = prospect({ forecast: { ...forecast, expiredCount: 9_000, limitedBy: 'RATE', rateLimit: 1 } });
    expect(told('start', slow)['will.lateByRate']).toMatchObject({ n: '9,000', rate: '1' });
  });

  it('that nobody matches, and nothing else', () => {
    const known = prospect({ forecast: { ...forecast, audienceCount: 0, firstSendAt: null, lastSendAt: null } });
    expect(Object.keys(told('schedule', known))).toEqual(['will.nobody', 'will.byItself']);
  });

  it('that all sending is stopped', () => {
    expect(told('start', prospect({ isStopped: true }))).toHaveProperty('will.stopped');
    expect(told('resume', prospect({ mailing: launched, isStopped: true }))).toHaveProperty('will.stopped');
  });

  it('what is in flight and what waits, for a pause', () => {
    const words = told('pause', prospect({ mailing: launched }));
    expect(words['will.inFlight']).toEqual({ count: 312, n: '312' });
    expect(words['will.hold']).toEqual({ count: 4_688, n: '4,688' });
  });

  it('how long the rest takes under a limit, and who comes too late', () => {
    const limited = { ...launched, rateLimit: 1, endsAt: '2026-11-21T23:00:00Z' };
    const words = told('resume', prospect({ mailing: limited }));
    expect(words['will.takes']).toEqual({ rate: '1', duration: '1 h 23 min' });
    expect(words['will.lateByRate']).toMatchObject({ n: '1,400' });
    expect(told('resume', prospect({ mailing: { ...limited, rateLimit: 2 } }))).not.toHaveProperty('will.lateByRate');
  });

  it('that what is resumed after its end is not sent any more', () => {
    const over = { ...launched, endsAt: '2026-11-21T21:00:00Z' };
    expect(told('resume', prospect({ mailing: over }))['will.tooLate']).toMatchObject({ n: '5,000' });
  });

  it('who has it already and who will not get it, for a cancel', () => {
    const words = told('cancel', prospect({ mailing: launched }));
    expect(words['will.cut']).toMatchObject({ n: '4,688' });
    expect(words['will.haveIt']).toMatchObject({ n: '7,000' });
    expect(told('cancel', prospect({ audience: 50 }))['will.notStart']).toMatchObject({ n: '50' });
  });
});
