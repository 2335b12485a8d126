import type pg from 'pg';
import type { Channel, Outcome } from '../channel/channel.js';
import { AppError } from '../errors.js';
import type { ChangeBell } from '../live/change-bell.js';
import { type Claim, type ClaimedMessage, claimMessages, nextDueAt } from '../message/claim-messages.js';
import { type OutcomeRecord, type RecordKind, recordOutcomes } from '../message/record-outcomes.js';
import type { Logger } from '../platform/log.js';
import type { When } from '../scheduler/scheduler.js';
import { backoffMs, FAULT_MS, faultBackoffMs } from './backoff.js';
import { BatchSize } from './batch-size.js';
import type { SendQueue } from './send-queue.js';
import type { TemplateCache } from './template.js';

/** Time to record a batch after its last attempt has ended, ms: what a lease has on top of the time-out. */
const RECORD_GRACE_MS = 5_000;

/** A lane works for about so long before it lets other jobs of its worker have a turn, ms. */
const TURN_MS = 1_000;

/** Lanes of one mailing in one process: while one waits for the database, the other keeps the gateway busy. */
const LANES_HERE = 2;

/** Everything a lane works with. */
export interface DispatcherOptions {
  pool: pg.Pool;
  channels: Record<string, Channel>;
  queues: Record<string, SendQueue>;
  templates: TemplateCache;
  bell: ChangeBell;
  log: Logger;
}

interface LaneMailing {
  id: string;
  text: string;
  channel: string;
}

/** Claims, sends and records batches of running mailings: the way of a message from its row to the gateway and back. */
export class Dispatcher {
  readonly #lanes = new Map<string, number>();
  /** Lanes at work, by channel. */
  readonly #atWork = new Map<string, number>();
  readonly #batchSizes = new Map<string, BatchSize>();
  /** When a channel may be tried again after a fault that is no message's, on the clock of `performance.now()`. */
  readonly #restsUntil = new Map<string, number>();
  /** Mailings whose channel this process lacks, and that it has said so of. */
  readonly #unserved = new Set<string>();

  constructor(private readonly options: DispatcherOptions) {}

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
      return await this.#work(mailingId, signal);
    } finally {
      const left = (this.#lanes.get(mailingId) ?? 1) - 1;
      if (left > 0) this.#lanes.set(mailingId, left);
      else this.#lanes.delete(mailingId);
    }
  }

  async #work(mailingId: string, signal: AbortSignal): Promise<When | undefined> {
    const { pool } = this.options;
    const { rows } = await pool.query<LaneMailing>(
      `select id, text, channel from mailing where id = $1 and status = 'RUNNING'`,
      [mailingId],
    );
    const mailing = rows[0];
    if (!mailing) return undefined;
    const channel = this.options.channels[mailing.channel];
    if (!channel) return this.#leaveToOthers(mailing);
    this.#atWork.set(channel.name, (this.#atWork.get(channel.name) ?? 0) + 1);
    try {
      return await this.#takeTurn(mailing, channel, signal);
    } finally {
      this.#atWork.set(channel.name, (this.#atWork.get(channel.name) ?? 1) - 1);
    }
  }

  async #takeTurn(mailing: LaneMailing, channel: Channel, signal: AbortSignal): Promise<When | undefined> {
    const until = performance.now() + TURN_MS;
    do {
      if (signal.aborted) return { inMs: 0 };
      const rest = (this.#restsUntil.get(channel.name) ?? 0) - performance.now();
      if (rest > 0) return { inMs: rest };
      const claimed = await this.#runBatch(mailing, channel, signal);
      if (claimed === 0) return (await nextDueAt(this.options.pool, mailing.id)) ?? undefined;
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
  async #runBatch(mailing: LaneMailing, channel: Channel, signal: AbortSignal): Promise<number> {
    const size = this.#batchSize(channel);
    const { timeoutMs } = channel;
    const leaseMs = timeoutMs + RECORD_GRACE_MS;
    const lanes = this.#atWork.get(channel.name) ?? 1;
    const limit = size.share(lanes);
    const claim = await claimMessages(this.options.pool, mailing.id, { limit, timeoutMs, leaseMs });
    if (claim.messages.length === 0) return 0;
    const records = await this.#send(mailing, channel, claim, signal);
    size.took(claim.messages.length, lanes, performance.now() - claim.claimedAt);
    const tried = records.filter(({ startedAt }) => startedAt !== null);
    const isFault = tried.every(({ kind, charged }) => kind === 'retry' && !charged);
    if (tried.length > 0 && isFault) this.#rest(channel, size);
    await this.#record(mailing.id, records, timeoutMs);
    return claim.messages.length;
  }

  /** Nobody there, or our token refused: the fault is no message's, and asking for all of them would mend nothing. */
  #rest(channel: Channel, size: BatchSize): void {
    size.reset();
    this.#restsUntil.set(channel.name, performance.now() + FAULT_MS);
    this.options.log.warn({ channel: channel.name, rest_ms: FAULT_MS }, 'the channel can not be used; trying again');
  }

  #batchSize(channel: Channel): BatchSize {
    const size = this.#batchSizes.get(channel.name) ?? new BatchSize(channel.concurrency);
    this.#batchSizes.set(channel.name, size);
    return size;
  }

  /** One record for each message of the claim; never throws. */
  async #send(mailing: LaneMailing, channel: Channel, claim: Claim, signal: AbortSignal): Promise<OutcomeRecord[]> {
    const records = claim.messages.filter(({ verdict }) => verdict !== 'send').map(unsendable);
    const ready = claim.messages.filter(({ verdict }) => verdict === 'send');
    const deadline = claim.claimedAt + channel.timeoutMs;
    const startBy = claim.claimedAt + channel.timeoutMs / 2;
    const databaseTime = (now: number) => claim.databaseTime + (now - claim.claimedAt);
    const unstarted = await this.options.queues[channel.name]!.run(ready, startBy, signal, async (message) => {
      const text = this.#render(mailing.text, message);
      if (typeof text !== 'string') return void records.push(text);
      const startedAt = performance.now();
      const delivery = { mailingId: mailing.id, messageId: message.id, phone: message.phone, text };
      const outcome = await channel.send(delivery, deadline);
      records.push(recordOf(message, outcome, databaseTime(startedAt), databaseTime(performance.now())));
    });
    for (const message of unstarted) records.push(untried(message, 'returned', null));
    return records;
  }

  /** The words for one client; or, where they cannot be had, what becomes of its message alone. */
  #render(text: string, message: ClaimedMessage): string | OutcomeRecord {
    try {
      return this.options.templates.get(text).render(message);
    } catch (error) {
      const why = error instanceof AppError ? error.message : 'a fault of the program';
      return untried(message, 'rejected', `the text cannot be rendered for this client: ${why}`);
    }
  }

  /**
   * Writes the batch, again and again until the database takes it: what the gateway accepted must become SENT, however
   * late. Recording twice is harmless.
   */
  async #record(mailingId: string, records: readonly OutcomeRecord[], timeoutMs: number): Promise<void> {
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        const published = await recordOutcomes(this.options.pool, mailingId, records, timeoutMs);
        if (published) this.options.bell.ring(mailingId, published.version);
        return;
      } catch (error) {
        const facts = { mailing_id: mailingId, err: error, messages: records.length };
        if (isRefused(error)) {
          this.options.log.error(facts, 'the database refuses these outcomes');
          // One of them is to blame; it is left to its lease, the others are not. What was sent goes first.
          if (records.length === 1) return;
          const ordered = records.toSorted((a, b) => Number(b.kind === 'accepted') - Number(a.kind === 'accepted'));
          const half = ordered.length / 2;
          await this.#record(mailingId, ordered.slice(0, half), timeoutMs);
          return await this.#record(mailingId, ordered.slice(half), timeoutMs);
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

/** A record of a message for which no request was made. */
function untried(message: ClaimedMessage, kind: RecordKind, reason: string | null): OutcomeRecord {
  const { id, fence } = message;
  return { id, fence, kind, reason, charged: false, delayMs: 0, gatewayCode: null, startedAt: null, endedAt: null };
}

/** What becomes of a claimed message that is not to be sent. */
function unsendable(message: ClaimedMessage): OutcomeRecord {
  switch (message.verdict) {
    case 'withdrawn':
      return untried(message, 'withdrawn', 'the client opted out or was deleted');
    case 'never-again':
      return untried(
        message,
        'rejected',
        'an earlier attempt may have reached the gateway, and the mailing says never again',
      );
    default:
      return untried(message, 'late', null);
  }
}

/** The retry policy: what an outcome means for the message. */
function recordOf(message: ClaimedMessage, outcome: Outcome, startedAt: number, endedAt: number): OutcomeRecord {
  if (outcome.kind === 'unstarted') return untried(message, 'returned', null);
  const base = { ...untried(message, outcome.kind, null), gatewayCode: outcome.gatewayCode, startedAt, endedAt };
  switch (outcome.kind) {
    case 'accepted':
      return base;
    case 'rejected':
      return { ...base, charged: true, reason: outcome.reason };
    case 'retry': {
      const wait = outcome.charged ? backoffMs(message.triesUsed) : faultBackoffMs();
      return {
        ...base,
        charged: outcome.charged,
        reason: outcome.reason,
        delayMs: Math.max(outcome.afterMs ?? 0, wait),
      };
    }
    case 'unknown':
      return { ...base, charged: true, reason: outcome.reason, delayMs: backoffMs(message.triesUsed) };
  }
}
