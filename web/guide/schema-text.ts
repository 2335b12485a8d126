/** A stretch of the schema's text. */
export interface Stretch {
  text: string;
  kind: 'code' | 'description' | 'match';
}

/** Cuts a printed schema into its top-level definitions, each with the description over it. */
export function definitionsOf(sdl: string): string[] {
  const definitions: string[] = [];
  let inDescription = false;
  let afterGap = false;
  for (const line of sdl.trim().split('\n')) {
    // Fields with descriptions have empty lines between them as well, but are indented.
    const begins = definitions.length === 0 || (afterGap && !inDescription && /^\S/.test(line));
    if (begins) definitions.push(line);
    else definitions.push(`${definitions.pop()}\n${line}`);
    afterGap = line === '' && !inDescription;
    if (opensOrCloses(line)) inDescription = !inDescription;
  }
  return definitions.map((definition) => definition.trimEnd());
}

/** The definitions that mention `wanted`, in any case of letters; all of them for an empty one. */
export function mentioning(definitions: readonly string[], wanted: string): string[] {
  const needle = wanted.trim().toLowerCase();
  return definitions.filter((definition) => definition.toLowerCase().includes(needle));
}

/** Marks what in a definition is description, and where `wanted` stands in it. */
export function stretchesOf(definition: string, wanted: string): Stretch[] {
  const stretches: Stretch[] = [];
  let inDescription = false;
  for (const line of definition.split('\n')) {
    const quoted = /^\s*"/.test(line);
    const kind = inDescription || quoted ? 'description' : 'code';
    if (opensOrCloses(line)) inDescription = !inDescription;
    stretches.push(...splitAtMatches(`${line}\n`, wanted.trim().toLowerCase(), kind));
  }
  return stretches;
}

/** Whether a line has one `"""`, and not both of a description in one line. */
function opensOrCloses(line: string): boolean {
  return line.split('"""').length === 2;
}

function splitAtMatches(text: string, needle: string, kind: Stretch['kind']): Stretch[] {
  if (needle === '') return [{ text, kind }];
  const stretches: Stretch[] = [];
  let from = 0;
  for (let at = find(text, needle, 0); at !== -1; at = find(text, needle, from)) {
    if (at > from) stretches.push({ text: text.slice(from, at), kind });
    from = at + needle.length;
    stretches.push({ text: text.slice(at, from), kind: 'match' });
  }
  stretches.push({ text: text.slice(from), kind });
  return stretches;
}

function find(text: string, needle: string, from: number): number {
  return text.toLowerCase().indexOf(needle, from);
}
