import { expect, it } from 'vitest';
import { Standstill } from './standstill.js';

it('tells since when the process had stood still, of all that is taken in then and soon after', () => {
  const standstill = new Standstill(0);
  standstill.look(20);
  expect(standstill.before(120)).toBeNull();
  expect(standstill.before(121)).toBe(20);
  standstill.look(140);
  standstill.look(160);
  expect(standstill.before(240)).toBe(20);
  standstill.look(240);
  expect(standstill.before(241)).toBeNull();
  standstill.look(400);
  expect(standstill.before(400)).toBe(240);
});
