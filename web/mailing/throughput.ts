import type { ProgressCountsFragment } from '../generated/graphql.js';

/** ms; each point covers so much. */
export const STEP = 5_000;
/** px: how high the picture is. */
export const CHART_HEIGHT = 200;
/** Minutes that are shown. */
export const MINUTES = 10;

/** What became of messages in the step that begins at `at`. */
export interface ThroughputPoint {
  at: string;
  sent: number;
  other: number;
}

/** A curve for each of the two, messages a second at each moment, the oldest first. */
export interface Curves {
  /** Seconds since 1970: where the steps begin. */
  times: number[];
  sent: number[];
  other: number[];
}

type Counts = Pick<ProgressCountsFragment, 'sent' | 'failed' | 'expired' | 'cancelled' | 'unknown' | 'version'>;
type Sums = Pick<ThroughputPoint, 'sent' | 'other'>;

/** How many messages a second got a final status in the last minutes: what the server remembers, carried on by each event of progress. */
export class Throughput {
  #steps = new Map<number, Sums>();
  #last: (Sums & { version: number }) | null = null;

  /**
   * The server knows better what there was.
   *
   * @param counts as they were when it told: what is followed from now on is counted from there
   */
  begin(history: readonly ThroughputPoint[], counts: Counts): void {
    this.#steps = new Map();
    for (const { at, sent, other } of history) this.#add(stepOf(Date.parse(at)), { sent, other });
    this.#last = sumsOf(counts);
  }

  /** @param now ms: when the progress was told */
  follow(counts: Counts, now: number): void {
    const sums = sumsOf(counts);
    const last = this.#last;
    // What is told twice, or by a slower way, is known already.
    if (last !== null && sums.version <= last.version) return;
    this.#last = sums;
    if (last === null) return;
    // Fewer than before: some are tried again.
    const grown = { sent: Math.max(0, sums.sent - last.sent), other: Math.max(0, sums.other - last.other) };
    if (grown.sent + grown.other > 0) this.#add(stepOf(now), grown);
    for (const at of this.#steps.keys()) if (at < now - (MINUTES + 1) * 60_000) this.#steps.delete(at);
  }

  /** The step under way counts by what of it is over, once that is a second. */
  curves(now: number): Curves {
    const curves: Curves = { times: [], sent: [], other: [] };
    const current = stepOf(now);
    for (let at = stepOf(now - MINUTES * 60_000); at <= current; at += STEP) {
      const seconds = at === current ? (now - at) / 1_000 : STEP / 1_000;
      if (seconds < 1) break;
      const { sent, other } = this.#steps.get(at) ?? { sent: 0, other: 0 };
      curves.times.push(at / 1_000);
      curves.sent.push(sent / seconds);
      curves.other.push(other / seconds);
    }
    return curves;
  }

  #add(at: number, { sent, other }: Sums): void {
    const sums = this.#steps.get(at) ?? { sent: 0, other: 0 };
    this.#steps.set(at, { sent: sums.sent + sent, other: sums.other + other });
  }
}

function sumsOf({ sent, failed, expired, cancelled, unknown, version }: Counts): Sums & { version: number } {
  return { sent, other: failed + expired + cancelled + unknown, version: Number(version) };
}

function stepOf(at: number): number {
  return Math.floor(at / STEP) * STEP;
}

/** What the curves say, for those who don't see them. */
export interface Summary {
  /** Messages in the time shown. */
  sent: number;
  other: number;
  /** The step with the most, messages a second, and when it began, ms; null: nothing at all. */
  most: { perSecond: number; at: number } | null;
}

export function summaryOf({ times, sent, other }: Curves, now: number): Summary {
  const summary: Summary = { sent: 0, other: 0, most: null };
  for (const [place, time] of times.entries()) {
    const seconds = Math.min(STEP / 1_000, now / 1_000 - time);
    const perSecond = sent[place]! + other[place]!;
    summary.sent += sent[place]! * seconds;
    summary.other += other[place]! * seconds;
    if (perSecond > (summary.most?.perSecond ?? 0)) summary.most = { perSecond, at: time * 1_000 };
  }
  return { ...summary, sent: Math.round(summary.sent), other: Math.round(summary.other) };
}
