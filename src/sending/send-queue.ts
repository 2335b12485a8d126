import { type Pace, SOON_MS } from './pace.js';

/** How a batch is to be sent. */
export interface RunOptions<T> {
  /** On the clock of `performance.now()`: what has not started by then is handed back. */
  startBy: number;
  /** Aborted: what has not started is handed back. */
  signal: AbortSignal;
  /** The limit of its mailing. */
  pace: Pace;
  /** Must not throw. */
  start: (item: T) => Promise<void>;
}

/** A batch's way through the queue. */
interface Batch<T> extends RunOptions<T> {
  items: readonly T[];
  /** Index of the next item to start. */
  next: number;
  underWay: number;
  settle: () => void;
}

/** A lane that wants to claim under a limit. */
interface Claimant {
  pace: Pace;
  want: number;
  until: number;
  signal: AbortSignal;
  resolve: (count: number) => void;
}

/** Starting requests (rendering their texts above all) takes no longer than this before everything else has a turn, ms. */
const SLICE_MS = 10;

/**
 * One channel's requests in flight, in one process. Mailings take turns request by request, so a small mailing behind a
 * huge one starts at once instead of waiting for it; under a limit, each start uses a permit of the mailing's and one of
 * the channel's.
 */
export class SendQueue {
  readonly #rotation: Batch<unknown>[] = [];
  #claimants: Claimant[] = [];
  #turn = 0;
  #inFlight = 0;
  /** Requests under way at once, for now: fewer after ease(). */
  #window: number;
  /** On the clock of `performance.now()`; null: no slice has begun. */
  #sliceEnds: number | null = null;
  #alarm: { at: number; timer: NodeJS.Timeout } | undefined;

  /**
   * @param concurrency requests under way at once
   * @param pace the channel's limit
   */
  constructor(
    private readonly concurrency: number,
    private readonly pace: Pace,
  ) {
    this.#window = concurrency;
  }

  /** Requests under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Starts each item as soon as there is room and a permit, until `startBy` or until the signal says stop; ends when all
   * that was started has ended.
   *
   * @returns the items that were not started
   */
  async run<T>(items: readonly T[], options: RunOptions<T>): Promise<readonly T[]> {
    if (items.length === 0) return [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const batch: Batch<T> = { ...options, items, next: 0, underWay: 0, settle: resolve };
    const { signal } = options;
    const pump = () => this.pump();
    signal.addEventListener('abort', pump);
    this.#rotation.push(batch as Batch<unknown>);
    this.#count(batch, items.length);
    this.pump();
    await promise;
    signal.removeEventListener('abort', pump);
    return items.slice(batch.next);
  }

  /**
   * Under a limit nothing is claimed before there are permits for it: waits for some, and promises them to the caller,
   * until fulfil(). Everybody who waits gets a share, and who had one longest ago
   * comes first, so that no mailing waits for another's.
   *
   * @param want messages at the most
   * @param until on the clock of `performance.now()`
   * @returns how many to claim; 0: the time is up, or the signal says stop
   */
  async admit(pace: Pace, want: number, until: number, signal: AbortSignal): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#claimants.push({ pace, want, until, signal, resolve });
    const pump = () => this.pump();
    signal.addEventListener('abort', pump);
    this.pump();
    const count = await promise;
    signal.removeEventListener('abort', pump);
    return count;
  }

  /** What admit() promised is claimed and waits here, or there was nothing to claim: then others can have the permits. */
  fulfil(pace: Pace, count: number): void {
    pace.promised -= count;
    this.pace.promised -= count;
    this.pump();
  }

  /** Hands everything back that has not started, and sends claimants away. */
  clear(): void {
    for (const batch of [...this.#rotation]) this.#leave(batch);
    for (const { resolve } of this.#claimants.splice(0)) resolve(0);
  }

  /** Begins anew with one request at a time, and one more with each that ends. */
  ease(): void {
    this.#window = 1;
  }

  /** Does what can be done now. Called whenever something has changed. */
  pump(): void {
    const now = performance.now();
    for (const batch of this.#rotation.filter((b) => b.signal.aborted || b.startBy <= now)) this.#leave(batch);
    while (this.#inFlight < this.#window && this.#rotation.length > 0) {
      const moment = performance.now();
      const turn = this.#nextTurn(moment);
      if (turn === undefined || !this.#hasTime(moment)) break;
      this.#turn = turn;
      const batch = this.#rotation[turn]!;
      const item = batch.items[batch.next++];
      this.#count(batch, -1);
      batch.pace.take(moment);
      this.pace.take(moment);
      if (batch.next === batch.items.length) this.#leave(batch);
      this.#start(batch, item);
    }
    if (this.#claimants.length > 0 || this.pace.limit !== null || this.#rotation.some((b) => b.pace.limit !== null)) {
      this.#keepPace(performance.now());
    }
  }

  /**
   * Index of the next batch in turn, of those that have a permit. Mailings take turns, and all test sends are one; of one mailing the
   * batch that came first goes first, so that its lane records it and claims the next while the other's is sent, rather than both
   * ending at once.
   */
  #nextTurn(now: number): number | undefined {
    if (!this.pace.isDue(now)) return undefined;
    const { length } = this.#rotation;
    for (let step = 1; step <= length; step += 1) {
      const turn = (this.#turn + step) % length;
      const { pace } = this.#rotation[turn]!;
      if (pace.isDue(now) && this.#rotation.findIndex((batch) => batch.pace === pace) === turn) return turn;
    }
    return undefined;
  }

  /** Has claimants admitted, permits drawn, and looks again when the next of them can be used. */
  #keepPace(now: number): void {
    this.#admit(now);
    const hasRoom = this.#inFlight < this.#window;
    if (hasRoom) this.#draw(now);
    let at = Number.POSITIVE_INFINITY;
    for (const { pace, startBy } of this.#rotation) {
      at = Math.min(at, startBy);
      if (hasRoom) at = Math.min(at, this.#wakesAt(pace, now));
    }
    for (const { until } of this.#claimants) at = Math.min(at, until);
    this.#wakeAt(Math.max(at, now));
  }

  #admit(now: number): void {
    // By their last turn, not by when they came: where permits are rarer than a lane's turns, that would favour one of them.
    this.#claimants.sort((a, b) => a.pace.admittedAt - b.pace.admittedAt);
    let others = this.#claimants.length;
    this.#claimants = this.#claimants.filter(({ pace, want, until, signal, resolve }) => {
      const permits = this.#leads(pace) ? Math.min(pace.room(now), this.pace.slack) : this.pace.room(now);
      const room = Math.min(permits, pace.reach(now, this.#window));
      const share = Math.ceil(room / others--);
      if (room < 1 && until > now && !signal.aborted) return true;
      const count = room < 1 ? 0 : Math.min(want, share);
      if (count > 0) pace.admittedAt = now;
      pace.promised += count;
      this.pace.promised += count;
      resolve(count);
      return false;
    });
  }

  /**
   * Where the mailing's limit is the lower one, what is claimed and which of the channel's permits are drawn follows its
   * permits: drawn sooner, or without one, the channel's would be void before they can be used, and missed elsewhere.
   */
  #leads({ limit }: Pace): boolean {
    return limit !== null && limit <= (this.pace.limit ?? Number.POSITIVE_INFINITY);
  }

  #draw(now: number): void {
    const demands = new Map<Pace, number>();
    for (const { pace } of this.#rotation) demands.set(pace, pace.waiting + pace.promised);
    for (const { pace, want } of this.#claimants) {
      demands.set(pace, (demands.get(pace) ?? pace.waiting + pace.promised) + want);
    }
    let demand = 0;
    for (const [pace, wanted] of demands) {
      pace.ask(wanted, now);
      demand += this.#leads(pace) ? Math.min(wanted, pace.dueSoon(now)) : wanted;
    }
    this.pace.ask(demand, now);
  }

  /** When the next message of that mailing can start, or its permit is so near that one of the channel's is drawn. */
  #wakesAt(pace: Pace, now: number): number {
    const { nextAt } = this.pace;
    if (nextAt !== Number.POSITIVE_INFINITY) return Math.max(pace.nextAt, nextAt);
    const soon = pace.nextAt - SOON_MS;
    return soon > now ? soon : Number.POSITIVE_INFINITY;
  }

  #wakeAt(at: number): void {
    if (this.#alarm !== undefined) {
      if (this.#alarm.at <= at) return;
      clearTimeout(this.#alarm.timer);
      this.#alarm = undefined;
    }
    if (at === Number.POSITIVE_INFINITY) return;
    const ring = () => {
      this.#alarm = undefined;
      this.pump();
    };
    this.#alarm = { at, timer: setTimeout(ring, Math.max(1, Math.ceil(at - performance.now()))) };
  }

  /** False once a slice is used up; the pump goes on in the next turn of the event loop. */
  #hasTime(now: number): boolean {
    if (this.#sliceEnds === null) {
      this.#sliceEnds = now + SLICE_MS;
      setImmediate(() => {
        this.#sliceEnds = null;
        this.pump();
      });
    }
    return now < this.#sliceEnds;
  }

  #start(batch: Batch<unknown>, item: unknown): void {
    this.#inFlight += 1;
    batch.underWay += 1;
    void batch.start(item).then(() => {
      this.#inFlight -= 1;
      batch.underWay -= 1;
      if (this.#window < this.concurrency) this.#window += 1;
      if (batch.underWay === 0 && !this.#rotation.includes(batch)) batch.settle();
      this.pump();
    });
  }

  #leave(batch: Batch<unknown>): void {
    this.#rotation.splice(this.#rotation.indexOf(batch), 1);
    this.#count(batch, batch.next - batch.items.length);
    if (batch.underWay === 0 && (batch.next < batch.items.length || batch.items.length === 0)) batch.settle();
  }

  #count({ pace }: { pace: Pace }, more: number): void {
    pace.waiting += more;
    this.pace.waiting += more;
  }
}
