import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ForeseeOptions, foreseeSends, type ZoneAudience, type ZoneOutlook } from './foresee-sends.js';

interface Case extends Pick<ForeseeOptions, 'rate' | 'timeoutMs'> {
  zones: ZoneAudience[];
}

const START = Date.parse('2026-11-21T09:00Z');
const SECOND = 1_000;

const inSeconds = (...windows: [opens: number, closes: number][]) =>
  windows.map(([opens, closes]) => ({ opensAt: START + opens * SECOND, closesAt: START + closes * SECOND }));
const zone = (count: number, ...windows: [number, number][]): ZoneAudience => ({
  count,
  windows: inSeconds(...windows),
  cut: false,
});
const foresee = ({ zones, rate, timeoutMs }: Case) => foreseeSends(zones, { startsAt: START, rate, timeoutMs });
const at = (ms: number) => START + ms;

/** One message after the other, as claims take them. Undefined: two zones were due at the same moment. */
function oneByOne({ zones, rate, timeoutMs }: Case, mixed = false): ZoneOutlook[] | undefined {
  // In parts of a millisecond, so that every start is a whole number.
  const scale = rate ?? 1;
  const spacing = rate === null ? 0 : SECOND;
  const outlooks = zones.map(
    (): ZoneOutlook => ({ sentCount: 0, expiredCount: 0, undecidedCount: 0, firstSendAt: null, lastSendAt: null }),
  );
  const plan = (at: number, now: number) => {
    const open = zones[at]!.windows.map(({ opensAt, closesAt }) => ({
      dueAt: Math.max(now, (opensAt - START) * scale),
      startBefore: (closesAt - START - timeoutMs) * scale,
    })).find(({ dueAt, startBefore }) => dueAt < startBefore);
    if (open === undefined) outlooks[at]![zones[at]!.cut ? 'undecidedCount' : 'expiredCount'] += 1;
    return open;
  };
  let messages = zones.flatMap(({ count }, at) =>
    // Evenly mixed: the ids of each zone are spread over all of them.
    Array.from({ length: count }, (_, nth) => ({ at, id: (nth + 0.5) / count + at / 1_000_000, ...plan(at, 0) })),
  );
  for (let now = 0; ; ) {
    messages = messages.filter(({ dueAt }) => dueAt !== undefined);
    const next = messages.toSorted((a, b) => a.dueAt! - b.dueAt! || a.id - b.id)[0];
    if (next === undefined) return outlooks;
    if (!mixed && messages.some(({ dueAt, at }) => dueAt === next.dueAt && at !== next.at)) return undefined;
    now = Math.max(now, next.dueAt!);
    if (next.startBefore! <= now) {
      Object.assign(next, { dueAt: undefined, startBefore: undefined }, plan(next.at, now));
      continue;
    }
    messages = messages.filter((message) => message !== next);
    const outlook = outlooks[next.at]!;
    outlook.sentCount += 1;
    outlook.firstSendAt ??= START + now / scale;
    outlook.lastSendAt = START + now / scale;
    now += spacing;
  }
}

/** Up to three windows, one after the other, in hundredths of a second. */
const windows = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 500 })), { maxLength: 3 })
  .map((gaps) => {
    let at = START;
    return gaps.map(([closed, open]) => {
      const opensAt = at + closed * 10;
      at = opensAt + open * 10;
      return { opensAt, closesAt: at };
    });
  });
const someCase = (least: number): fc.Arbitrary<Case> =>
  fc.record({
    zones: fc.array(
      fc.record<ZoneAudience>({ count: fc.integer({ min: least, max: 25 }), windows, cut: fc.boolean() }),
      { minLength: 1, maxLength: 4 },
    ),
    rate: fc.constantFrom(1, 2, 3, 7, 10, 50),
    timeoutMs: fc.constantFrom(0, 10, 330, 1_000),
  });

describe('what is foreseen', () => {
  it('is exact to the message and the millisecond where zones are due one after the other', () => {
    let compared = 0;
    fc.assert(
      fc.property(someCase(0), (c) => {
        const expected = oneByOne(c);
        fc.pre(expected !== undefined);
        compared += 1;
        expect(foresee(c)).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
    expect(compared).toBeGreaterThan(500);
  });

  it('is exact without a rate, whatever is due when', () => {
    fc.assert(
      fc.property(someCase(0), ({ zones, timeoutMs }) => {
        const c = { zones, timeoutMs, rate: null };
        expect(foresee(c)).toEqual(oneByOne(c, true));
      }),
    );
  });

  it('is off by no more than a few messages a zone where several are due at once and evenly mixed', () => {
    fc.assert(
      fc.property(someCase(5), (c) => {
        const together = { ...c, zones: c.zones.map((each) => ({ ...each, windows: openAtStart(each) })) };
        const expected = oneByOne(together, true)!;
        const found = foresee(together);
        found.forEach(({ sentCount }, at) => {
          expect(Math.abs(sentCount - expected[at]!.sentCount)).toBeLessThanOrEqual(c.zones.length);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('leaves nobody out', () => {
    fc.assert(
      fc.property(someCase(0), (c) => {
        const sums = foresee(c).map((o) => o.sentCount + o.expiredCount + o.undecidedCount);
        expect(sums).toEqual(c.zones.map(({ count }) => count));
      }),
    );
  });

  it('sends all that are open at once where there is no rate, and lets those expire whose window is too short', () => {
    const zones = [zone(5, [0, 10]), zone(7, [4, 10]), zone(9, [8.5, 10]), zone(2)];
    const found = foresee({ zones, rate: null, timeoutMs: 1_500 });
    expect(found.map(({ sentCount, expiredCount }) => [sentCount, expiredCount])).toEqual([
      [5, 0],
      [7, 0],
      [0, 9],
      [0, 2],
    ]);
    expect(found[1]).toMatchObject({ firstSendAt: at(4_000), lastSendAt: at(4_000) });
  });

  it('lets who is not reached before the window closes wait for the next, behind those who are due by then', () => {
    const zones = [zone(30, [0, 2], [10, 12]), zone(10, [9, 20])];
    const [first, second] = foresee({ zones, rate: 10, timeoutMs: 0 });
    expect(first).toMatchObject({ sentCount: 30, firstSendAt: at(0), lastSendAt: at(10_900) });
    expect(second).toMatchObject({ sentCount: 10, firstSendAt: at(9_000), lastSendAt: at(9_900) });
  });

  it('keeps undecided apart from expired where not all windows were looked at', () => {
    const cut = { ...zone(30, [0, 2]), cut: true };
    expect(foresee({ zones: [cut], rate: 10, timeoutMs: 0 })[0]).toMatchObject({
      sentCount: 20,
      undecidedCount: 10,
      expiredCount: 0,
    });
  });

  it('takes ten million clients in forty zones for a month no longer than a blink', () => {
    const month = (hours: number) =>
      Array.from({ length: 30 }, (_, day): [number, number] => [
        (day * 24 + hours) * 3_600,
        (day * 24 + hours + 10) * 3_600,
      ]);
    const zones = Array.from({ length: 40 }, (_, at) => zone(250_000, ...month(at / 2)));
    const found = foresee({ zones, rate: 8, timeoutMs: 10_000 });
    expect(found.reduce((sum, { sentCount }) => sum + sentCount, 0)).toBeGreaterThan(6_000_000);
  });
});

/** Only the first window, open from the start on. */
function openAtStart({ windows: [first] }: ZoneAudience): ZoneAudience['windows'] {
  return first === undefined ? [] : [{ ...first, opensAt: START }];
}
