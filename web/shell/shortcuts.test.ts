import { expect, it } from 'vitest';
import { PATIENCE, SHORTCUTS, shortcutOf } from './shortcuts.js';

const press = (code: string, at = 0) => ({ code, at });

it('takes two keys for a shortcut when the second comes soon enough', () => {
  expect(shortcutOf(press('KeyG'), press('KeyM', PATIENCE))?.path).toBe('/');
  expect(shortcutOf(press('KeyG'), press('KeyM', PATIENCE + 1))).toBeNull();
  expect(shortcutOf(press('KeyM'), press('KeyG', 1))).toBeNull();
  expect(shortcutOf(null, press('KeyM'))).toBeNull();
});

it('gives no two things the same keys', () => {
  const keys = SHORTCUTS.map(({ codes }) => codes.join(' '));
  expect(new Set(keys).size).toBe(keys.length);
});
