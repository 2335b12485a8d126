import { closeSync, createReadStream, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseLedgerLine } from './ledger-entry.js';

/** Counts over all that is in the ledger. */
export interface Totals {
  /** Requests that arrived. */
  requests: number;
  /** Different message ids among them. */
  ids: number;
  /** Message ids that were accepted. */
  accepted: number;
  /** Requests for an id that had been accepted before, and were answered. */
  repeats: number;
  /** Requests by what they got: an HTTP status, or `none`. A request that waits for its answer is in neither. */
  answers: Record<string, number>;
  /** Size of the file, bytes: where a reader goes on from. */
  bytes: number;
}

/**
 * The ledger's file, and what must be known of its contents.
 *
 * Lines are written by write(2) at the end of the event-loop turn in which they were noted, and only then is an answer
 * given: a SIGKILL of this process loses no answer that anybody got. A crash of the machine may, since nothing is synced.
 */
export class Ledger {
  readonly #fd: number;
  #closed = false;
  #bytes = 0;
  #seq = 0;
  #lines = '';
  #after: (() => void)[] = [];
  /** By id: the number of its requests, doubled, plus one when it was accepted. One map of small integers is cheap. */
  readonly #known = new Map<number, number>();
  readonly #totals = { requests: 0, accepted: 0, repeats: 0 };
  readonly #answers: Record<string, number> = {};

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens a file, made when missing, and reads back what is in it; a last line torn by a crash is cut off. */
  static async open(file: string): Promise<Ledger> {
    mkdirSync(dirname(file), { recursive: true });
    const fd = openSync(file, 'a+', 0o600);
    const ledger = new Ledger(fd);
    try {
      await ledger.#readBack(file);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    ftruncateSync(fd, ledger.#bytes);
    return ledger;
  }

  /** Notes that a request arrived. @returns how many there were of its id, with this one */
  arrived(id: number | null): number {
    this.#totals.requests += 1;
    if (id === null) return 1;
    const known = (this.#known.get(id) ?? 0) + 2;
    this.#known.set(id, known);
    return known >> 1;
  }

  /** @returns a number for a request */
  nextSeq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  accepted(id: number): boolean {
    return ((this.#known.get(id) ?? 0) & 1) === 1;
  }

  /** Notes that the gateway took the message. @returns whether it had it before */
  accept(id: number): boolean {
    const known = this.#known.get(id) ?? 0;
    if ((known & 1) === 1) {
      this.#totals.repeats += 1;
      return true;
    }
    this.#known.set(id, known | 1);
    this.#totals.accepted += 1;
    return false;
  }

  countAnswer(status: number | null): void {
    const key = status === null ? 'none' : String(status);
    this.#answers[key] = (this.#answers[key] ?? 0) + 1;
  }

  /**
   * Adds a line at the end of this turn.
   * @param line ASCII, without its line break; dropped when the ledger is closed, and `then` with it
   * @param then called once the line is in the file
   */
  write(line: string, then: () => void): void {
    if (this.#closed) return;
    if (this.#after.length === 0) setImmediate(() => this.flush());
    this.#lines += `${line}\n`;
    this.#after.push(then);
  }

  /** Writes what waits, and calls those who wait for it. */
  flush(): void {
    const after = this.#after;
    if (after.length === 0) return;
    const text = Buffer.from(this.#lines, 'latin1');
    this.#lines = '';
    this.#after = [];
    for (let written = 0; written < text.length; ) written += writeSync(this.#fd, text, written);
    this.#bytes += text.length;
    for (const then of after) then();
  }

  totals(): Totals {
    return { ...this.#totals, ids: this.#known.size, answers: { ...this.#answers }, bytes: this.#bytes };
  }

  close(): void {
    this.flush();
    this.#closed = true;
    closeSync(this.#fd);
  }

  async #readBack(file: string): Promise<void> {
    const waiting = new Map<number, number | null>();
    const dripping = new Set<number>();
    for await (const text of completeLines(file)) {
      this.#bytes += Buffer.byteLength(text) + 1;
      const { seq, id, accepted, status, complete } = parseLedgerLine(text);
      this.#seq = Math.max(this.#seq, seq);
      if (id !== undefined) {
        this.arrived(id);
        waiting.set(seq, id);
      }
      if (accepted === undefined) continue;
      const of = waiting.get(seq) ?? null;
      const again = dripping.delete(seq);
      if (accepted && of !== null && !again) this.accept(of);
      if (!again) this.countAnswer(status ?? null);
      if (complete === true) waiting.delete(seq);
      else dripping.add(seq);
    }
  }
}

/** The lines of a file that have their line break. */
async function* completeLines(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
