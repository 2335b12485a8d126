import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { operationNameIn } from './fetcher.js';

it('runs what the tab holds now, not the operation of the tab before', () => {
  expect(operationNameIn(parse('subscription WatchIt { a }'), { operationName: 'Statistics' })).toBe('WatchIt');
  expect(operationNameIn(parse('{ a }'), { operationName: 'Statistics' })).toBeNull();
});

it('runs the operation that was picked among several', () => {
  expect(operationNameIn(parse('query A { a } query B { b }'), { operationName: 'B' })).toBe('B');
});
