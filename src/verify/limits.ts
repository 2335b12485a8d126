import { type CheckOptions, type Finding, Tally } from './check.js';
import type { Limit, Stretch } from './history.js';
import type { Ledger } from './ledger.js';
import type { Arrivals } from './times.js';

/** A limit holds over any second. */
const SECOND = 1_000;
/** What the way to the gateway may push together. */
const most = (rate: number) => 1.1 * rate + 1;
const MUST = 'no second with more than 1.1 of the limit and one';

/**
 * No sliding second with more requests than its limit allows, for each mailing and for the gateway. Test sends count
 * against the gateway's. Of several limits that held in a second, the highest counts.
 *
 * @param options the gateway's ceiling, and when the way there was held up
 */
export function checkLimits(arrivals: Arrivals, options: Pick<CheckOptions, 'rateLimit' | 'heldUp'>): Finding[] {
  const mailings = new Tally(5, 'requests of mailings with a limit', MUST);
  const gateway = new Tally(5, 'requests while the gateway had a limit', MUST);
  const { ledger, early, requested, history } = arrivals;
  const limited = new Map([...history.limits.keys()].map((mailing): [number, number[]] => [mailing, []]));
  const { rateLimit } = options;
  const heldUp = inOrder([...options.heldUp, ...ledger.heldUp]);
  const gatewayLimits = history.gatewayLimits.map((limit) => ({ ...limit, rate: lower(limit.rate, rateLimit) }));
  const gatewayIsLimited = gatewayLimits.some(({ rate }) => rate !== null);
  const all: number[] = [];
  for (let request = 0; request < early; request += 1) {
    const id = ledger.of.at(request);
    if (requested.mailings[id] === 0) continue;
    if (gatewayIsLimited) all.push(request);
    if (requested.tests[id] === 0) limited.get(requested.mailings[id]!)?.push(request);
  }
  for (const [mailing, requests] of limited)
    judge(mailings, { limits: history.limits.get(mailing)!, heldUp }, ledger, requests);
  judge(gateway, { limits: gatewayLimits, heldUp }, ledger, all);
  return [mailings.finding, gateway.finding];
}

/** Those that touch become one. */
function inOrder(stretches: readonly Stretch[]): Stretch[] {
  const merged: Stretch[] = [];
  for (const { since, until } of stretches.toSorted((a, b) => a.since - b.since)) {
    const last = merged.at(-1);
    if (last !== undefined && since <= last.until) last.until = Math.max(last.until, until);
    else merged.push({ since, until });
  }
  return merged;
}

function lower(rate: number | null, ceiling: number | null): number | null {
  return rate === null ? ceiling : Math.min(rate, ceiling ?? rate);
}

function judge(
  tally: Tally,
  { limits, heldUp }: { limits: readonly Limit[]; heldUp: readonly Stretch[] },
  { ids, of, arrival }: Ledger,
  requests: number[],
): void {
  requests.sort((a, b) => arrival.at(a) - arrival.at(b));
  let first = 0;
  let held = 0;
  for (const [index, request] of requests.entries()) {
    const now = arrival.at(request);
    while (now - arrival.at(requests[first]!) >= SECOND) first += 1;
    while (held < heldUp.length && heldUp[held]!.until <= now - SECOND) held += 1;
    if (held < heldUp.length && heldUp[held]!.since <= now) continue;
    const rate = highest(limits, now - SECOND, now);
    if (rate !== null) tally.note(ids.id(of.at(request)), index - first + 1 > most(rate));
  }
}

/** @returns the highest limit that held at some moment of a stretch; null: at some moment there was none */
function highest(limits: readonly Limit[], since: number, until: number): number | null {
  let rate = 0;
  for (const limit of limits) {
    if (limit.until <= since || limit.since > until) continue;
    if (limit.rate === null) return null;
    rate = Math.max(rate, limit.rate);
  }
  return rate;
}
