import type pg from 'pg';
import type { Channel } from '../channel/channel.js';
import type { Logger } from '../platform/log.js';
import { BatchSize } from './batch-size.js';
import { Circuit } from './circuit.js';
import type { CircuitRows } from './circuit-rows.js';
import type { DatabaseClock } from './database-clock.js';
import { drawPermits, type PaceScope } from './draw-permits.js';
import { Pace } from './pace.js';
import { SendQueue } from './send-queue.js';
import type { ChannelMetrics, SendingMetrics } from './sending-metrics.js';

/**
 * Limits of mailings that are kept at the most: several times as many as lanes can be at work. One that ended elsewhere is never
 * forgotten otherwise.
 */
const MAX_PACES = 1_000;

/** What an outlet shares with the others of its process. */
export interface OutletOptions {
  channel: Channel;
  /** Messages a second of the channel at the most, as it holds now, whatever the rows say; null: none. */
  ceiling: () => number | null;
  pool: pg.Pool;
  clock: DatabaseClock;
  circuitRows: CircuitRows;
  metrics: SendingMetrics;
  log: Logger;
}

/** A channel, and how it stands with it in this process: its queue, its limit, its circuit. */
export class Outlet {
  readonly channel: Channel;
  readonly queue: SendQueue;
  readonly size: BatchSize;
  readonly circuit: Circuit;
  readonly metrics: ChannelMetrics;
  /** The channel's limit. */
  readonly pace: Pace;
  /** Lanes at work on it without a limit: those that share what may be in hand. */
  lanes = 0;
  /** The limits of the mailings that are sent here, by their ids, the one that was learnt last at the end. */
  readonly #paces = new Map<string, Pace>();

  constructor(private readonly options: OutletOptions) {
    const { channel, ceiling } = options;
    this.channel = channel;
    this.pace = this.#makePace({
      kind: 'channel',
      name: channel.name,
      get ceiling() {
        return ceiling();
      },
    });
    this.queue = new SendQueue(channel.concurrency, this.pace);
    this.size = new BatchSize(channel.concurrency);
    this.circuit = this.#makeCircuit();
    this.metrics = options.metrics.watch(this);
  }

  /**
   * Takes over the limits as the rows say them.
   *
   * @returns the mailing's
   */
  learn(mailingId: string, mailingLimit: number | null, channelLimit: number | null): Pace {
    const pace = this.#paces.get(mailingId) ?? this.#makePace({ kind: 'mailing', id: mailingId });
    this.#paces.delete(mailingId);
    this.#paces.set(mailingId, pace);
    if (this.#paces.size > MAX_PACES) this.forget(this.#paces.keys().next().value!);
    pace.learn(mailingLimit);
    const least = Math.min(channelLimit ?? Infinity, this.options.ceiling() ?? Infinity);
    this.pace.learn(least === Infinity ? null : least);
    return pace;
  }

  /** The mailing has nothing to send for now: permits it has left are worth nothing. */
  forget(mailingId: string): void {
    this.#paces.delete(mailingId);
  }

  #makePace(scope: PaceScope): Pace {
    const { pool, clock, channel } = this.options;
    return new Pace({
      draw: (options) => drawPermits(pool, scope, options),
      clock,
      timeoutMs: channel.timeoutMs,
      ...(scope.kind === 'mailing' && { beneath: this.pace }),
      onChange: () => this.queue.pump(),
    });
  }

  #makeCircuit(): Circuit {
    const { circuitRows, log } = this.options;
    const { name: channel } = this.channel;
    let isOpen = false;
    return new Circuit({
      opened: (reason, probeInMs) => {
        // Each probe that fails opens it again.
        if (!isOpen) this.metrics.circuitOpened();
        isOpen = true;
        this.queue.clear();
        circuitRows.open(channel, reason, probeInMs);
        log.warn({ channel, reason, probe_in_ms: Math.round(probeInMs) }, 'the circuit of the channel is open');
      },
      probing: () => circuitRows.open(channel, null, 0),
      closed: () => {
        isOpen = false;
        this.queue.ease();
        this.size.ease();
        circuitRows.close(channel);
        log.info({ channel }, 'the circuit of the channel is closed again');
      },
    });
  }
}
