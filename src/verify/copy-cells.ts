const ZERO = 0x30;
const TRUE = 0x74;
/** A tab ends a cell, a line break the last one of a row; no other byte is as small. */
const LINE_BREAK = 0x0a;

/** Reads the cells of COPY's text from bytes, one after the other: none of them needs an escape. */
export class CopyCells {
  readonly #bytes: Buffer;
  readonly #words: Words;
  #position = 0;

  /** @param rows ends with a line break; words are looked up in `words` */
  constructor(rows: Buffer, words: Words) {
    this.#bytes = rows;
    this.#words = words;
  }

  /** Whether there is another cell. */
  get more(): boolean {
    return this.#position < this.#bytes.length;
  }

  /** A whole number, not below 0; NaN when it is something else. */
  number(): number {
    const bytes = this.#bytes;
    let value = 0;
    let at = this.#position;
    for (let byte = bytes[at]!; byte > LINE_BREAK; byte = bytes[at]!) {
      const digit = byte - ZERO;
      value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
      at += 1;
    }
    this.#position = at + 1;
    return value;
  }

  boolean(): boolean {
    const begin = this.#position;
    this.#position = begin + 2;
    return this.#bytes[begin] === TRUE;
  }

  /** One of not too many different words. */
  word(): string {
    const begin = this.#position;
    let end = begin;
    while (this.#bytes[end]! > LINE_BREAK) end += 1;
    this.#position = end + 1;
    return this.#words.read(this.#bytes, begin, end);
  }
}

/** Words that come again and again: making a string of each anew would take several times as long as finding it. */
export class Words {
  readonly #byHash = new Map<number, string>();

  read(bytes: Buffer, begin: number, end: number): string {
    let hash = 0;
    for (let at = begin; at < end; at += 1) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
    const known = this.#byHash.get(hash);
    if (known !== undefined && isSame(known, bytes, begin, end)) return known;
    const word = bytes.toString('latin1', begin, end);
    this.#byHash.set(hash, word);
    return word;
  }
}

function isSame(word: string, bytes: Buffer, begin: number, end: number): boolean {
  if (word.length !== end - begin) return false;
  for (let at = 0; at < word.length; at += 1) if (word.charCodeAt(at) !== bytes[begin + at]) return false;
  return true;
}
