import { styleText } from 'node:util';
import { AppError } from '../errors.js';
import type { Call } from './call.js';

type Colour = 'green' | 'cyan' | 'yellow' | 'red' | 'dim' | 'bold';

/** A text in a colour, for a terminal that has some: not in a file or pipe, nor where NO_COLOR is set (https://no-color.org). */
export function paint({ surroundings: { stdout, env } }: Call, colour: Colour, text: string): string {
  const isPlain = !stdout.isTTY || !!env['NO_COLOR'] || env['TERM'] === 'dumb';
  return isPlain ? text : styleText(colour, text, { validateStream: false });
}

/** Rows in columns, with their names above. */
export function toColumns(names: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = [names, ...rows.map((row) => row.map((cell) => String(cell ?? '–')))];
  const widths = names.map((_, at) => Math.max(...cells.map((row) => [...row[at]!].length)));
  return cells
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A moment as a terminal shows it, in UTC, to the second. */
export function momentText(at: Date | null): string | null {
  return at === null ? null : `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** Rows that a list shows. */
export const FIRST = { value: 'n', does: 'how many at the most, the newest first; 50' };

/** @throws AppError BAD_USER_INPUT */
export function firstOf({ values }: Call): number {
  const text = values['first'] ?? '50';
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new AppError('BAD_USER_INPUT', '--first must be a number from 1 to 9999.');
  return Number(text);
}

/** What stands between commas; undefined: nothing was given. */
export function listOf(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
