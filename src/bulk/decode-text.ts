import { AppError } from '../errors.js';

/** Encodings a file can be in. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1251'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** So much of a file is looked at to find out how it is written, bytes. */
const HEAD = 65_536;

/** UTF-16 has a zero among so many bytes at the least. */
const UTF16_ZEROS = 20;

/**
 * Characters that are handed on at once. What was made of them is garbage before the next: with all of a piece that came in
 * alive together, the young generation of V8's heap grew to its greatest size, and the process by 100 MB.
 */
const PIECE = 4_096;

/** The beginning of a file, and all of it as text. */
export interface DecodedFile {
  head: string;
  /** Begins with the head. What is no character in the encoding is U+FFFD. */
  text: AsyncGenerator<string, void, void>;
}

/**
 * Reads a file as text, piece by piece.
 *
 * @param encoding `auto`: a byte order mark says it; without one zeros tell UTF-16, and what is not UTF-8 in its first 64 KB
 *   is Windows-1251
 * @throws what the source throws
 */
export async function decodeFile(source: AsyncIterable<Buffer>, encoding: Encoding | 'auto'): Promise<DecodedFile> {
  const pieces = source[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  for (let size = 0; size < HEAD; ) {
    const { done, value } = await pieces.next();
    if (done) break;
    first.push(value);
    size += value.length;
  }
  const bytes = Buffer.concat(first);
  const decoder = new TextDecoder(encoding === 'auto' ? detectEncoding(bytes) : encoding);
  const head = decoder.decode(bytes, { stream: true });
  async function* text() {
    yield* inPieces(head);
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      yield* inPieces(decoder.decode(next.value, { stream: true }));
    }
    yield decoder.decode();
  }
  return { head, text: text() };
}

function* inPieces(text: string): Generator<string, void, void> {
  for (let at = 0; at < text.length; at += PIECE) yield text.slice(at, at + PIECE);
}

/** Byte order marks: https://encoding.spec.whatwg.org/#bom-sniff */
function detectEncoding(bytes: Buffer): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // Digits, commas and line ends have a zero beside them in UTF-16, always on the same side; elsewhere a zero is a slip.
  const zeros = [0, 0];
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === 0) zeros[at % 2]! += 1;
  if (zeros[1]! * UTF16_ZEROS > bytes.length) return 'utf-16le';
  if (zeros[0]! * UTF16_ZEROS > bytes.length) return 'utf-16be';
  try {
    // As a stream: the piece may end in the middle of a character.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1251';
  }
}

/** What can part the cells of a line. */
export const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t' } as const;
export type Delimiter = (typeof DELIMITERS)[keyof typeof DELIMITERS];

/** The one that stands most often in the first line, outside quotes; a comma when none does. */
export function detectDelimiter(head: string): Delimiter {
  const [line = ''] = head
    .trimStart()
    .replace(/"[^"]*"?/g, '')
    .split(/[\r\n]/, 1);
  const timesIn = (delimiter: string) => line.split(delimiter).length;
  return Object.values(DELIMITERS).reduce((best, each) => (timesIn(each) > timesIn(best) ? each : best));
}

/**
 * Passes a file through, and fails once it is larger than it may be.
 *
 * @param maxBytes how large
 * @param announced what it says itself of its size, in decimals
 * @throws FileTooLarge
 */
export async function* limitBytes(
  source: AsyncIterable<Buffer>,
  maxBytes: number,
  announced = '0',
): AsyncGenerator<Buffer, void, void> {
  if (Number(announced) > maxBytes) throw new FileTooLarge(maxBytes);
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > maxBytes) throw new FileTooLarge(maxBytes);
    yield piece;
  }
}

/** Over HTTP it is answered with 413. */
export class FileTooLarge extends AppError {
  constructor(maxBytes: number) {
    super('BAD_USER_INPUT', `The file is too large: at most ${Math.floor(maxBytes / 2 ** 20)} MB.`);
  }
}
