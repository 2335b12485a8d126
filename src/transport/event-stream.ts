import { Readable } from 'node:stream';
import type { ExecutionResult, FormattedExecutionResult } from 'graphql';

/** Proxies cut what is silent for a minute, some for half of one; ms. */
const BEAT_EVERY = 12_000;
/** How long somebody who is sent away may take to read why, ms. */
const LAST_WORDS = 1_000;
/** A comment, by the standard: readers pass over it. */
const BEAT = ':\n\n';

/** What is read of a result; what was thrown stands among its errors. */
type Shown = Pick<ExecutionResult, 'data'> & { errors?: readonly unknown[] };

/** What an event stream is made of. */
export interface EventStreamParts {
  /** Begins the operation, once somebody reads. */
  begin: () => Promise<AsyncIterator<ExecutionResult>>;
  /** A result as it may be shown. */
  show: (result: Shown) => FormattedExecutionResult;
  /** ms between signs of life; 12 s when left out. */
  beatEveryMs?: number;
}

/**
 * The results of one operation as server-sent events (HTML standard §9.2), by the distinct connections mode of the protocol of
 * graphql-sse. A result is asked for once the one before it was taken, so one who does not read costs one event and no
 * more, and whoever takes nothing for two beats is cut off. The server of graphql-sse would keep all that was not read.
 */
export class EventStream extends Readable {
  readonly #parts: EventStreamParts;
  readonly #beating: NodeJS.Timeout;
  #results: Promise<AsyncIterator<ExecutionResult>> | undefined;
  #isAsking = false;
  #isOver = false;
  /** Beats in a row before which nothing was taken. */
  #missed = 0;

  constructor(parts: EventStreamParts) {
    super({ highWaterMark: 0 });
    this.#parts = parts;
    this.#beating = setInterval(() => this.#beat(), parts.beatEveryMs ?? BEAT_EVERY);
    // Some browsers call it open only once something has come.
    this.push(BEAT);
  }

  /** Says why, and ends. */
  dismiss(error: Error): void {
    this.#finish({ errors: [error] });
    setTimeout(() => this.destroy(), LAST_WORDS).unref();
  }

  override _read(): void {
    this.#missed = 0;
    if (!this.#isAsking && !this.#isOver) void this.#next();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#isOver = true;
    clearInterval(this.#beating);
    // One that can't be ended, or was never begun, was told of where it was read.
    this.#results?.then((results) => results.return?.()).catch(() => {});
    done(error);
  }

  async #next(): Promise<void> {
    this.#isAsking = true;
    try {
      this.#results ??= this.#parts.begin();
      const result = await (await this.#results).next();
      this.#isAsking = false;
      if (result.done) this.#finish();
      else if (!this.#isOver) this.push(this.#event(result.value));
    } catch (error) {
      this.#finish({ errors: [error] });
    }
  }

  #finish(last?: Shown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.push(`${last ? this.#event(last) : ''}event: complete\ndata: \n\n`);
    this.push(null);
  }

  #event(result: Shown): string {
    return `event: next\ndata: ${JSON.stringify(this.#parts.show(result))}\n\n`;
  }

  #beat(): void {
    if (this.readableFlowing) {
      if (!this.#isOver) this.push(BEAT);
    } else {
      this.#missed += 1;
      if (this.#missed === 2) this.destroy();
    }
  }
}
