import type pg from 'pg';
import type { Channel, Delivery, Outcome } from '../channel/channel.js';
import { AppError } from '../errors.js';
import type { ChangeBell } from '../live/change-bell.js';
import type { TemplateCache } from '../mailing/template.js';
import {
  type Claim,
  type ClaimedMessage,
  claimMessages,
  nextDueAt,
  SENDING_ALLOWED,
} from '../message/claim-messages.js';
import { claimTestSends, endTestSends, nextTestSendAt } from '../message/claim-test-sends.js';
import type { Message } from '../message/message.js';
import { type OutcomeRecord, recordOutcomes } from '../message/record-outcomes.js';
import type { Logger } from '../platform/log.js';
import type { When } from '../scheduler/scheduler.js';
import { BatchSize } from './batch-size.js';
import { askReplan } from './replan.js';
import { recordOf, unsendable, untried } from './retry-policy.js';
import { SendQueue } from './send-queue.js';

/** Time to record a batch after its last attempt has ended, ms: what a lease has on top of the time-out. */
const RECORD_GRACE_MS = 5_000;

/** A lane works for about so long before it lets other jobs of its worker have a turn, ms. */
const TURN_MS = 1_000;

/** Lanes of one mailing in one process: while one waits for the database, the other keeps the gateway busy. */
const LANES_HERE = 2;

const FAULT_MS = 1_000;

/** Everything a lane works with. */
export interface DispatcherOptions {
  pool: pg.Pool;
  channels: Record<string, Channel>;
  templates: TemplateCache;
  bell: ChangeBell;
  log: Logger;
}

/** A channel, and how it stands with it in this process. */
interface Outlet {
  channel: Channel;
  queue: SendQueue;
  size: BatchSize;
  /** Lanes at work on it. */
  lanes: number;
  /** After a fault that is no message's: when it may be tried again, on the clock of `performance.now()`. */
  restsUntil: number;
}

interface LaneMailing {
  id: string;
  text: string;
  channel: string;
  kind: Message['kind'];
}

/** Where a lane finds its messages: a running mailing's, or the test sends of one that was not deleted. */
const SOURCES = {
  CAMPAIGN: { where: `status = 'RUNNING'`, claim: claimMessages, nextDueAt },
  TEST: { where: 'deleted_at is null', claim: claimTestSends, nextDueAt: nextTestSendAt },
};

/** Claims, sends and records batches of running mailings: the way of a message from its row to the gateway and back. */
export class Dispatcher {
  readonly #lanes = new Map<string, number>();
  /** By the channel's name. */
  readonly #outlets: ReadonlyMap<string, Outlet>;
  /** Mailings whose channel this process lacks, and that it has said so of. */
  readonly #unserved = new Set<string>();

  constructor(private readonly options: DispatcherOptions) {
    const outlets = Object.values(options.channels).map((channel): [string, Outlet] => {
      const { concurrency } = channel;
      const size = new BatchSize(concurrency);
      return [channel.name, { channel, queue: new SendQueue(concurrency), size, lanes: 0, restsUntil: 0 }];
    });
    this.#outlets = new Map(outlets);
  }

  /**
   * Works on a mailing for about a second, or until nothing of it is due.
   *
   * @param signal aborted when the process stops: nothing more is claimed, what waits is handed back
   * @returns when to look again; undefined: when somebody rings
   */
  async runLane(mailingId: string, signal: AbortSignal): Promise<When | undefined> {
    const running = this.#lanes.get(mailingId) ?? 0;
    if (running >= LANES_HERE) return undefined;
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
      `select id, text, channel, $2 as kind from mailing where id = $1 and ${SOURCES[kind].where} and ${SENDING_ALLOWED}`,
      [mailingId, kind],
    );
    const mailing = rows[0];
    if (!mailing) return undefined;
    const outlet = this.#outlets.get(mailing.channel);
    if (!outlet) return this.#leaveToOthers(mailing);
    outlet.lanes += 1;
    try {
      return await this.#takeTurn(mailing, outlet, signal);
    } finally {
      outlet.lanes -= 1;
    }
  }

  async #takeTurn(mailing: LaneMailing, outlet: Outlet, signal: AbortSignal): Promise<When | undefined> {
    const until = performance.now() + TURN_MS;
    do {
      if (signal.aborted) return { inMs: 0 };
      const rest = outlet.restsUntil - performance.now();
      if (rest > 0) return { inMs: rest };
      const claimed = await this.#runBatch(mailing, outlet, signal);
      if (claimed === 0) return (await SOURCES[mailing.kind].nextDueAt(this.options.pool, mailing.id)) ?? undefined;
    } while (performance.now() < until);
    return { inMs: 0 };
  }

  /** A channel that is set up elsewhere is served elsewhere; one that is set up nowhere is worth a word, once. */
  #leaveToOthers({ id, channel }: LaneMailing): undefined {
    if (this.#unserved.has(id)) return;
    this.#unserved.add(id);
    this.options.log.warn({ mailing_id: id, channel }, 'this worker is not set up for the channel of the mailing');
  }

  /** @returns how many messages it had in hand */
  async #runBatch(mailing: LaneMailing, outlet: Outlet, signal: AbortSignal): Promise<number> {
    const { size, lanes } = outlet;
    const { timeoutMs } = outlet.channel;
    const leaseMs = timeoutMs + RECORD_GRACE_MS;
    const limit = size.share(lanes);
    const claim = await SOURCES[mailing.kind].claim(this.options.pool, mailing.id, { limit, timeoutMs, leaseMs });
    if (claim.messages.length === 0) return 0;
    const records = await this.#send(mailing, outlet, claim, signal);
    size.took(claim.messages.length, lanes, performance.now() - claim.claimedAt);
    const tried = records.filter(({ startedAt }) => startedAt !== null);
    const isFault = tried.every(({ kind, charged }) => kind === 'retry' && !charged);
    if (tried.length > 0 && isFault) this.#rest(outlet);
    await this.#record(mailing, records, timeoutMs);
    if (claim.messages.length === limit && claim.messages.every(({ verdict }) => verdict === 'late')) {
      await askReplan(this.options.pool, mailing.id);
      return 0;
    }
    return claim.messages.length;
  }

  /** Nobody there, or our token refused: the fault is no message's, and asking for all of them would mend nothing. */
  #rest(outlet: Outlet): void {
    outlet.size.reset();
    outlet.restsUntil = performance.now() + FAULT_MS;
    this.options.log.warn(
      { channel: outlet.channel.name, rest_ms: FAULT_MS },
      'the channel can not be used; trying again',
    );
  }

  /** One record for each message of the claim; never throws. */
  async #send(mailing: LaneMailing, outlet: Outlet, claim: Claim, signal: AbortSignal): Promise<OutcomeRecord[]> {
    const { channel, queue } = outlet;
    const records = claim.messages.filter(({ verdict }) => verdict !== 'send').map(unsendable);
    const ready = claim.messages.filter(({ verdict }) => verdict === 'send');
    const deadline = claim.claimedAt + channel.timeoutMs;
    const startBy = claim.claimedAt + channel.timeoutMs / 2;
    const databaseTime = (now: number) => claim.databaseTime + (now - claim.claimedAt);
    const unstarted = await queue.run(ready, startBy, signal, async (message) => {
      const text = this.#render(mailing.text, message);
      if (typeof text !== 'string') return void records.push(text);
      const startedAt = performance.now();
      const delivery = { mailingId: mailing.id, messageId: message.id, phone: message.phone, text };
      const outcome = await this.#attempt(channel, delivery, deadline);
      records.push(
        recordOf(
          message,
          outcome,
          { startedAt: databaseTime(startedAt), endedAt: databaseTime(performance.now()) },
          false,
        ),
      );
    });
    for (const message of unstarted) records.push(untried(message, 'returned', null));
    return records;
  }

  /** A channel does not throw. One that does all the same costs the message an attempt, and not the batch or the process. */
  async #attempt(channel: Channel, delivery: Delivery, deadline: number): Promise<Outcome> {
    try {
      return await channel.send(delivery, deadline);
    } catch (error) {
      const { messageId, mailingId } = delivery;
      this.options.log.error({ mailing_id: mailingId, message_id: messageId, err: error }, 'a channel threw');
      // How far it came is not known.
      const reason = 'a fault of the program while it was being sent';
      return { kind: 'unknown', gatewayCode: null, reason, charged: true, fault: 'none' };
    }
  }

  /** The words for one client; or, where they cannot be had, what becomes of its message alone. */
  #render(text: string, message: ClaimedMessage): string | OutcomeRecord {
    try {
      return message.text ?? this.options.templates.get(text).render(message);
    } catch (error) {
      const why = error instanceof AppError ? error.message : 'a fault of the program';
      return untried(message, 'rejected', `the text cannot be rendered for this client: ${why}`);
    }
  }

  /**
   * Writes the batch, again and again until the database takes it: what the gateway accepted must become SENT, however
   * late. Recording twice is harmless.
   */
  async #record(mailing: LaneMailing, records: readonly OutcomeRecord[], timeoutMs: number): Promise<void> {
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        const published = await recordOutcomes(this.options.pool, mailing.id, records, timeoutMs, mailing.kind);
        if (published) this.options.bell.ring(mailing.id, published.version);
        return;
      } catch (error) {
        const facts = { mailing_id: mailing.id, err: error, messages: records.length };
        if (isRefused(error)) {
          this.options.log.error(facts, 'the database refuses these outcomes');
          // One of them is to blame; it is left to its lease, the others are not. What was sent goes first.
          if (records.length === 1) return;
          const ordered = records.toSorted((a, b) => Number(b.kind === 'accepted') - Number(a.kind === 'accepted'));
          const half = ordered.length / 2;
          await this.#record(mailing, ordered.slice(0, half), timeoutMs);
          return await this.#record(mailing, ordered.slice(half), timeoutMs);
        }
        this.options.log.error(facts, 'outcomes not recorded yet; trying again');
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}

/** Wrong data or a broken constraint (SQLSTATE classes 22 and 23): trying again would change nothing. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}
