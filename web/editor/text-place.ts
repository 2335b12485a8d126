/** A stretch of a text, in UTF-16 units. */
export interface Stretch {
  from: number;
  to: number;
}

/**
 * What of a text a problem at this line and column is about: the Liquid tag that begins or is open there, else the character.
 *
 * @param line from 1; null: no place in particular
 * @param column from 1, in UTF-16 units
 * @returns null: no place that the text has
 */
export function stretchAt(text: string, line: number | null, column: number | null): Stretch | null {
  if (line === null) return null;
  const lines = text.split('\n');
  const its = lines[line - 1];
  if (its === undefined) return null;
  const start = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  const place = start + Math.min(Math.max(0, (column ?? 1) - 1), its.length);
  return tagAround(text, place) ?? { from: Math.max(start, Math.min(place, start + its.length - 1)), to: place + 1 };
}

function tagAround(text: string, place: number): Stretch | null {
  const tags = text.matchAll(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{[{%][^\n]*/g);
  for (const { index, 0: tag } of tags) {
    if (place >= index && place < index + tag.length) return { from: index, to: index + tag.length };
  }
  return null;
}

/** The text cut at the stretches to be marked, in order; those that overlap are one. */
export function cutAt(text: string, stretches: readonly Stretch[]): { text: string; marked: boolean; from: number }[] {
  const pieces: { text: string; marked: boolean; from: number }[] = [];
  let done = 0;
  const take = (to: number, marked: boolean) => {
    if (to > done) pieces.push({ text: text.slice(done, to), marked, from: done });
    done = Math.max(done, to);
  };
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    take(from, false);
    take(to, true);
  }
  take(text.length, false);
  return pieces;
}

/** What a text may say of a client, by name: whatever one of them has, and what everybody has. */
export function attributeNames(clients: readonly { attributes: Record<string, unknown> }[]): string[] {
  const named = clients.flatMap(({ attributes }) => Object.keys(attributes));
  return [...new Set([...named, 'phone', 'timeZone'])].filter((name) => /^[a-z]\w*$/i.test(name));
}

/** An attribute as a text has it. */
export function tagOf(name: string): string {
  return `{{ ${name} }}`;
}
