import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseInput } from './parse-input.js';
import { answer } from './user-error.js';

it.each([
  [
    'the name of a field that might be anything',
    z.strictObject({}),
    { '+7 916': 1 },
    'A field of a is not known here.',
  ],
  ['a number too small', z.int().min(1), 0, 'a must be at least 1.'],
  ['a number too large', z.int().max(100), 101, 'a must be at most 100.'],
  ['half a number', z.int(), 1.5, 'a must be a whole number.'],
  ['text for a number', z.int(), 'one', 'a must be of type number.'],
  ['a number for a yes or no', z.boolean(), 1, 'a must be true or false.'],
  ['nothing', z.string(), undefined, 'a is required.'],
  ['an empty text', z.string().min(1), '', 'a must not be empty.'],
  ['a text too short', z.string().min(3), 'ab', 'a must have at least 3 characters.'],
  ['a text too long', z.string().max(2), 'abc', 'a must have at most 2 characters.'],
  ['an empty list', z.array(z.string()).min(1), [], 'a must not be empty.'],
  ['a list too long', z.array(z.string()).max(2), ['b', 'c', 'd'], 'a must have at most 2 entries.'],
  ['a word that is none of those', z.enum(['SENT', 'FAILED']), 'SENTT', 'a must be one of SENT, FAILED.'],
])(
  '%s is said in a sentence that begins with the field, whatever the library would say',
  async (_what, rule, a, told) => {
    const { userErrors } = await answer(async () => parseInput(z.strictObject({ a: rule }), { a }));
    expect(userErrors).toEqual([{ field: 'a', message: told, code: 'BAD_USER_INPUT' }]);
  },
);
