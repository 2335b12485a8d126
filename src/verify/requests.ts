import { ERASED_PHONE } from '../access/mask-phone.js';
import { MESSAGE_BLOCK } from '../message/message-range.js';
import { type Finding, Tally } from './check.js';
import { ACCEPTED, CLEAR_NO, type Ledger } from './ledger.js';
import type { MessageRow } from './messages.js';

/** Of messages of a client whose personal data was erased: nobody knows any more what phone it was. */
const ERASED = Number(ERASED_PHONE);

/** What an id's requests came to, in bits. `EARLY`: on record before the database was looked at. */
const EVER_ACCEPTED = 1;
const EARLY_ACCEPTED = 2;
const UNCLEAR = 4;
const REPEATED_UNCLEAR = 8;

/**
 * What the ledger's requests and the database's messages must say of each other. A request that was on record before the
 * database was looked at must be known to it; one that came later may only stand as evidence that something was accepted.
 */
export class RequestChecks {
  readonly #ledger: Ledger;
  /** By id: how many early requests it has, and what they came to. */
  readonly #requests: Int32Array;
  readonly #bits: Uint8Array;
  /** By id: whether a message has it. */
  readonly #known: Uint8Array;
  /** Requested clients of each mailing. */
  readonly #clients = new Map<number, number[]>();

  readonly #sent = new Tally(2, 'SENT messages', 'each accepted by the gateway');
  readonly #notSent = new Tally(2, 'FAILED, EXPIRED and CANCELLED messages', 'none accepted by the gateway');
  readonly #refused = new Tally(
    2,
    'requested FAILED, EXPIRED and CANCELLED messages',
    'each refused in clear words every time',
  );
  readonly #accepted = new Tally(2, 'accepted messages', 'each SENT, UNKNOWN, or still in hand');
  readonly #ids = new Tally(3, 'ids in the ledger', 'each that of a message');
  readonly #payloads = new Tally(3, 'ids in the ledger', 'each always with the same payload');
  readonly #phones = new Tally(3, 'requested messages', 'each to the phone that was copied at launch');
  readonly #pairs = new Tally(3, 'pairs of mailing and client in the ledger', 'each under one id (clients)');
  readonly #fences = new Tally(4, 'requested messages', 'none requested more often than it was claimed');
  readonly #marks = new Tally(4, 'messages requested again without a clear no before', 'each marked uncertain');

  /** @param early how many of the requests were there before the database was looked at */
  constructor(ledger: Ledger, early: number) {
    this.#ledger = ledger;
    this.#requests = new Int32Array(ledger.ids.size);
    this.#bits = new Uint8Array(ledger.ids.size);
    this.#known = new Uint8Array(ledger.ids.size);
    this.#summarise(early);
  }

  #summarise(early: number): void {
    const { of, seq, bits } = this.#ledger;
    const last = new Float64Array(this.#requests.length);
    const firstUnclear = new Float64Array(this.#requests.length).fill(Number.POSITIVE_INFINITY);
    for (let request = 0; request < of.length; request += 1) {
      const id = of.at(request);
      const said = bits.at(request);
      if (said & ACCEPTED) this.#bits[id]! |= request < early ? EVER_ACCEPTED | EARLY_ACCEPTED : EVER_ACCEPTED;
      if (request >= early) continue;
      const number = seq.at(request);
      this.#requests[id]! += 1;
      if (number > last[id]!) last[id] = number;
      if ((said & CLEAR_NO) === 0 && number < firstUnclear[id]!) firstUnclear[id] = number;
    }
    for (let id = 0; id < last.length; id += 1) {
      if (firstUnclear[id] === Number.POSITIVE_INFINITY) continue;
      this.#bits[id]! |= firstUnclear[id]! < last[id]! ? UNCLEAR | REPEATED_UNCLEAR : UNCLEAR;
    }
  }

  /**
   * @param toGateway whether its channel is the one that the ledger is of
   * @returns the number of the message's id when it was requested early, else −1
   */
  judge(message: MessageRow, toGateway: boolean): number {
    const id = this.#ledger.ids.find(message.id);
    const bits = id < 0 ? 0 : this.#bits[id]!;
    const notSent = message.status !== 'OPEN' && message.status !== 'SENT' && message.status !== 'UNKNOWN';
    if (message.status === 'SENT' && toGateway) this.#sent.note(message.id, (bits & EVER_ACCEPTED) === 0);
    if (notSent) this.#notSent.note(message.id, (bits & EARLY_ACCEPTED) !== 0);
    if (id < 0) return -1;
    this.#known[id] = 1;
    if (this.#requests[id] === 0) return -1;
    if (notSent) this.#refused.note(message.id, (bits & UNCLEAR) !== 0);
    if (bits & EARLY_ACCEPTED)
      this.#accepted.note(message.id, notSent || (message.status === 'OPEN' && !message.inHand));
    if (message.phone !== ERASED) this.#phones.note(message.id, !this.#ledger.isAlwaysTo(id, message.phone));
    this.#fences.note(message.id, this.#requests[id]! > message.fence);
    if (bits & REPEATED_UNCLEAR) this.#marks.note(message.id, !message.uncertain);
    if (!message.test) this.#noteClient(message);
    return id;
  }

  #noteClient({ mailingId, clientId }: MessageRow): void {
    const clients = this.#clients.get(mailingId);
    if (clients) clients.push(clientId);
    else this.#clients.set(mailingId, [clientId]);
  }

  /**
   * Once every message was judged.
   *
   * @param pruned first ids of the blocks whose messages were removed as old: their ids are known all the same
   */
  findings(pruned: ReadonlySet<number>): Finding[] {
    const { ids } = this.#ledger;
    for (let index = 0; index < ids.size; index += 1) {
      if (this.#requests[index] === 0) continue;
      const id = ids.id(index);
      this.#ids.note(id, this.#known[index] === 0 && !pruned.has(id - (id % MESSAGE_BLOCK)));
      this.#payloads.note(ids.id(index), this.#ledger.hasSeveralPayloads(index));
    }
    for (const clients of this.#clients.values()) {
      const sorted = Float64Array.from(clients).sort();
      for (let index = 0; index < sorted.length; index += 1) {
        if (sorted[index] === sorted[index - 1]) continue;
        this.#pairs.note(sorted[index]!, sorted[index] === sorted[index + 1]);
      }
    }
    const found = [this.#sent, this.#notSent, this.#refused, this.#accepted, this.#ids, this.#payloads, this.#phones];
    return [...found, this.#pairs, this.#fences, this.#marks].map((tally) => tally.finding);
  }
}
