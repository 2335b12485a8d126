/** Messages a second between the slider's ends; what is above has to be typed. */
const MOST_SLID = 10_000;
/** Steps of the slider for each power of ten. */
const STEPS = 30;

/** The last place of the slider: no limit. */
export const NO_LIMIT = STEPS * Math.log10(MOST_SLID) + 14;
/** The largest limit that the server takes, messages a second. */
export const MOST = 1_000_000;

/** The slider's place of a limit. Each step is the same share more: from 10 to 12 as from 1,000 to 1,200. */
export function placeOf(limit: number | null): number {
  if (limit === null) return NO_LIMIT;
  return Math.round(STEPS * Math.log10(Math.min(limit, MOST_SLID)));
}

/** The limit at a place of the slider, to two significant digits: 1, 2, … 9.5 is nobody's wish. */
export function limitAt(place: number): number | null {
  if (place > STEPS * Math.log10(MOST_SLID)) return null;
  const exact = 10 ** (place / STEPS);
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(exact)) - 1);
  return Math.round(exact / digit) * digit;
}

/** What the slider shows under itself. */
export const MARKS = [1, 10, 100, 1_000, 10_000].map((limit) => ({ value: placeOf(limit), limit }));

/** What is known of how fast a mailing goes. */
export interface Pace {
  /** Messages without a final status. */
  open: number;
  /** Messages a second by the last seconds; 0: nothing went. */
  measured: number;
  /** Of its channel, messages a second; null: none. */
  channelLimit: number | null;
  /** Its limit now; null: none. */
  limit: number | null;
  /** ms */
  endsAt: number;
  now: number;
}

/** What a limit would do to what is left. */
export interface RateEffect {
  /** Messages a second that will go at the most; null: nobody can tell. */
  rate: number | null;
  /** ms until all is gone, if the clients' hours allow it; null: nobody can tell. */
  takes: number | null;
  /** How many are not sent before the end. */
  late: number;
  /** The channel's own limit is lower, and holds. */
  isHeldByChannel: boolean;
}

/**
 * With a lower limit than what was measured the limit tells; with a higher one only where nothing but the limit held it back:
 * then the measure is of the limit, not of the gateway.
 */
export function effectOf(
  wanted: number | null,
  { open, measured, channelLimit, limit, endsAt, now }: Pace,
): RateEffect {
  const isHeldByChannel = channelLimit !== null && (wanted === null || wanted > channelLimit);
  const cap = isHeldByChannel ? channelLimit : wanted;
  const inForce = least(limit, channelLimit);
  // As fast as it could while it was limited, within what a measure of ten seconds tells.
  const wasLimited = inForce !== null && measured >= inForce * 0.9;
  const able = measured > 0 && !wasLimited ? measured : null;
  const rate = least(cap, able);
  if (rate === null) return { rate, takes: null, late: 0, isHeldByChannel };
  const left = Math.max(0, endsAt - now) / 1_000;
  return {
    rate,
    takes: (open / rate) * 1_000,
    late: Math.max(0, Math.floor(open - left * rate)),
    isHeldByChannel,
  };
}

function least(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
