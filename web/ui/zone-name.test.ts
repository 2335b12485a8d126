import { expect, it } from 'vitest';
import { zoneName } from './zone-name.js';

it('calls zones as people do', () => {
  expect(zoneName('America/New_York', 'en')).toBe('New York');
  expect(zoneName('America/Argentina/Buenos_Aires', 'ru')).toBe('Buenos Aires');
  expect(zoneName('Asia/Kamchatka', 'ru')).toBe('Камчатка');
  expect(zoneName('UTC', 'ru')).toBe('UTC');
});
