import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from '../platform/log.js';
import { OPEN_CIRCUIT } from './outages.js';

/**
 * The open circuits of this process as rows of `channel_circuit`, so that everybody can see why a channel sends nothing.
 * Nothing waits for them and nothing depends on them: a row that can't be written is written at the next probe.
 */
export class CircuitRows {
  /** Made up: processes on several machines have the same numbers. */
  readonly #worker = randomBytes(6).toString('hex');
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pool: pg.Pool,
    private readonly log: Logger,
  ) {}

  /** @param reason null: as before */
  open(channel: string, reason: string | null, probeInMs: number): void {
    this.#write(OPEN_CIRCUIT, [channel, this.#worker, probeInMs, reason]);
  }

  close(channel: string): void {
    this.#write('delete from channel_circuit where channel = $1 and worker = $2', [channel, this.#worker]);
  }

  /** Takes all of them away, when the process ends. */
  async end(): Promise<void> {
    this.#write('delete from channel_circuit where worker = $1', [this.#worker]);
    await this.#last;
  }

  #write(text: string, values: unknown[]): void {
    this.#last = this.#last
      .then(() => this.pool.query(text, values))
      .catch((error) => this.log.debug({ err: error }, 'the state of a circuit was not written'));
  }
}
