import type { Permission } from '../generated/graphql.js';
import type en from './en.json';

/** What a key, or one after the other, does. Keys are named by their place (`KeyboardEvent.code`), so that they work on a Russian layout too. */
export interface Shortcut {
  /** Shown to people. */
  keys: readonly string[];
  codes: readonly string[];
  /** Where it leads. */
  path: string;
  /** A word of the shell. */
  word: Extract<keyof typeof en, `nav.${string}`> | 'palette.newMailing';
  needs?: Permission;
}

const go = (letter: string) => ({ keys: ['g', letter], codes: ['KeyG', `Key${letter.toUpperCase()}`] });

export const SHORTCUTS: readonly Shortcut[] = [
  { ...go('m'), path: '/', word: 'nav.mailings', needs: 'MAILINGS_READ' },
  { ...go('c'), path: '/clients', word: 'nav.clients', needs: 'CLIENTS_READ' },
  { ...go('s'), path: '/statistics', word: 'nav.statistics', needs: 'MAILINGS_READ' },
  { ...go('j'), path: '/jobs', word: 'nav.jobs', needs: 'CLIENTS_READ' },
  { ...go('h'), path: '/health', word: 'nav.health' },
  { ...go('e'), path: '/settings', word: 'nav.settings' },
  { ...go('n'), path: '/mailings/new', word: 'palette.newMailing', needs: 'MAILINGS_WRITE' },
];

/** ms; the second key counts that long after the first. */
export const PATIENCE = 1_500;

/** A key that was pressed, and when, ms. */
export interface Press {
  code: string;
  at: number;
}

/** The shortcut that these two make. */
export function shortcutOf(first: Press | null, second: Press): Shortcut | null {
  if (first === null || second.at - first.at > PATIENCE) return null;
  return SHORTCUTS.find(({ codes }) => codes[0] === first.code && codes[1] === second.code) ?? null;
}

const STORED = 'heliograph-shortcuts';

/** Who speaks to their machine, or leans on its keys, switches them off (WCAG 2.1.4). Browsers remember it. */
export function shortcutsAreOn(): boolean {
  return localStorage.getItem(STORED) !== 'off';
}

export function switchShortcuts(on: boolean): void {
  localStorage.setItem(STORED, on ? 'on' : 'off');
}
