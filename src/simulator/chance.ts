import type { Behaviour, Latency, Outcome } from './behaviour.js';

/** Which draw it is, so that latency and outcome of one request are independent. */
const SALT = { outcome: 0x51ed270b, latency: 0x2545f491, angle: 0x3c6ef372 } as const;

/** Standard deviations between the median and the 99th percentile of a normal distribution. */
const Z99 = 2.3263;

/**
 * Luck that repeats: each draw depends on seed, message id and the how-manieth request of that id, not on the order in
 * which requests of different ids happen to arrive.
 */
export class Chance {
  readonly #seed: number;
  readonly #latency: Latency;
  readonly #outcomes: { outcome: Outcome; upTo: number }[];

  constructor(behaviour: Behaviour) {
    this.#seed = behaviour.seed;
    this.#latency = behaviour.latency;
    const sum = behaviour.outcomes.reduce((total, { weight }) => total + weight, 0);
    let upTo = 0;
    this.#outcomes = behaviour.outcomes.map((outcome) => {
      upTo += outcome.weight / sum;
      return { outcome, upTo };
    });
  }

  /** @param nth 1 for the first request of the id */
  outcome(id: number, nth: number): Outcome {
    const last = this.#outcomes[this.#outcomes.length - 1]!;
    if (this.#outcomes.length === 1) return last.outcome;
    const x = draw(this.#seed, id, nth, SALT.outcome);
    return (this.#outcomes.find(({ upTo }) => x < upTo) ?? last).outcome;
  }

  /** @returns ms from arrival to answer */
  latency(id: number, nth: number): number {
    const latency = this.#latency;
    if (latency.maxMs === 0) return 0;
    const x = draw(this.#seed, id, nth, SALT.latency);
    if ('minMs' in latency) return latency.minMs + x * (latency.maxMs - latency.minMs);
    // Box–Muller: a normal deviate out of two uniform ones.
    const normal = Math.sqrt(-2 * Math.log(1 - x)) * Math.cos(2 * Math.PI * draw(this.#seed, id, nth, SALT.angle));
    const sigma = Math.log(latency.p99Ms / latency.medianMs) / Z99;
    return Math.min(latency.maxMs, latency.medianMs * Math.exp(sigma * normal));
  }
}

/** A number from 0 (inclusive) to 1 (exclusive), by the mixing steps of MurmurHash3. */
function draw(seed: number, id: number, nth: number, salt: number): number {
  let h = salt ^ Math.trunc(seed);
  for (const word of [id >>> 0, Math.floor(id / 4_294_967_296), nth]) {
    let k = Math.imul(word, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4_294_967_296;
}
