import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError } from '../errors.js';
import { type LedgerLine, parseLedgerLine } from '../simulator/ledger-entry.js';
import { Column } from './column.js';
import type { Stretch } from './history.js';
import { IdIndex } from './id-index.js';
import { JsonCursor } from './json-cursor.js';
import { scanLedgerLine } from './scan-ledger-line.js';

/** What is known of a request, in bits. */
export const ACCEPTED = 1;
/**
 * A clear no: the answer came to its end and says by protocol that the message was not taken. A 502 or 504 is a proxy's
 * word, and a 200 without a number for a code says nothing.
 */
export const CLEAR_NO = 2;

/** The file is read in pieces of this size, bytes. */
const PIECE = 1 << 20;

/**
 * The gateway's ledger in memory, in columns: some 100 bytes a request. A request is known by its number in order of
 * the file, an id by its number in order of appearance.
 */
export class Ledger {
  /** Ids that were requested; 0 stands for an address without one. */
  readonly ids = new IdIndex();
  /** By request: the number of its id, its number in the ledger, its arrival in ms since the epoch, and bits. */
  readonly of = new Column();
  readonly seq = new Column();
  readonly arrival = new Column();
  readonly bits = new Column();

  /** When the simulator stood still, in the order of the file: what was sent evenly meanwhile came in a bunch. */
  readonly heldUp: Stretch[] = [];

  readonly #file: string;
  /** By id: what its first readable request carried. */
  readonly #phones: (number | null)[] = [];
  readonly #payloads: (string | null)[] = [];
  /** Ids whose requests carried different ones. */
  readonly #severalPhones = new Set<number>();
  readonly #severalPayloads = new Set<number>();
  /** Requests without a whole answer yet, by their number in the ledger. */
  readonly #unfinished = new Map<number, number>();
  /** Bytes of the file that were read, whole lines. */
  #read = 0;
  #lines = 0;

  /** @throws AppError NOT_FOUND when there is none */
  constructor(file: string) {
    if (!statSync(file, { throwIfNoEntry: false }))
      throw new AppError(
        'NOT_FOUND',
        `There is no ledger at ${file}: only the simulator writes one. With a gateway of your own leave out --ledger.`,
      );
    this.#file = file;
  }

  /** How long the file is by now. */
  get bytes(): number {
    return statSync(this.#file).size;
  }

  /** How many requests were read so far. */
  get size(): number {
    return this.of.length;
  }

  /** @returns whether every request of an id that said a phone said this one */
  isAlwaysTo(index: number, phone: number): boolean {
    const known = this.#phones[index] ?? phone;
    return known === phone && !this.#severalPhones.has(index);
  }

  hasSeveralPayloads(index: number): boolean {
    return this.#severalPayloads.has(index);
  }

  /**
   * Reads what was added since the last time, but for a last line without its line break: that one is still being
   * written, or torn.
   *
   * @param until how many bytes of the file are wanted, if not all
   * @throws AppError BAD_USER_INPUT naming the line when the file is no ledger
   */
  async read(until = Number.POSITIVE_INFINITY): Promise<void> {
    const file = await open(this.#file);
    try {
      let buffer = Buffer.allocUnsafe(PIECE);
      while (this.#read < until) {
        const wanted = Math.min(buffer.length, until - this.#read);
        const { bytesRead } = await file.read(buffer, 0, wanted, this.#read);
        const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
        if (end > 0) this.#take(buffer.subarray(0, end));
        // What follows the last line break is read again, if there is more of it; a line may be longer than the buffer.
        else if (bytesRead === buffer.length) buffer = Buffer.allocUnsafe(2 * buffer.length);
        else return;
      }
    } finally {
      await file.close();
    }
  }

  #take(lines: Buffer): void {
    const cursor = new JsonCursor(lines);
    try {
      while (cursor.position < lines.length) {
        this.#lines += 1;
        const begin = cursor.position;
        this.#add(scanLedgerLine(cursor) ?? parseLineAt(begin, lines, cursor));
      }
    } catch (error) {
      throw new AppError('BAD_USER_INPUT', `line ${this.#lines}: ${error instanceof Error ? error.message : error}`);
    }
    this.#read += lines.length;
  }

  /** Lines of one request are laid over each other: what a later one says of the answer holds. */
  #add(line: LedgerLine): void {
    let request = this.#unfinished.size > 0 ? this.#unfinished.get(line.seq) : undefined;
    if (request === undefined) {
      if (line.at === undefined) throw new Error('an answer to a request that the ledger does not have');
      request = this.of.push(this.#idOf(line));
      this.seq.push(line.seq);
      this.arrival.push(line.at);
      if (line.heldSince !== undefined) this.heldUp.push({ since: line.heldSince, until: line.at });
      this.bits.push(0);
    }
    this.bits.set(request, (line.accepted ? ACCEPTED : 0) | (isClearNo(line) ? CLEAR_NO : 0));
    if (!line.complete) this.#unfinished.set(line.seq, request);
    else if (this.#unfinished.size > 0) this.#unfinished.delete(line.seq);
  }

  #idOf({ id, phone = null, hash = null }: LedgerLine): number {
    const index = this.ids.add(id ?? 0);
    if (index === this.#phones.length) {
      this.#phones.push(phone);
      this.#payloads.push(hash);
      return index;
    }
    const known = { phone: this.#phones[index] ?? null, hash: this.#payloads[index] ?? null };
    if (phone !== null && known.phone !== null && phone !== known.phone) this.#severalPhones.add(index);
    if (hash !== null && known.hash !== null && hash !== known.hash) this.#severalPayloads.add(index);
    this.#phones[index] = known.phone ?? phone;
    this.#payloads[index] = known.hash ?? hash;
    return index;
  }
}

function isClearNo({ complete, accepted, status, code }: LedgerLine): boolean {
  if (!complete || accepted || typeof status !== 'number' || status === 502 || status === 504) return false;
  return typeof code === 'number' || status < 200 || status > 299;
}

/** Reads a line that looks as no simulator writes it, and leaves the cursor behind it. */
function parseLineAt(begin: number, lines: Buffer, cursor: JsonCursor): LedgerLine {
  const end = lines.indexOf('\n', begin);
  cursor.position = end + 1;
  return parseLine(lines.toString('latin1', begin, end));
}

/** The full check of a line takes several times as long as reading it: only what does not look right is given to it. */
function parseLine(text: string): LedgerLine {
  let line: LedgerLine;
  try {
    line = JSON.parse(text);
  } catch {
    return parseLedgerLine(text);
  }
  const { seq, id = null, phone = null, hash = null, at, status = null, code = null, accepted, complete } = line;
  const { heldSince } = line;
  const right =
    seq > 0 &&
    Number.isSafeInteger(seq) &&
    (id === null || (id > 0 && Number.isSafeInteger(id))) &&
    (phone === null || Number.isSafeInteger(phone)) &&
    (hash === null || typeof hash === 'string') &&
    (at === undefined || typeof at === 'number') &&
    (heldSince === undefined || typeof heldSince === 'number') &&
    (status === null || Number.isSafeInteger(status)) &&
    (code === null || typeof code === 'number') &&
    (accepted === undefined || typeof accepted === 'boolean') &&
    (complete === undefined || typeof complete === 'boolean');
  return right ? line : parseLedgerLine(text);
}
