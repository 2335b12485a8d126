import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, answerFor, refuse } from './answers.js';
import type { Behaviour, Outcome } from './behaviour.js';
import { Chance } from './chance.js';
import { giveAnswer } from './give-answer.js';
import type { Ledger } from './ledger.js';
import { RateGate } from './rate-gate.js';
import { LOOK_EVERY_MS, Standstill } from './standstill.js';
import { WallClock } from './wall-clock.js';

/** The path before the id. */
export const SEND_PATH = '/v1/send/';

/** A body longer than this is refused with 413, bytes. */
const MAX_BODY_BYTES = 1_048_576;

/** One request on its way through. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  seq: number;
  id: number | null;
  /** The how-manieth request of its id. */
  nth: number;
  at: number;
  /** Since when this process had stood still before it; null: it had not. */
  heldSince: number | null;
  outcome: Outcome;
  /** What the head alone makes of it: the token is wrong, or there are too many. */
  verdict: Answer | undefined;
}

/**
 * The sending service's side of `POST /v1/send/{id}`: checks what the protocol asks for, draws what happens, notes it in
 * the ledger, and only then answers. An id it has accepted is answered OK again and noted as a repeat.
 */
export class Gateway {
  readonly #clock = new WallClock();
  readonly #standstill = new Standstill(this.#clock.now());
  readonly #looks = setInterval(() => this.#standstill.look(this.#clock.now()), LOOK_EVERY_MS).unref();
  readonly #ledger: Ledger;
  readonly #authorization: string | null;
  #down: Behaviour['down'] = false;
  #chance: Chance;
  #rate: RateGate | null = null;
  /** What is left of the scripts, by id. */
  #scripts = new Map<number, Outcome[]>();

  /** @param token bearer token that requests must carry; null: none is asked for */
  constructor(ledger: Ledger, token: string | null, behaviour: Behaviour) {
    this.#ledger = ledger;
    this.#authorization = token === null ? null : `Bearer ${token}`;
    this.#chance = new Chance(behaviour);
    this.behave(behaviour);
  }

  /** From the next request on. */
  behave(behaviour: Behaviour): void {
    this.#chance = new Chance(behaviour);
    this.#rate = behaviour.maxRate === null ? null : new RateGate(behaviour.maxRate);
    this.#scripts = new Map(Object.entries(behaviour.ids).map(([id, outcomes]) => [Number(id), [...outcomes]]));
    this.#down = behaviour.down;
  }

  close(): void {
    clearInterval(this.#looks);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#down !== false) {
      request.socket.destroy();
      return;
    }
    const at = this.#clock.now();
    const id = idIn(request.url!);
    const nth = this.#ledger.arrived(id);
    const outcome = this.#draw(id, nth);
    const seq = this.#ledger.nextSeq();
    const heldSince = this.#standstill.before(at);
    const verdict = this.#judgeHead(request, at);
    const exchange: Exchange = { request, response, seq, id, nth, at, heldSince, outcome, verdict };
    if (exchange.verdict === undefined && outcome.outcome === 'drop-before-reading') {
      this.#answer(exchange, arrivalOf(exchange, null, null), answerFor(outcome, request.url!));
      return;
    }
    this.#read(exchange);
  }

  #draw(id: number | null, nth: number): Outcome {
    if (id === null) return { outcome: '400' };
    if (this.#scripts.size > 0) {
      const scripted = this.#scripts.get(id)?.shift();
      if (scripted) return scripted;
    }
    return this.#ledger.accepted(id) ? { outcome: 'ok' } : this.#chance.outcome(id, nth);
  }

  #judgeHead(request: IncomingMessage, at: number): Answer | undefined {
    if (this.#rate !== null && !this.#rate.pass(at)) return refuse(429, 'Too Many Requests');
    if (this.#authorization !== null && request.headers.authorization !== this.#authorization) {
      return refuse(401, 'Unauthorized');
    }
    return undefined;
  }

  #read(exchange: Exchange): void {
    const { request } = exchange;
    let body: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return;
      if (body === undefined) body = chunk;
      else {
        rest ??= [body];
        rest.push(chunk);
      }
    });
    request.on('end', () => {
      if (bytes > MAX_BODY_BYTES) this.#settle(exchange, arrivalOf(exchange, null, null), refuse(413, 'Too Long'));
      else this.#received(exchange, rest ? Buffer.concat(rest) : (body ?? Buffer.alloc(0)));
    });
    // A connection that broke in mid-body still was a request.
    request.on('error', () => {
      if (!request.complete) this.#ledger.write(`${arrivalOf(exchange, null, null)}}`, () => {});
    });
  }

  #received(exchange: Exchange, body: Buffer): void {
    const { phone, wrong } = readBody(body, exchange.id);
    const digest = hash('sha256', body, 'base64url').slice(0, 22);
    const refused = exchange.verdict ?? (wrong === undefined ? undefined : refuse(400, wrong));
    const answer = refused ?? answerFor(exchange.outcome, exchange.request.url!);
    this.#settle(exchange, arrivalOf(exchange, phone, digest), answer);
  }

  /** Now, or when its latency is over; then the arrival is noted by itself. */
  #settle(exchange: Exchange, arrival: string, answer: Answer): void {
    const delay = exchange.id === null ? 0 : this.#chance.latency(exchange.id, exchange.nth);
    if (delay === 0) {
      this.#answer(exchange, arrival, answer);
      return;
    }
    this.#ledger.write(`${arrival}}`, () => {});
    setTimeout(() => this.#answer(exchange, `{"seq":${exchange.seq},"answeredAt":${this.#clock.now()}`, answer), delay);
  }

  #answer({ seq, id, response }: Exchange, begin: string, answer: Answer): void {
    const here = !response.destroyed;
    const complete = answer.manner === 'whole' && here;
    const repeat = answer.accepts && id !== null && this.#ledger.accept(id);
    this.#ledger.countAnswer(answer.status);
    const facts = (done: boolean) =>
      `"status":${answer.status},"code":${answer.code},"accepted":${answer.accepts},"complete":${done}${repeat ? ',"repeat":true' : ''}}`;
    this.#ledger.write(`${begin},${facts(complete)}`, () => {
      const end = () => `{"seq":${seq},"answeredAt":${this.#clock.now()},${facts(true)}`;
      if (here) giveAnswer(response, answer, (finish) => this.#ledger.write(end(), finish));
    });
  }
}

/** @returns the message id in the path; null when there is none */
function idIn(url: string): number | null {
  const text = url.slice(SEND_PATH.length);
  if (!/^[1-9]\d{0,15}$/.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : null;
}

/** The begin of a line: everything that is known when the request has arrived. */
function arrivalOf({ seq, id, at, heldSince }: Exchange, phone: number | null, digest: string | null): string {
  const quoted = digest === null ? 'null' : `"${digest}"`;
  const held = heldSince === null ? '' : `,"heldSince":${heldSince}`;
  return `{"seq":${seq},"id":${id},"phone":${phone},"hash":${quoted},"at":${at}${held}`;
}

/** @returns the phone, as far as there is one, and what is wrong with the body */
function readBody(body: Buffer, id: number | null): { phone: number | null; wrong?: string } {
  let parsed: { id?: unknown; phone?: unknown; text?: unknown } | null;
  try {
    parsed = JSON.parse(body.toString());
  } catch {
    return { phone: null, wrong: 'the body is no JSON' };
  }
  if (typeof parsed !== 'object' || parsed === null) return { phone: null, wrong: 'the body is no JSON object' };
  const { phone } = parsed;
  const known =
    typeof phone === 'number' && phone >= 70_000_000_000 && phone <= 79_999_999_999 && Number.isInteger(phone);
  if (!known) return { phone: null, wrong: 'phone must be a number of eleven digits that begins with 7' };
  if (id === null) return { phone, wrong: 'the id in the address must be a whole number from 1 to 2^53−1' };
  if (parsed.id !== id) return { phone, wrong: 'id must be the number in the address' };
  if (typeof parsed.text !== 'string' || parsed.text === '') return { phone, wrong: 'text must be a text' };
  return { phone };
}
