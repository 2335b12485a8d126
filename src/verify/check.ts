import type { Stretch } from './history.js';

/** What one check found, whether it holds or not. */
export interface Finding {
  /** The invariant of the promise it belongs to: see docs/verify.md. */
  invariant: 1 | 2 | 3 | 4 | 5;
  /** What was counted: `SENT messages`. */
  subject: string;
  /** What must hold for each: `each accepted by the gateway`. */
  must: string;
  counted: number;
  /** Those for which it does not hold. */
  broken: number;
  /** Ids of the first few of them: of messages, unless `subject` speaks of something else. */
  examples: string[];
}

/** What a check is about, in words. */
type Claim = Pick<Finding, 'invariant' | 'subject' | 'must'>;

/** What the settings say, and the database does not. */
export interface CheckOptions {
  /** A channel's time-out, ms: what a pause, a cancel, an opt-out or an edit leaves to what is under way. */
  timeoutMs: number;
  /** Messages a second that the gateway never gets more of, whatever its limit is at a moment; null: no such ceiling. */
  rateLimit: number | null;
  /**
   * Stretches in which the way to the gateway was held up on purpose: what was sent evenly arrives in a bunch, so that no
   * limit can be judged by it.
   */
  heldUp: readonly Stretch[];
}

/** Ids shown of what is broken. */
export const EXAMPLES = 5;

/** Counts what a claim is about, and those for which it does not hold, one by one. */
export class Tally {
  readonly #claim: Claim;
  #counted = 0;
  #broken = 0;
  readonly #examples: string[] = [];

  constructor(invariant: Claim['invariant'], subject: string, must: string) {
    this.#claim = { invariant, subject, must };
  }

  /** @param alike how many it is, when one stands for several */
  note(id: number, wrong: boolean, alike = 1): void {
    this.#counted += alike;
    if (!wrong) return;
    this.#broken += alike;
    if (this.#examples.length < EXAMPLES) this.#examples.push(String(id));
  }

  get finding(): Finding {
    return { ...this.#claim, counted: this.#counted, broken: this.#broken, examples: this.#examples };
  }
}
