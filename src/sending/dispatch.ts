import type pg from 'pg';
import type { Channel } from '../channel/channel.js';
import type { ChangeBell } from '../live/change-bell.js';
import type { TemplateCache } from '../mailing/template.js';
import { type Claim, claimMessages, nextDueAt, SENDING_ALLOWED } from '../message/claim-messages.js';
import { claimTestSends, endTestSends, nextTestSendAt } from '../message/claim-test-sends.js';
import type { Message } from '../message/message.js';
import type { Logger, LogLines } from '../platform/log.js';
import { NO_TRACING, type Tracing } from '../platform/tracing.js';
import type { When } from '../scheduler/scheduler.js';
import { BatchTrace } from './batch-trace.js';
import { CircuitRows } from './circuit-rows.js';
import { DatabaseClock } from './database-clock.js';
import { MessageLog } from './message-log.js';
import { Outlet } from './outlet.js';
import type { Pace } from './pace.js';
import { recordBatch } from './record-batch.js';
import { askReplan } from './replan.js';
import { sendBatch } from './send-batch.js';
import type { SendingMetrics } from './sending-metrics.js';

/** Time to record a batch after its last attempt has ended, ms: what a lease has on top of the time-out. */
const RECORD_GRACE_MS = 5_000;

/** A lane works for about so long before it lets other jobs of its worker have a turn, ms. */
const TURN_MS = 1_000;

/** Lanes of one mailing in one process: while one waits for the database, the other keeps the gateway busy. */
const LANES_HERE = 2;

/**
 * A lane that finds no room here comes again after so long, ms, for each few mailings under way: perhaps to a process that has some.
 * Each time costs a few statements, and there are up to six such lanes of every mailing.
 */
const NO_ROOM_MS = 1_000;
const FEW_MAILINGS = 4;

/** Everything a lane works with. */
export interface DispatcherOptions {
  pool: pg.Pool;
  channels: Record<string, Channel>;
  /** By the channel's name: messages a second at the most, over all workers, whatever the rows say (GATEWAY_RATE_LIMIT). */
  ceilings?: Readonly<Record<string, number | null>>;
  templates: TemplateCache;
  bell: ChangeBell;
  metrics: SendingMetrics;
  /** Left out: nothing is traced. */
  tracing?: Tracing;
  log: Logger;
  /** Where lines about single messages go; left out: nowhere. */
  lines?: LogLines;
}

/** Takes no lines. */
const NO_LINES: LogLines = { takesDebug: false, debug: () => {}, hide: (text) => text };

interface LaneMailing {
  id: string;
  text: string;
  channel: string;
  /** Messages a second; null: no limit. */
  rateLimit: number | null;
  channelLimit: number | null;
  kind: Message['kind'];
  /** By which its trace goes on; null: it has none. */
  traceparent: string | null;
}

/** Where a lane finds its messages: a running mailing's, or the test sends of one that was not deleted. */
const SOURCES = {
  CAMPAIGN: { where: `status = 'RUNNING'`, claim: claimMessages, nextDueAt },
  TEST: { where: 'deleted_at is null', claim: claimTestSends, nextDueAt: nextTestSendAt },
};

/** What a lane is at work on. */
interface Lane {
  mailing: LaneMailing;
  outlet: Outlet;
  pace: Pace;
  /** When its turn is over, on the clock of `performance.now()`. */
  until: number;
  signal: AbortSignal;
}

/** Claims, sends and records batches of running mailings: the way of a message from its row to the gateway and back. */
export class Dispatcher {
  readonly #lanes = new Map<string, number>();
  /** By the channel's name. */
  readonly #outlets: ReadonlyMap<string, Outlet>;
  /** Mailings whose channel this process lacks, and that it has said so of. */
  readonly #unserved = new Set<string>();

  readonly #circuitRows: CircuitRows;
  readonly #messageLog: MessageLog;
  /** Batches that their lane did not wait for. */
  readonly #going = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor(private readonly options: DispatcherOptions) {
    const { pool, metrics, log, lines = NO_LINES } = options;
    this.#messageLog = new MessageLog({ log, lines });
    const clock = new DatabaseClock();
    this.#circuitRows = new CircuitRows(pool, log);
    const outlets = Object.values(options.channels).map((channel): [string, Outlet] => {
      const ceiling = () => options.ceilings?.[channel.name] ?? null;
      return [
        channel.name,
        new Outlet({ channel, ceiling, pool, clock, circuitRows: this.#circuitRows, metrics, log }),
      ];
    });
    this.#outlets = new Map(outlets);
  }

  /** Call when no lane runs any more: hands back what waits, and ends when everything in hand is recorded. */
  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#going);
    this.#messageLog.close();
    await this.#circuitRows.end();
  }

  /**
   * Works on a mailing for about a second, or until nothing of it is due.
   *
   * @param signal aborted when the process stops: nothing more is claimed, what waits is handed back
   * @returns when to look again, also where there was no room; undefined: when somebody rings
   */
  async runLane(mailingId: string, signal: AbortSignal): Promise<When | undefined> {
    const running = this.#lanes.get(mailingId) ?? 0;
    if (running >= LANES_HERE) return { inMs: NO_ROOM_MS * Math.max(1, this.#lanes.size / FEW_MAILINGS) };
    this.#lanes.set(mailingId, running + 1);
    try {
      return await this.#work(mailingId, 'CAMPAIGN', signal);
    } finally {
      const left = (this.#lanes.get(mailingId) ?? 1) - 1;
      if (left > 0) this.#lanes.set(mailingId, left);
      else this.#lanes.delete(mailingId);
    }
  }

  /** The same for a mailing's test sends: only what holds for the channel as a whole holds for them. */
  async runTests(mailingId: string, signal: AbortSignal): Promise<When | undefined> {
    await endTestSends(this.options.pool, mailingId);
    return await this.#work(mailingId, 'TEST', signal);
  }

  async #work(mailingId: string, kind: Message['kind'], signal: AbortSignal): Promise<When | undefined> {
    const { pool } = this.options;
    const { rows } = await pool.query<LaneMailing>(
      `select id, text, channel, traceparent, $2 as kind, case $2 when 'CAMPAIGN' then rate_limit end as "rateLimit",
         (select l.rate_limit from channel_limit l where l.channel = g.channel order by l.id desc limit 1) as "channelLimit"
       from mailing g where id = $1 and ${SOURCES[kind].where} and ${SENDING_ALLOWED}`,
      [mailingId, kind],
    );
    const mailing = rows[0];
    if (!mailing) return undefined;
    const outlet = this.#outlets.get(mailing.channel);
    if (!outlet) return this.#leaveToOthers(mailing);
    const pace = outlet.learn(paceKey(mailing), mailing.rateLimit, mailing.channelLimit);
    // Under a limit a lane does not wait for its batches to end, so that one is enough.
    const limited = isLimited(outlet, pace);
    if (limited && kind === 'CAMPAIGN' && (this.#lanes.get(mailingId) ?? 0) > 1) return undefined;
    // One that takes what permits allow takes nothing from the share of the others.
    const sharing = limited ? 0 : 1;
    outlet.lanes += sharing;
    try {
      return await this.#takeTurn({ mailing, outlet, pace, until: performance.now() + TURN_MS, signal });
    } finally {
      outlet.lanes -= sharing;
    }
  }

  async #takeTurn(lane: Lane): Promise<When | undefined> {
    const { mailing, outlet, until, signal } = lane;
    do {
      if (signal.aborted) return { inMs: 0 };
      const rest = outlet.circuit.waitMs();
      if (rest > 0) return { inMs: rest };
      const claimed = await (outlet.circuit.isClosed ? this.#claimAndSend(lane) : this.#probe(lane));
      if (claimed === 0) {
        outlet.forget(paceKey(mailing));
        return (await SOURCES[mailing.kind].nextDueAt(this.options.pool, mailing.id)) ?? undefined;
      }
    } while (performance.now() < until);
    return { inMs: 0 };
  }

  /** A channel that is set up elsewhere is served elsewhere; one that is set up nowhere is worth a word, once. */
  #leaveToOthers({ id, channel }: LaneMailing): undefined {
    if (this.#unserved.has(id)) return;
    this.#unserved.add(id);
    this.options.log.warn({ mailing_id: id, channel }, 'this worker is not set up for the channel of the mailing');
  }

  /** @returns how many messages it had in hand; undefined: there was no permit for any, or it is another's turn */
  async #claimAndSend(lane: Lane, isProbe = false): Promise<number | undefined> {
    const { mailing, outlet, pace } = lane;
    const { queue, size, metrics } = outlet;
    const { timeoutMs } = outlet.channel;
    const leaseMs = timeoutMs + RECORD_GRACE_MS;
    const limited = isLimited(outlet, pace);
    const fits = limited ? size.underLimit : size.share(outlet.lanes);
    const want = isProbe ? 1 : fits;
    const limit = limited ? await this.#admit(lane, want) : want;
    if (limit === 0) return undefined;
    // Where permits say how many are in hand, the lane need not wait until they have been sent.
    const detached = limited && !isProbe;
    let claim: Claim;
    let ending: Promise<void>;
    try {
      claim = await SOURCES[mailing.kind].claim(this.options.pool, mailing.id, { limit, timeoutMs, leaseMs });
      metrics.claimed(claim.messages.length, performance.now() - claim.claimedAt);
      if (claim.messages.length === 0) return 0;
      if (claim.limits) outlet.learn(paceKey(mailing), claim.limits.mailing, claim.limits.channel);
      ending = this.#finish(detached ? { ...lane, signal: this.#ending.signal } : lane, claim, isProbe);
    } finally {
      // After the queue has counted them, so that their permits are promised to nobody else in between.
      if (limited) queue.fulfil(pace, limit);
    }
    if (detached) this.#keep(ending);
    else await ending;
    const claimed = claim.messages.length;
    if (claimed < limit || claim.messages.some(({ verdict }) => verdict !== 'late')) return claimed;
    await askReplan(this.options.pool, mailing.id);
    return 0;
  }

  /** Waits for permits. @returns for how many messages; 0: for none */
  async #admit({ outlet, pace, until, signal }: Lane, want: number): Promise<number> {
    const began = performance.now();
    const limit = await outlet.queue.admit(pace, want, until, signal);
    outlet.metrics.waited(performance.now() - began);
    return limit;
  }

  /** One message, to find out whether the channel can be used again. */
  async #probe(lane: Lane): Promise<number | undefined> {
    const { circuit } = lane.outlet;
    circuit.beginProbe();
    try {
      return await this.#claimAndSend(lane, true);
    } finally {
      circuit.endProbe();
    }
  }

  #keep(going: Promise<void>): void {
    this.#going.add(going);
    void going.finally(() => this.#going.delete(going));
  }

  async #finish(lane: Lane, claim: Claim, isProbe: boolean): Promise<void> {
    const { size, lanes } = lane.outlet;
    const limited = isLimited(lane.outlet, lane.pace);
    const trace = BatchTrace.begin(this.options.tracing ?? NO_TRACING, lane.mailing, claim);
    const records = await sendBatch({
      ...lane,
      trace,
      claim,
      isProbe,
      templates: this.options.templates,
      log: this.options.log,
      messageLog: this.#messageLog,
    });
    lane.outlet.metrics.tried(records);
    if (limited) size.tookUnderLimit();
    else size.took(claim.messages.length, lanes, performance.now() - claim.claimedAt);
    const recording = trace?.recording(records);
    await recordBatch(this.options, lane.mailing, records, lane.outlet.channel.timeoutMs);
    recording?.end();
    trace?.end();
  }
}

/** Test sends know only the channel's limit. */
function paceKey({ id, kind }: LaneMailing): string {
  return kind === 'TEST' ? 'tests' : id;
}

function isLimited({ pace }: Outlet, mailingPace: Pace): boolean {
  return pace.limit !== null || mailingPace.limit !== null;
}
