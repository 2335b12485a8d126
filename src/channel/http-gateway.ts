import { type Dispatcher, Pool } from 'undici';
import type { Channel, Delivery, Outcome } from './channel.js';
import { classifyAnswer, outcomeOf } from './classify-answer.js';
import { ADDRESS_REFUSED, guardedConnector } from './guard-address.js';

/** The most we read of an answer, bytes; a real one has about 30. */
const MAX_ANSWER_BYTES = 16_384;
/** How often deadlines are looked at while there is one, ms. */
const TICK_MS = 10;
/** An attempt ends up to this much before its deadline, so that a look that comes late on a busy machine is not too late, ms. */
const EARLY_MS = 40;
/** What making a connection may take of an attempt's time-out. */
const CONNECT_SHARE = 0.4;
/** Errors of a connection that never came about: not one byte of the message has left. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  ADDRESS_REFUSED,
]);

/** How to reach the outside sending service. */
export interface HttpGatewayOptions {
  /** The base; `/v1/send/{id}` is appended. */
  url: string;
  /** Sent as `Authorization: Bearer …` when there is one. */
  token: string | null;
  timeoutMs: number;
  concurrency: number;
}

/**
 * POST {base}/v1/send/{id} with `{"id": number, "phone": number, "text": string}` on keep-alive connections of its own.
 *
 * On undici's `dispatch`, not got: measured 22 µs against 343 µs of one core a message (docs/decisions/0003).
 */
export class HttpGateway implements Channel {
  readonly name = 'gateway';
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  readonly #attempts = new Set<Attempt>();
  #ticker: NodeJS.Timeout | undefined;

  constructor(options: HttpGatewayOptions) {
    const base = new URL(options.url);
    this.concurrency = options.concurrency;
    this.timeoutMs = options.timeoutMs;
    this.#path = `${base.pathname.replace(/\/+$/, '')}/v1/send/`;
    this.#headers = { 'content-type': 'application/json' };
    if (options.token) this.#headers['authorization'] = `Bearer ${options.token}`;
    // No pipelining: a slow answer would hold up the ones behind it. Time-outs are ours, for the attempt as a whole:
    // undici's own begin anew with each chunk.
    this.#pool = new Pool(base.origin, {
      connections: options.concurrency,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      // Within the time in which a message may be started: nobody answering the door is a fault to wait after, not a
      // message to be claimed again at once.
      connect: guardedConnector(options.timeoutMs * CONNECT_SHARE),
    });
  }

  async send(delivery: Delivery, deadline: number): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const attempt = new Attempt(deadline, this.timeoutMs * CONNECT_SHARE, (outcome) => {
      this.#attempts.delete(attempt);
      resolve(outcome);
    });
    this.#attempts.add(attempt);
    this.#ticker ??= setInterval(() => this.#endOverdue(), TICK_MS).unref();
    // Ids and phones are digits by the database's checks, so they can stand in JSON as they are.
    const body = `{"id":${delivery.messageId},"phone":${delivery.phone},"text":${JSON.stringify(delivery.text)}}`;
    const { traceparent } = delivery;
    const headers = traceparent === undefined ? this.#headers : { ...this.#headers, traceparent };
    try {
      this.#pool.dispatch({ path: this.#path + delivery.messageId, method: 'POST', headers, body }, attempt);
    } catch (error) {
      attempt.onResponseError(null, error as Error);
    }
    return await promise;
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker);
    await this.#pool.destroy();
  }

  #endOverdue(): void {
    const soon = performance.now() + EARLY_MS;
    for (const attempt of this.#attempts) if (attempt.deadline <= soon) attempt.end();
    if (this.#attempts.size > 0) return;
    // A hundred looks a second would be a quarter of what an idle worker does.
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}

/** One request, from being queued to its outcome. */
class Attempt implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | null = null;
  #started = false;
  #over = false;
  #status = 0;
  #retryAfter: string | undefined;
  #date: string | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  readonly #queuedAt = performance.now();

  constructor(
    readonly deadline: number,
    private readonly connectMs: number,
    private readonly done: (outcome: Outcome) => void,
  ) {}

  /** Called at the last moment before the request is written: after a stopped process went on, the clock decides. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over || performance.now() + EARLY_MS >= this.deadline) {
      this.#finish({ kind: 'unstarted' });
      controller.abort(new Error('too late to start'));
      return;
    }
    this.#started = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#retryAfter = first(headers['retry-after']);
    this.#date = first(headers['date']);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= MAX_ANSWER_BYTES) {
      this.#chunks.push(chunk);
      return;
    }
    this.#finish(outcomeOf('endless', { status: this.#status }));
    controller.abort(new Error('answer too long'));
  }

  onResponseEnd(): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]!.toString() : Buffer.concat(this.#chunks).toString();
    this.#finish(classifyAnswer({ status: this.#status, body, retryAfter: this.#retryAfter, date: this.#date }));
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const code = (error as NodeJS.ErrnoException).code ?? error.name;
    if (!this.#started || NEVER_CONNECTED.has(code)) {
      this.#finish(outcomeOf('noConnection', { status: null, what: code }));
    } else {
      this.#finish(outcomeOf('broken', { status: this.#status || null, what: code }));
    }
  }

  /** Ends it because its time is up. */
  end(): void {
    if (this.#started) {
      this.#finish(outcomeOf('timeOut', { status: this.#status || null }));
    } else if (performance.now() - this.#queuedAt > this.connectMs) {
      // Somebody who answers the door does so sooner (undici's own timer is up to 0.6 s late).
      this.#finish(outcomeOf('noConnection', { status: null, what: 'in time' }));
    } else {
      this.#finish({ kind: 'unstarted' });
    }
    this.#controller?.abort(new Error('no answer in time'));
  }

  #finish(outcome: Outcome): void {
    if (this.#over) return;
    this.#over = true;
    this.done(outcome);
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
