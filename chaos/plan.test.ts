import { expect, test } from 'vitest';
import { parseOptions } from './options.js';
import { FAULT_KINDS, type FaultName, planFaults } from './plan.js';

const TEN_MINUTES = 480_000;

test('the same seed gives the same faults, another seed others', () => {
  expect(planFaults(7, TEN_MINUTES)).toEqual(planFaults(7, TEN_MINUTES));
  expect(planFaults(7, TEN_MINUTES)).not.toEqual(planFaults(8, TEN_MINUTES));
});

test('a run of ten minutes has enough faults of enough kinds, whatever the seed', () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const plan = planFaults(seed, TEN_MINUTES);
    expect(plan.length).toBeGreaterThanOrEqual(40);
    expect(new Set(plan.map(({ name }) => name)).size).toBeGreaterThanOrEqual(25);
  }
});

test('no two faults befall the same thing at once, and none outlasts its time', () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const plan = planFaults(seed, TEN_MINUTES);
    const things = Map.groupBy(plan, ({ name, target }) => `${FAULT_KINDS[name].subject} ${target}`);
    for (const faults of things.values()) {
      for (const [index, fault] of faults.slice(1).entries()) {
        expect(fault.at).toBeGreaterThanOrEqual(faults[index]!.at + faults[index]!.ms);
      }
    }
    expect(Math.max(...plan.map(({ at, ms }) => at + ms))).toBeLessThanOrEqual(TEN_MINUTES);
  }
});

test('every kind has its turn before any has its third', () => {
  const counts = new Map<FaultName, number>();
  for (const { name } of planFaults(3, 10 * TEN_MINUTES)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (counts.get(name) === 3) break;
  }
  expect(counts.size).toBeGreaterThanOrEqual(Object.keys(FAULT_KINDS).length - 2);
});

test.each(['--minutes 0.1', '--minutes x', '--minutes', '--seed 1.5', '--seed -1', '--seed 2147483648', '--fast', '5'])(
  'the arguments %s are refused with how it is called',
  (args) => {
    expect(() => parseOptions(args.split(' '))).toThrow(/^Usage: /);
  },
);

test('it takes minutes and a seed, draws a seed where none is given, and runs nothing for somebody who asks for help', () => {
  expect(parseOptions(['--minutes', '0.2', '--seed', '7'])).toEqual({ minutes: 0.2, seed: 7 });
  expect(parseOptions([])).toEqual({ minutes: 10, seed: expect.any(Number) });
  expect(parseOptions(['--help'])).toBeUndefined();
});
