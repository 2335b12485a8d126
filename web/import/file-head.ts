/** So much of a file is read to show how it will be understood, bytes: as the server looks at to guess. */
const HEAD = 65_536;
/** Records that are shown. */
const SHOWN = 6;
/** UTF-16 has a zero among so many bytes at the least. */
const ZEROS = 20;

export const ENCODINGS = ['utf-8', 'windows-1251', 'utf-16le', 'utf-16be'] as const;
export type Encoding = (typeof ENCODINGS)[number];

const SIGNS = { comma: ',', semicolon: ';', tab: '\t' } as const;
export type Delimiter = keyof typeof SIGNS;
export const DELIMITERS = Object.keys(SIGNS) as Delimiter[];

/** How a file is written. */
export interface Style {
  encoding: Encoding;
  delimiter: Delimiter;
}

/** The names of a file's columns, and its first records. */
export interface Head extends Style {
  header: string[];
  rows: string[][];
}

/** Only the beginning of the file is read, however large it is. */
export async function headBytes(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
}

/** @param chosen what somebody knows better than can be guessed */
export function readHead(bytes: Uint8Array, chosen: Partial<Style> = {}): Head {
  const encoding = chosen.encoding ?? guessEncoding(bytes);
  // As a stream: the beginning may end in the midst of a character.
  const text = new TextDecoder(encoding).decode(bytes, { stream: true });
  const delimiter = chosen.delimiter ?? guessDelimiter(text);
  const [header = [], ...rows] = records(text, SIGNS[delimiter], SHOWN + 1);
  return { encoding, delimiter, header: header.map((name) => name.trim()), rows };
}

/** As the server guesses: byte order marks, zeros of UTF-16, and what is not UTF-8 is Windows-1251. */
function guessEncoding(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const zerosAt = (odd: number) => bytes.filter((byte, at) => byte === 0 && at % 2 === odd).length;
  if (zerosAt(1) * ZEROS > bytes.length) return 'utf-16le';
  if (zerosAt(0) * ZEROS > bytes.length) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1251';
  }
}

function guessDelimiter(text: string): Delimiter {
  const [line = ''] = text.replaceAll(/"[^"]*"?/g, '').split(/[\r\n]/, 1);
  const times = (name: Delimiter) => line.split(SIGNS[name]).length;
  return DELIMITERS.reduce((best, each) => (times(each) > times(best) ? each : best));
}

/** The first records, for the eye: the server reads the file itself, and says what is wrong with each line. */
function records(text: string, sign: string, most: number): string[][] {
  const found: string[][] = [];
  let cells: string[] = [];
  // A cell, quoted or not, and what ends it.
  const cell = new RegExp(`[ ]*(?:"((?:[^"]|"")*)"[ ]*|([^${sign}\\r\\n]*))(${sign}|\\r\\n|\\r|\\n|$)`, 'y');
  for (let match = cell.exec(text); match !== null && found.length < most; match = cell.exec(text)) {
    const [all, quoted, plain = '', end] = match;
    cells.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    if (end === sign) continue;
    if (cells.some((value) => value !== '')) found.push(cells);
    cells = [];
    if (all === '' || cell.lastIndex >= text.length) break;
  }
  return found;
}
