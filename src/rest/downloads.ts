import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { DELIMITERS } from '../bulk/decode-text.js';
import type { Table } from '../client/export-clients.js';
import { AppError } from '../errors.js';
import { cancellable } from '../live/cancellable.js';
import { csvLine } from '../platform/csv.js';

/** Tables that are sent at the same time, by one process: each holds a connection, and files that arrive need some, too. */
const MOST = 5;
/** Of these, to one who asks. */
const MOST_OF_ONE = 2;
/** A reader who takes nothing for so long is cut off, ms: the snapshot he holds keeps old rows from being swept away. */
const READ_WITHIN = 60_000;
/** When one who was refused may ask again, s. */
const AGAIN = '30';
/** Handed on at once, bytes: rows are read by the hundred, megabytes some of them, and one who takes his time reads all the same. */
const PIECE = 16_384;

/** How a table is written. */
export interface CsvStyle {
  delimiter?: keyof typeof DELIMITERS | undefined;
  bom?: boolean | undefined;
}

/** Tables that people download, as CSV. */
export class Downloads {
  readonly #readers = new Map<string, number>();

  constructor(private readonly readWithinMs = READ_WITHIN) {}

  /**
   * Sends a table while it is read, at the pace of whoever takes it. One that goes away, or takes nothing for a minute, ends
   * the query.
   *
   * @throws AppError RATE_LIMITED when this one has two already, UNAVAILABLE when there are five
   */
  send(
    reply: FastifyReply,
    { id }: { readonly id: string },
    name: string,
    { delimiter = 'comma', bom = false }: CsvStyle,
    open: (signal: AbortSignal) => Promise<Table>,
  ): FastifyReply {
    const leave = this.#enter(reply, id);
    const parting = DELIMITERS[delimiter];
    async function* lines(signal: AbortSignal): AsyncGenerator<string | Buffer, void, void> {
      const { header, rows } = await open(signal);
      yield `${bom ? '\uFEFF' : ''}${csvLine(header, parting)}`;
      for await (const some of rows) {
        const bytes = Buffer.from(some.map((row) => csvLine(row, parting)).join(''));
        for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
      }
    }
    const cutOff = () => stream.destroy(new Error('nobody reads'));
    const stream = Readable.from(
      cancellable((signal) => timed(lines(signal), this.readWithinMs, cutOff)),
      {
        objectMode: false,
      },
    );
    stream.once('close', leave);
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}.csv"`)
      .send(stream);
  }

  #enter(reply: FastifyReply, id: string): () => void {
    const own = this.#readers.get(id) ?? 0;
    const all = [...this.#readers.values()].reduce((sum, each) => sum + each, 0);
    if (own >= MOST_OF_ONE || all >= MOST) reply.header('retry-after', AGAIN);
    if (own >= MOST_OF_ONE) {
      throw new AppError('RATE_LIMITED', `You are downloading ${MOST_OF_ONE} files just now: wait for one to end.`);
    }
    if (all >= MOST) {
      throw new AppError('UNAVAILABLE', `${MOST} files are being downloaded just now: try again in a minute.`);
    }
    this.#readers.set(id, own + 1);
    return () => {
      const left = (this.#readers.get(id) ?? 1) - 1;
      if (left === 0) this.#readers.delete(id);
      else this.#readers.set(id, left);
    };
  }
}

/** Hands on what it is given; whoever does not take it in time is told of. */
async function* timed<T>(source: AsyncIterable<T>, ms: number, late: () => void): AsyncGenerator<T, void, void> {
  for await (const each of source) {
    const timer = setTimeout(late, ms);
    try {
      yield each;
    } finally {
      clearTimeout(timer);
    }
  }
}
