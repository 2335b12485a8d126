import { describe, expect, it } from 'vitest';
import { type Figure, judge, median, sayNumber } from './bench.js';
import { isReached, mergeResults, type Result, sayVerdict, sectionOf, tableOf } from './table.js';

const speed: Figure = {
  what: 'speed',
  unit: 'messages/s',
  values: [19_000, 21_000, 17_000],
  counterpart: { what: 'bare loop', values: [30_000, 20_000, 25_000] },
  must: [
    { of: 'ratio', least: 0.8 },
    { of: 'median', least: 19_000 },
    { of: 'median', most: 18_000 },
  ],
};

const result = (bench: string, more: Partial<Result> = {}): Result => ({
  bench,
  does: 'sends',
  command: `npm run bench -- ${bench}`,
  machine: {
    ...{ cores: 2, processor: 'a processor', memory: 8, node: 'v24', postgres: '18.4' },
    ...{ commit: 'abc1234', at: '2026-11-22T03:00:00.000Z', load: 0.5 },
  },
  seconds: 12,
  figures: [judge(speed)],
  ...more,
});

describe('a figure', () => {
  it('is its median, least and most, and the ratio of its median to that of its counterpart', () => {
    expect(judge(speed)).toMatchObject({ median: 19_000, min: 17_000, max: 21_000, ratio: 0.76 });
  });

  it('says of each demand whether it was reached, or by what share it was missed', () => {
    const { verdicts } = judge(speed);
    expect(verdicts.map(({ must }) => must)).toEqual([
      '≥ 0.8 × bare loop',
      '≥ 19,000 messages/s',
      '≤ 18,000 messages/s',
    ]);
    expect(verdicts.map(sayVerdict)).toEqual(['missed by 5 %', 'reached', 'missed by 6 %']);
  });

  it('that is missed by next to nothing is missed', () => {
    const { verdicts } = judge({ ...speed, must: [{ of: 'median', least: 19_001 }] });
    expect(verdicts.map(sayVerdict)).toEqual(['missed by less than 1 %']);
  });

  it('has no value that is no number, and no ratio without a counterpart', () => {
    expect(() => judge({ ...speed, values: [] })).toThrow('no figures');
    expect(() => judge({ ...speed, values: [1, Number.NaN] })).toThrow('no figures');
    expect(() => judge({ what: 'speed', unit: 's', values: [1], must: [{ of: 'ratio', most: 1 }] })).toThrow(
      'counterpart',
    );
  });

  it('has the mean of the two in the middle as the median of an even number of runs', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5);
  });

  it('is told with three digits, or with all before the point', () => {
    expect([0.123456, 3.4567, 99.96, 19_911.4].map(sayNumber)).toEqual(['0.123', '3.46', '100', '19,911']);
  });
});

describe('the table', () => {
  it('has a row for each figure, with its counterpart and what came of it', () => {
    const [head, rule, row] = tableOf([judge(speed)]).split('\n');
    expect(row!.split('|').map((cell) => cell.trim())).toEqual([
      ...['', 'speed, messages/s', '19,000', '17,000', '21,000', 'bare loop', '25,000', '0.76'],
      '≥ 0.8 × bare loop; ≥ 19,000 messages/s; ≤ 18,000 messages/s',
      ...['missed by 5 %; reached; missed by 6 %', ''],
    ]);
    expect([head!.length, rule!.length]).toEqual([row!.length, row!.length]);
  });

  it('tells why something is missed only where it is', () => {
    const why = 'The machine is slow.';
    expect(sectionOf(result('dispatch', { figures: [judge({ ...speed, why })] }))).toContain(`speed: ${why}`);
    const reached = judge({ ...speed, why, must: [{ of: 'median', least: 1 }] });
    expect(sectionOf(result('dispatch', { figures: [reached] }))).not.toContain(why);
  });

  it('is not reached where one figure is missed, or something went wrong', () => {
    const reached = [judge({ ...speed, must: [{ of: 'median', least: 1 }] })];
    expect(isReached(result('dispatch'))).toBe(false);
    expect(isReached(result('dispatch', { figures: reached }))).toBe(true);
    expect(isReached(result('dispatch', { figures: reached, problem: 'one was sent twice' }))).toBe(false);
  });

  it('of benches that were run again takes the place of the old one in the file, and leaves the others', () => {
    const order = ['dispatch', 'idle', 'bloat'];
    const first = mergeResults('', [result('bloat'), result('dispatch', { seconds: 1_111 })], order);
    const second = mergeResults(first, [result('idle'), result('dispatch', { seconds: 2_222 })], order);
    expect([...second.matchAll(/^## (.*)$/gm)].map(([, name]) => name)).toEqual(order);
    expect(second).not.toContain('1111 s');
    expect(mergeResults(second, [], order)).toBe(second);
  });
});
