import { CircuitState, circuitBreaker, DelegateBackoff, handleWhenResult, type IBreaker } from 'cockatiel';
import type { Fault } from '../channel/answer-rules.js';
import type { Outcome } from '../channel/channel.js';
import { openMs } from './backoff.js';

/** So many definite faults in a row open it. */
const DEFINITE = 3;
/** So many faults of any kind in a row open it. */
const SOFT = 20;
/** While a probe is under way, lanes look again after this, ms. */
const LOOK_AGAIN_MS = 1_000;

/** What a circuit tells of itself. */
export interface CircuitEvents {
  /** It is open, or stays open after a probe that failed; `probeInMs` until the next one. */
  opened(reason: string, probeInMs: number): void;
  /** One message is on its way to find out. */
  probing(): void;
  closed(): void;
}

/** Faults since the last sign of life. */
class FaultsInRow implements IBreaker {
  state: unknown = null;
  #definite = 0;
  #all = 0;

  add(fault: Fault): void {
    if (fault === 'definite') this.#definite += 1;
    this.#all += 1;
  }

  success(): void {
    this.#definite = 0;
    this.#all = 0;
  }

  failure(): boolean {
    return this.#definite >= DEFINITE || this.#all >= SOFT;
  }
}

/**
 * Whether a channel is worth asking, as this process sees it: closed (it is), open (it is not, until a probe is due),
 * half-open (a probe is under way). cockatiel keeps the states, and is told of faults and probes only. Its own clock is the
 * wall clock, which may be set back; so when the probe is due is reckoned here, on the monotonic one.
 */
export class Circuit {
  readonly #faults = new FaultsInRow();
  readonly #policy = circuitBreaker(
    handleWhenResult((fault) => fault !== 'none'),
    {
      breaker: this.#faults,
      halfOpenAfter: new DelegateBackoff(({ attempt }) => {
        this.#probeInMs = openMs(attempt);
        return Number.NEGATIVE_INFINITY;
      }),
    },
  );
  #probeInMs = 0;
  #probeAt = 0;
  #isProbing = false;
  /** The last sign of life: an attempt that began before it says nothing. */
  #aliveAt = Number.NEGATIVE_INFINITY;

  /** What the last fault came to. */
  #reason = '';

  constructor(private readonly events: CircuitEvents) {
    this.#policy.onBreak(() => {
      this.#probeAt = performance.now() + this.#probeInMs;
      events.opened(this.#reason, this.#probeInMs);
    });
    this.#policy.onReset(() => events.closed());
  }

  get isClosed(): boolean {
    return this.#policy.state === CircuitState.Closed;
  }

  /** How long nothing may be claimed, ms; 0: claim, one message if it is not closed, after beginProbe(). */
  waitMs(): number {
    if (this.isClosed) return 0;
    return this.#isProbing ? LOOK_AGAIN_MS : Math.max(0, this.#probeAt - performance.now());
  }

  /** Whoever calls it is the only one who may claim, one message, until endProbe(). */
  beginProbe(): void {
    this.#isProbing = true;
  }

  /** The message of the probe is about to be sent. */
  sendsProbe(): void {
    this.events.probing();
  }

  endProbe(): void {
    this.#isProbing = false;
  }

  /**
   * Hears what an attempt came to.
   *
   * @param startedAt on the clock of `performance.now()`
   * @returns what to wait for before the state is looked at; nothing where it can't have changed
   */
  hear(outcome: Outcome, startedAt: number, isProbe: boolean): Promise<void> | undefined {
    if (outcome.kind === 'unstarted') return undefined;
    const fault = 'fault' in outcome ? outcome.fault : 'none';
    // What was under way when it opened says no more than is known.
    if (!isProbe && (!this.isClosed || (fault !== 'none' && startedAt < this.#aliveAt))) return undefined;
    if (fault === 'none') {
      this.#aliveAt = performance.now();
      this.#faults.success();
      if (!isProbe) return undefined;
    } else this.#faults.add(fault);
    if ('reason' in outcome) this.#reason = outcome.reason;
    return this.#policy.execute(() => fault).then(() => {});
  }
}
