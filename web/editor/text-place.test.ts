import { describe, expect, it } from 'vitest';
import { attributeNames, cutAt, stretchAt } from './text-place.js';

const text = 'Hello,\n{{ name | shout }} and {% if x %}\nlast';
const shown = (line: number | null, column: number | null) => {
  const stretch = stretchAt(text, line, column);
  return stretch && text.slice(stretch.from, stretch.to);
};

describe('the place of a problem in a text', () => {
  it.each([
    [2, 1, '{{ name | shout }}'],
    [2, 11, '{{ name | shout }}'],
    [2, 24, '{% if x %}'],
    [2, 20, 'a'],
    [3, 1, 'l'],
    [3, 99, 't'],
    [2, null, '{{ name | shout }}'],
  ])('line %i, column %s is %s', (line, column, stretch) => {
    expect(shown(line, column)).toBe(stretch);
  });

  it('is none where none is told, or where the text has changed since', () => {
    expect(shown(null, null)).toBeNull();
    expect(shown(9, 1)).toBeNull();
  });

  it('is the rest of the line where a tag is never closed', () => {
    expect(stretchAt('a {{ name\nb', 1, 3)).toEqual({ from: 2, to: 9 });
  });

  it('cuts the text into what is marked and what is not', () => {
    const pieces = cutAt('abcdef', [
      { from: 3, to: 5 },
      { from: 1, to: 4 },
    ]);
    expect(pieces.map((piece) => (piece.marked ? `[${piece.text}]` : piece.text)).join('')).toBe('a[bcd][e]f');
    expect(cutAt('', [])).toEqual([]);
  });
});

describe('what a text may say of a client', () => {
  it('is what any of them has and can be written in a text, and what everybody has', () => {
    const clients = [{ attributes: { name: 'A', city: 'B' } }, { attributes: { city: 'C', 'last-visit': 1 } }];
    expect(attributeNames(clients)).toEqual(['name', 'city', 'phone', 'timeZone']);
  });
});
