import type { DatabaseClock } from './database-clock.js';
import type { Draw, DrawOptions } from './draw-permits.js';

/** A permit that is later than this is void, ms: what a stopped process did not use may not be made up for in a burst. */
const LATE_MS = 50;
/** Where permits are rare, it may be late by this part of the way to the next, ms times messages a second: no second can hold more for it. */
const LATE_SHARE = 500;
/** No stretch of permits is drawn that begins further ahead than this, ms; it is as long as this share of it. */
const HORIZON_MS = 250;
const STRETCH_SHARE = 0.8;
/** Nothing is drawn while so much of what was drawn lies ahead, ms. */
const AHEAD_MS = 100;
/** When the next permit is too far ahead, it is asked for again after this at the latest, ms: the limit may have changed. */
const LOOK_AGAIN_MS = 250;
/** So long before a mailing's permit the channel's is drawn that goes with it, ms: less than a permit's life. */
export const SOON_MS = 40;
/** After a draw that failed, ms. */
const AWAY_MS = 500;

/** What was started lately is counted in stretches of this, ms. */
const LATELY_MS = 250;

/** What a pace works with. */
export interface PaceOptions {
  draw: (options: DrawOptions) => Promise<Draw>;
  clock: DatabaseClock;
  /** One attempt's time-out, ms: what is drawn can be used long before a claimed message must have been started. */
  timeoutMs: number;
  /** The channel's, for a mailing's: a permit of the one waits for the next of the other. */
  beneath?: Pace;
  /** Called when permits have come, or the limit has changed. */
  onChange: () => void;
}

/**
 * A limit, of a mailing or of a channel, as this process keeps it: the permits that it has drawn and not used yet. A
 * permit is an instant; at it or shortly after it, one message may start. Drawn here, it is nobody else's.
 */
export class Pace {
  /** Messages that wait for it in the queue. */
  waiting = 0;
  /** Messages that are being claimed for permits that are here. */
  promised = 0;
  /** When a lane was last promised some, on the clock of `performance.now()`; 0: never. */
  admittedAt = 0;
  /** Messages started in this stretch and in the one before it. */
  #lately = { since: 0, started: 0, before: 0 };
  #limit: number | null = null;
  /** On the clock of `performance.now()`, ascending; those before `#next` are used. */
  #permits: number[] = [];
  #next = 0;
  #drawing = false;
  #drawAfter = 0;
  readonly #horizonMs: number;

  constructor(private readonly options: PaceOptions) {
    this.#horizonMs = Math.min(HORIZON_MS, options.timeoutMs / 5);
  }

  /** Messages a second; null: as many as go. */
  get limit(): number | null {
    return this.#limit;
  }

  /** When the first permit that is here can be used, on the clock of `performance.now()`; none is here: Infinity. */
  get nextAt(): number {
    return this.#limit === null ? 0 : (this.#permits[this.#next] ?? Number.POSITIVE_INFINITY);
  }

  /** Takes over what the rows say. */
  learn(limit: number | null): void {
    if (limit === this.#limit) return;
    this.#limit = limit;
    if (limit === null) this.#forget();
    this.options.onChange();
  }

  /** Permits that are here and not void. */
  held(now: number): number {
    const channelLimit = this.options.beneath?.limit;
    const waitsMs = channelLimit ? 1_000 / channelLimit + 10 : 0;
    const lateMs = Math.max(LATE_MS, LATE_SHARE / (this.#limit ?? 1), waitsMs);
    while (this.#next < this.#permits.length && this.#permits[this.#next]! < now - lateMs) this.#next += 1;
    return this.#permits.length - this.#next;
  }

  /** How many more messages may be claimed for the permits that are here. */
  room(now: number): number {
    if (this.#limit === null) return Number.POSITIVE_INFINITY;
    return this.held(now) - this.waiting - this.promised;
  }

  /** How many more messages may wait here for permits that are still to be drawn. */
  get slack(): number {
    if (this.#limit === null) return Number.POSITIVE_INFINITY;
    return Math.ceil((this.#limit * this.#horizonMs) / 1_000) - this.waiting - this.promised;
  }

  /** Permits that can be used now or soon: those of the channel beneath that go with them will not be void before. */
  dueSoon(now: number): number {
    const held = this.held(now);
    let count = 0;
    while (count < held && this.#permits[this.#next + count]! <= now + SOON_MS) count += 1;
    return count;
  }

  /** Whether a message may start now. */
  isDue(now: number): boolean {
    if (this.#limit === null) return true;
    return this.held(now) > 0 && this.#permits[this.#next]! <= now;
  }

  /** A message starts: uses the first permit; where there is no limit, none is needed. */
  take(now: number): void {
    if (this.#limit !== null) this.#next += 1;
    this.#countLately(now);
    this.#lately.started += 1;
  }

  /**
   * How many more messages may be claimed so that what waits here can be started in about half a second: a gateway that
   * takes fewer than the limit allows would only have them handed back.
   *
   * @param least as many may wait, whatever was started lately
   */
  reach(now: number, least: number): number {
    this.#countLately(now);
    const { started, before } = this.#lately;
    return Math.max(least, 2 * Math.max(started, before)) - this.waiting - this.promised;
  }

  #countLately(now: number): void {
    const { since, started } = this.#lately;
    if (now < since + LATELY_MS) return;
    this.#lately = { since: now, started: 0, before: now < since + 2 * LATELY_MS ? started : 0 };
  }

  /** Draws permits for so many messages, if it needs to and may. */
  ask(demand: number, now: number): void {
    if (this.#limit === null || this.#drawing || now < this.#drawAfter) return;
    const count = Math.min(Math.ceil(demand), 1_000_000) - this.held(now);
    if (count <= 0 || (this.#permits.at(-1) ?? 0) - now > AHEAD_MS) return;
    void this.#draw(count);
  }

  async #draw(count: number): Promise<void> {
    const { draw, clock } = this.options;
    this.#drawing = true;
    const askedAt = performance.now();
    try {
      const drawn = await draw({ count, stretchMs: this.#horizonMs * STRETCH_SHARE, horizonMs: this.#horizonMs });
      const answeredAt = performance.now();
      clock.learn(drawn.now, askedAt, answeredAt);
      this.#limit = drawn.rate;
      if (drawn.rate === null) this.#forget();
      else if (drawn.count === 0)
        this.#lookAgain(Math.min(LOOK_AGAIN_MS, Math.max(1, drawn.nextAt - drawn.now - this.#horizonMs)));
      else this.#keep(drawn, drawn.rate);
    } catch {
      // The claims say it in the log, and wait for the database as well.
      this.#lookAgain(AWAY_MS);
    } finally {
      this.#drawing = false;
    }
    this.options.onChange();
  }

  #keep({ firstAt, count }: Draw, rate: number): void {
    const first = this.options.clock.toLocal(firstAt);
    const kept = this.#permits.slice(this.#next);
    this.#permits = [...kept, ...Array.from({ length: count }, (_, n) => first + (n * 1_000) / rate)];
    this.#next = 0;
  }

  #forget(): void {
    this.#permits = [];
    this.#next = 0;
  }

  #lookAgain(afterMs: number): void {
    this.#drawAfter = performance.now() + afterMs;
    setTimeout(this.options.onChange, afterMs + 1).unref();
  }
}
