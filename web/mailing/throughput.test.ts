import { describe, expect, it } from 'vitest';
import { MINUTES, STEP, summaryOf, Throughput } from './throughput.js';

const noon = Date.parse('2026-11-21T12:00:00Z');
let version = 0;
/** The counts of one version after the other. */
const counts = (sent: number, failed = 0) => {
  version += 1;
  return { sent, failed, expired: 0, cancelled: 0, unknown: 0, version: String(version) };
};
/** Where the curves have anything: seconds from noon, sent and other a second. */
const bumps = (throughput: Throughput, now: number) => {
  const { times, sent, other } = throughput.curves(now);
  return times.map((time, place) => [time - noon / 1_000, sent[place], other[place]]).filter(([, a, b]) => a! + b! > 0);
};

describe('throughput of the last minutes', () => {
  it('counts what each event of progress added, from the first one on', () => {
    const throughput = new Throughput();
    throughput.follow(counts(1_000), noon);
    throughput.follow(counts(1_050, 10), noon + 1_000);
    throughput.follow(counts(1_100, 10), noon + 4_900);
    throughput.follow(counts(1_200, 10), noon + 5_100);
    expect(bumps(throughput, noon + 10_000)).toEqual([
      [0, 20, 2],
      [5, 20, 0],
    ]);
  });

  it('takes what the server remembers for what it has seen by itself', () => {
    const throughput = new Throughput();
    throughput.follow(counts(0), noon - 60_000);
    throughput.follow(counts(500), noon);
    const told = counts(550);
    throughput.begin([{ at: '2026-11-21T11:59:00Z', sent: 250, other: 0 }], told);
    throughput.follow(told, noon + 500);
    throughput.follow(counts(650), noon + 1_000);
    expect(bumps(throughput, noon + 10_000)).toEqual([
      [-60, 50, 0],
      [0, 20, 0],
    ]);
  });

  it('divides the step under way by what of it is over', () => {
    const throughput = new Throughput();
    throughput.follow(counts(0), noon);
    throughput.follow(counts(100), noon + 500);
    expect(bumps(throughput, noon + 900)).toEqual([]);
    expect(bumps(throughput, noon + 2_000)).toEqual([[0, 50, 0]]);
    expect(summaryOf(throughput.curves(noon + 2_000), noon + 2_000).sent).toBe(100);
  });

  it('never counts less than nothing when failed ones are tried again', () => {
    const throughput = new Throughput();
    throughput.follow(counts(10, 90), noon);
    throughput.follow(counts(12, 0), noon + 1_000);
    expect(bumps(throughput, noon + STEP)).toEqual([[0, 0.4, 0]]);
  });

  it('shows the last minutes without a gap, and forgets what is older', () => {
    const throughput = new Throughput();
    throughput.begin([{ at: '2026-11-21T11:00:00Z', sent: 5, other: 5 }], counts(5, 5));
    const { times } = throughput.curves(noon + 3_000);
    expect(times).toHaveLength((MINUTES * 60_000) / STEP + 1);
    expect(new Set(times.slice(1).map((time, place) => time - times[place]!))).toEqual(new Set([STEP / 1_000]));
    expect(summaryOf(throughput.curves(noon), noon)).toEqual({ sent: 0, other: 0, most: null });
  });

  it('does not count twice what is told twice, or late by a slower way', () => {
    const throughput = new Throughput();
    const [first, second, third] = [counts(0), counts(10), counts(30)];
    for (const told of [first, third, second, third]) throughput.follow(told, noon);
    expect(bumps(throughput, noon + STEP)).toEqual([[0, 6, 0]]);
  });

  it('says how many, and when the most', () => {
    const throughput = new Throughput();
    throughput.begin(
      [
        { at: '2026-11-21T11:58:00Z', sent: 100, other: 0 },
        { at: '2026-11-21T11:59:00Z', sent: 400, other: 100 },
      ],
      counts(0),
    );
    expect(summaryOf(throughput.curves(noon), noon)).toEqual({
      sent: 500,
      other: 100,
      most: { perSecond: 100, at: noon - 60_000 },
    });
  });
});
