/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, digits) => Number(`1e${digits}`));

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

const QUOTE = 0x22;
const POINT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;

/**
 * Reads plain JSON from bytes, value by value, several times as fast as JSON.parse. It knows numbers without sign and
 * exponent, strings of Latin-1 without escapes, true, false and null, and no spaces. Anything else gets it stuck
 * at the last line break: what it returns then means nothing, and no bytes are those expected any more.
 */
export class JsonCursor {
  /** Bytes before the cursor. */
  position = 0;
  readonly #bytes: Buffer;

  /** @param lines ends with a line break */
  constructor(lines: Buffer) {
    this.#bytes = lines;
  }

  /** Goes behind these bytes if they come next. @returns whether they did */
  skip(expected: Buffer): boolean {
    const bytes = this.#bytes;
    const begin = this.position;
    for (let at = 0; at < expected.length; at += 1) if (bytes[begin + at] !== expected[at]) return false;
    this.position = begin + expected.length;
    return true;
  }

  /** Goes behind `null` if it comes next. @returns whether it did */
  skipNull(): boolean {
    return this.skip(NULL);
  }

  boolean(): boolean {
    if (this.skip(TRUE)) return true;
    if (!this.skip(FALSE)) this.stop();
    return false;
  }

  /** A whole number up to 2^53−1. */
  whole(): number {
    const begin = this.position;
    const value = this.#digits(0);
    if (this.#bytes[begin] === ZERO && this.position > begin + 1) this.stop();
    return value;
  }

  /** A number whose digits, read without the point, make no more than 2^53−1: then the quotient is the nearest double. */
  decimal(): number {
    const whole = this.whole();
    if (this.#bytes[this.position] !== POINT) return whole;
    this.position += 1;
    const begin = this.position;
    const digits = this.#digits(whole);
    const power = POWERS[this.position - begin];
    if (power === undefined) this.stop();
    return digits / (power ?? 1);
  }

  string(): string {
    const bytes = this.#bytes;
    const begin = this.position + 1;
    let end = begin;
    while (isPlain(bytes[end]!)) end += 1;
    if (bytes[begin - 1] !== QUOTE || bytes[end] !== QUOTE) this.stop();
    else this.position = end + 1;
    return bytes.toString('latin1', begin, end);
  }

  /** Gets stuck. */
  stop(): void {
    this.position = this.#bytes.length - 1;
  }

  /** Goes on with a number by the digits that come next: there must be one. */
  #digits(begun: number): number {
    const bytes = this.#bytes;
    let value = begun;
    let at = this.position;
    for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[at]! - ZERO) {
      value = value * 10 + digit;
      at += 1;
    }
    if (at === this.position || value > Number.MAX_SAFE_INTEGER) this.stop();
    else this.position = at;
    return value;
  }
}

/** Stands for itself in a string. */
function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH;
}
