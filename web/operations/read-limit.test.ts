import { expect, it } from 'vitest';
import { readLimit } from './read-limit.js';

it.each([
  ['', null],
  [1, 1],
  ['250', 250],
  [1_000_000, 1_000_000],
  [0, undefined],
  [-5, undefined],
  [1.5, undefined],
  [1_000_001, undefined],
  ['-', undefined],
])('takes %j as the limit %j', (given, limit) => {
  expect(readLimit(given)).toBe(limit);
});
