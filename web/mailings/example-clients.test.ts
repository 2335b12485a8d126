import { expect, it } from 'vitest';
import { normalizePhone } from '../../src/client/phone.js';
import { exampleClients } from './example-clients.js';

it('makes example clients whom the import takes, each with a phone of their own', () => {
  const [head, ...lines] = exampleClients(1_000).trim().split('\n');
  expect(head?.split(',')).toEqual(['phone', 'operator_code', 'tags', 'time_zone', 'name']);
  const phones = lines.map((line) => line.split(',')[0] ?? '');
  expect(new Set(phones).size).toBe(1_000);
  expect(phones.map(normalizePhone)).toEqual(phones);
});
