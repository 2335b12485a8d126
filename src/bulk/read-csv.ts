/** A record of a file. */
export interface CsvRecord {
  /** Where it begins, from 1 on. */
  line: number;
  cells: string[];
  /** Why it can't be read: `cells` is then its first line as it stands, and reading went on with the next. */
  broken?: 'quote' | 'length';
}

/** Longer than any record that could be right, characters: a quote that is never closed must not fill the memory. */
export const MAX_RECORD = 65_536;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** A record was read up to `end`; more text is needed; or it is none. */
type Attempt = { end: number; cells: string[] } | 'more' | 'broken';

/**
 * Reads CSV (RFC 4180) that comes in pieces: quoted cells with line ends and doubled quotes, line ends of all systems, blanks
 * around cells. Lines with nothing in them are left out.
 *
 * A quote that is not closed where its cell must end spoils its own line and no other. csv-parse 7.0.3, told to skip what it
 * can't read, loses good lines behind it (ADR 0019).
 */
export class CsvReader {
  readonly #delimiter: number;
  #text = '';
  #at = 0;
  #line = 1;
  /** In the middle of a line too long to be kept: the rest of it is passed over. */
  #skipping = false;
  #isLast = false;
  /** Cells of the first record: whatever is read over several lines and has another number is no record. */
  #width: number | undefined;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** The records that are complete with this piece. */
  push(piece: string): CsvRecord[] {
    this.#text = this.#text.slice(this.#at) + piece;
    this.#at = 0;
    return this.#read();
  }

  /** The last records: there is no more. */
  end(): CsvRecord[] {
    this.#isLast = true;
    return this.#read();
  }

  #read(): CsvRecord[] {
    const records: CsvRecord[] = [];
    while (this.#at < this.#text.length) {
      if (this.#skipping && !this.#skipLine()) break;
      const attempt = this.#attempt();
      if (attempt === 'more' && this.#text.length - this.#at <= MAX_RECORD) break;
      const record = (typeof attempt === 'object' && this.#take(attempt)) || this.#takeBroken();
      if (record.broken || record.cells.some((cell) => cell !== '')) records.push(record);
    }
    return records;
  }

  #take({ end, cells }: { end: number; cells: string[] }): CsvRecord | null {
    const lineEnds = countLineEnds(this.#text, this.#at, end);
    this.#width ??= cells.length;
    if (lineEnds > 1 && cells.length !== this.#width) return null;
    const record = { line: this.#line, cells };
    this.#line += lineEnds;
    this.#at = end;
    return record;
  }

  #takeBroken(): CsvRecord {
    const lineEnd = /[\r\n]/g;
    lineEnd.lastIndex = this.#at;
    const found = lineEnd.exec(this.#text)?.index ?? this.#text.length;
    const end = Math.min(found, this.#at + MAX_RECORD);
    const broken = found > end ? 'length' : 'quote';
    const record: CsvRecord = { line: this.#line, cells: [this.#text.slice(this.#at, end)], broken };
    this.#at = end;
    this.#skipping = true;
    return record;
  }

  /** @returns whether the end of the line has been found */
  #skipLine(): boolean {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const next = this.#afterLineEnd(this.#at);
      if (next === 'more') return false;
      if (next === null) continue;
      this.#at = next;
      this.#line += 1;
      this.#skipping = false;
      return true;
    }
    return false;
  }

  /** Where the line after this place begins; null: no line ends here. */
  #afterLineEnd(at: number): number | null | 'more' {
    const code = this.#text.charCodeAt(at);
    if (code === LF) return at + 1;
    if (code !== CR) return null;
    if (at + 1 === this.#text.length && !this.#isLast) return 'more';
    return this.#text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
  }

  #attempt(): Attempt {
    const cells: string[] = [];
    for (let at = this.#at; ; at += 1) {
      const start = this.#skipBlanks(at);
      const cell = this.#text.charCodeAt(start) === QUOTE ? this.#quoted(start) : this.#plain(at);
      if (typeof cell === 'string') return cell;
      cells.push(cell.value);
      at = cell.end;
      if (at === this.#text.length) return this.#isLast ? { end: at, cells } : 'more';
      if (this.#text.charCodeAt(at) === this.#delimiter) continue;
      const next = this.#afterLineEnd(at);
      if (next === 'more') return next;
      return next === null ? 'broken' : { end: next, cells };
    }
  }

  #plain(from: number): { value: string; end: number } {
    let end = from;
    for (; end < this.#text.length; end += 1) {
      const code = this.#text.charCodeAt(end);
      if (code === this.#delimiter || code === LF || code === CR) break;
    }
    return { value: this.#text.slice(from, end).trim(), end };
  }

  #quoted(from: number): { value: string; end: number } | 'more' | 'broken' {
    for (let at = from + 1; ; at += 2) {
      at = this.#text.indexOf('"', at);
      if (at === -1) return this.#isLast ? 'broken' : 'more';
      if (this.#text.charCodeAt(at + 1) === QUOTE) continue;
      if (at + 1 === this.#text.length && !this.#isLast) return 'more';
      return { value: this.#text.slice(from + 1, at).replaceAll('""', '"'), end: this.#skipBlanks(at + 1) };
    }
  }

  #skipBlanks(from: number): number {
    let at = from;
    for (let code = this.#text.charCodeAt(at); code === 0x20 || (code === 0x09 && code !== this.#delimiter); ) {
      at += 1;
      code = this.#text.charCodeAt(at);
    }
    return at;
  }
}

/** `\r\n` is one. */
function countLineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) count += 1;
  }
  return count;
}
