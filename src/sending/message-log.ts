import type { ClaimedMessage } from '../message/claim-messages.js';
import type { OutcomeRecord, RecordKind } from '../message/record-outcomes.js';
import type { Logger, LogLines } from '../platform/log.js';

/** How often it is said what has been sent of a mailing, ms. */
const SUMMARY_MS = 1_000;

/** What the log of messages works with. */
export interface MessageLogOptions {
  log: Logger;
  lines: LogLines;
}

/**
 * Each request to a gateway and each answer, one line each of level `debug`, with the ids of mailing, message and client; and at
 * most once a second for each mailing a line of level `info` that counts them.
 *
 * The lines are put together by hand: with pino both would cost more than the whole rest of a message (ADR 0028; what they cost
 * now: `npm run bench -- log`). They hold ids, numbers and our own words, and no phone and no text at all; a reason is searched like
 * every other line.
 */
export class MessageLog {
  readonly #counts = new Map<string, { channel: string; counts: Partial<Record<RecordKind, number>> }>();
  #timer: NodeJS.Timeout | null = null;
  #second = 0;
  #secondText = '';

  constructor(private readonly options: MessageLogOptions) {}

  /** The two lines about one attempt at a time, for the messages of a batch. */
  batch(mailingId: string, channel: string): BatchLog {
    return new BatchLog(this, mailingId, channel);
  }

  /** Says what has not been said yet. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#summarize();
  }

  /** Whether lines about single messages go anywhere just now. */
  get isWanted(): boolean {
    return this.options.lines.takesDebug;
  }

  /** @param rest fields after the moment, without the brace that closes them */
  write(rest: string): void {
    this.options.lines.debug(`{"level":"debug","time":"${this.#now()}${rest}}\n`);
  }

  hide(text: string): string {
    return this.options.lines.hide(text);
  }

  count(mailingId: string, channel: string, kind: RecordKind): void {
    const known = this.#counts.get(mailingId);
    if (known) {
      known.counts[kind] = (known.counts[kind] ?? 0) + 1;
      return;
    }
    this.#counts.set(mailingId, { channel, counts: { [kind]: 1 } });
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#summarize();
    }, SUMMARY_MS).unref();
  }

  #summarize(): void {
    for (const [mailing_id, { channel, counts }] of this.#counts) {
      this.options.log.info({ mailing_id, channel, ...counts }, 'sent');
    }
    this.#counts.clear();
  }

  /** ISO 8601; the part up to the second is put together once a second. */
  #now(): string {
    const now = Date.now();
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1_000).toISOString().slice(0, 20);
    }
    return `${this.#secondText}${String(now - second * 1_000).padStart(3, '0')}Z"`;
  }
}

/** What the lines about the messages of one batch have in common. */
export class BatchLog {
  readonly #common: string;

  constructor(
    private readonly owner: MessageLog,
    private readonly mailingId: string,
    private readonly channel: string,
  ) {
    this.#common = `,"mailing_id":"${mailingId}","channel":"${channel}","message_id":"`;
  }

  /** A request is about to be made. */
  asked(message: ClaimedMessage): void {
    if (!this.owner.isWanted) return;
    this.owner.write(`${this.#about(message)},"msg":"gateway request"`);
  }

  /** @param ms how long it took; null: no request was made */
  answered(message: ClaimedMessage, record: OutcomeRecord, ms: number | null): void {
    this.owner.count(this.mailingId, this.channel, record.kind);
    if (!this.owner.isWanted) return;
    const { gatewayCode, reason, delayMs } = record;
    const code = gatewayCode === null ? '' : `,"status":${gatewayCode}`;
    const why = reason === null ? '' : `,"reason":${this.owner.hide(JSON.stringify(reason))}`;
    const again = delayMs > 0 ? `,"again_in_ms":${Math.round(delayMs)}` : '';
    const took = ms === null ? '' : `,"ms":${Math.round(ms * 10) / 10}`;
    const what = ms === null ? 'not sent' : 'gateway answer';
    this.owner.write(`${this.#about(message)},"outcome":"${record.kind}"${code}${took}${again}${why},"msg":"${what}"`);
  }

  /** The attempt is the claim's number, as in the message's timeline. */
  #about({ id, fence, clientId }: ClaimedMessage): string {
    const client = clientId === null ? '' : `","client_id":"${clientId}`;
    return `${this.#common}${id}${client}","attempt":${fence}`;
  }
}
