import { between, pick, pickByWeight, type Random } from '../src/testing/seeded.js';
import { CLIENTS, CODES, ZONES } from './clients.js';

/** A mailing to be made, and how many messages it is likely to have. */
export interface Campaign {
  input: Record<string, unknown>;
  messages: number;
}

/** When a run ends, and what fits into it; moments of `Date.now()`. */
export interface Times {
  /** The last fault is over. */
  calmAt: number;
  /** The last mailing has ended. */
  endsAt: number;
}

const SIZES = [
  { weight: 1, filter: () => ({}), share: () => 1 },
  {
    weight: 4,
    filter: (random: Random) => ({ operatorCodes: CODES.slice(0, between(random, 1, 5)) }),
    share: ({ operatorCodes = [] }: { operatorCodes?: readonly string[] }) => operatorCodes.length / CODES.length,
  },
  { weight: 3, filter: () => ({ tagsAny: ['vip'] }), share: () => 1 / 40 },
  { weight: 2, filter: (random: Random) => ({ timeZones: [pick(random, ZONES)] }), share: () => 1 / ZONES.length },
] as const;

/** A mailing of any sort: big or small, now or soon, with or without hours, limit, last try and end in mid-way. */
export function drawCampaign(random: Random, number: number, times: Times): Campaign {
  const size = pickByWeight(random, SIZES);
  const filter = size.filter(random);
  const now = Date.now();
  const startsAt = random() < 0.6 ? now : now + between(random, 1_000, 15_000);
  const hours = random() < 0.25 ? drawHours(random, startsAt) : {};
  const endsAt = random() < 0.3 ? startsAt + between(random, 5_000, 40_000) : times.endsAt - between(random, 0, 5_000);
  const messages = CLIENTS * size.share(filter);
  // A tight limit has a big mailing run into its end, a wide one is felt now and then.
  const rateLimit = random() < 0.15 ? pick(random, [50, 300, 1_000]) : null;
  return {
    messages: messages * ('allowedFrom' in hours ? 1 / ZONES.length : 1),
    input: {
      name: `Chaos ${number}`,
      text: `Hello, {{ name }}! This is number ${number}.`,
      filter,
      ...(startsAt > now && { startsAt: new Date(startsAt).toISOString() }),
      endsAt: new Date(Math.min(endsAt, times.endsAt)).toISOString(),
      ...hours,
      ...(random() < 0.1 && { maxAttempts: between(random, 1, 3) }),
      ...(random() < 0.15 && { unknownOutcome: 'NEVER_AGAIN' }),
      ...(rateLimit && { rateLimit }),
    },
  };
}

/** Hours that open or close while the run lasts, by the clock of one of the zones. */
export function drawHours(random: Random, startsAt: number) {
  const zone = pick(random, ZONES);
  const from = startsAt + between(random, -60_000, 8_000);
  return {
    allowedFrom: localTime(from, zone),
    allowedTo: localTime(Math.max(from, startsAt) + between(random, 10_000, 60_000), zone),
  };
}

function localTime(moment: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium' }).format(moment);
}
