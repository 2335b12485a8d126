import { expect, it } from 'vitest';
import { shownPhone } from './phone.js';

it.each([
  ['79161234567', '+7 916 123-45-67'],
  ['79*****4567', '+7 9** ***-45-67'],
  ['something else', 'something else'],
])('a phone %s is shown as %s', (phone, shown) => {
  expect(shownPhone(phone)).toBe(shown);
});
