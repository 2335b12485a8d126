import { type Finding, Tally } from './check.js';
import type { History, Plan, Stretch } from './history.js';
import type { Ledger } from './ledger.js';
import type { LocalTimes } from './local-times.js';
import type { MessageRow } from './messages.js';

/** Messages of requested ids, in columns by the id's number; a mailing of 0: the id is that of no message. */
export class Requested {
  readonly mailings: Float64Array;
  readonly clients: Float64Array;
  readonly tests: Uint8Array;
  /** Numbers into `zoneNames`. */
  readonly zones: Uint16Array;
  readonly zoneNames: string[] = [];
  readonly #zoneNumbers = new Map<string, number>();

  constructor(ids: number) {
    this.mailings = new Float64Array(ids);
    this.clients = new Float64Array(ids);
    this.tests = new Uint8Array(ids);
    this.zones = new Uint16Array(ids);
  }

  note(id: number, message: MessageRow): void {
    this.mailings[id] = message.mailingId;
    this.clients[id] = message.clientId;
    this.tests[id] = message.test ? 1 : 0;
    let zone = this.#zoneNumbers.get(message.timeZone);
    if (zone === undefined) {
      zone = this.zoneNames.push(message.timeZone) - 1;
      this.#zoneNumbers.set(message.timeZone, zone);
    }
    this.zones[id] = zone;
  }
}

/** What the times of requests are held against. */
export interface Arrivals {
  ledger: Ledger;
  /** Only the first so many requests are judged: they were there before the database was looked at. */
  early: number;
  requested: Requested;
  history: History;
}

/** No request at a time at which there must be none, by the history that the database keeps. */
export function checkTimes(arrivals: Arrivals, local: LocalTimes): Finding[] {
  const { ledger, requested, history } = arrivals;
  const tallies = timeTallies();
  for (let request = 0; request < arrivals.early; request += 1) {
    const id = ledger.of.at(request);
    const mailing = requested.mailings[id]!;
    if (mailing === 0) continue;
    const at = ledger.arrival.at(request);
    const name = ledger.ids.id(id);
    if (history.stops.length > 0) tallies.stopped.note(name, isIn(history.stops, at));
    const refusals = history.refusals.get(requested.clients[id]!);
    if (refusals) tallies.refused.note(name, isIn(refusals, at));
    // Test sends go when somebody presses the button.
    if (requested.tests[id] === 1) continue;
    const pauses = history.pauses.get(mailing);
    if (pauses) tallies.paused.note(name, isIn(pauses, at));
    const plans = history.plans.get(mailing);
    if (plans) notePlans(tallies, name, at, plans, () => local.at(requested.zones[id]!, at));
  }
  return Object.values(tallies).map((tally) => tally.finding);
}

function timeTallies() {
  const mailings = 'requests of mailings';
  const afterwards = 'none later than one time-out after it';
  return {
    before: new Tally(5, 'requests', 'none before the start'),
    after: new Tally(5, 'requests', 'none at or after the end'),
    outside: new Tally(5, `${mailings} with allowed hours`, "each inside them by its client's clock"),
    paused: new Tally(5, `${mailings} that were paused or cancelled`, afterwards),
    refused: new Tally(5, 'requests to clients that opted out or were deleted', afterwards),
    stopped: new Tally(5, 'requests while all sending was stopped at times', afterwards),
  };
}

function isIn(stretches: readonly Stretch[], at: number): boolean {
  return stretches.some(({ since, until }) => at > since && at < until);
}

/** An arrival is wrong when no plan that held at that moment allows it. */
function notePlans(
  tallies: ReturnType<typeof timeTallies>,
  name: number,
  at: number,
  plans: readonly Plan[],
  localTime: () => number | null,
): void {
  let started = false;
  let ended = true;
  let bounded = false;
  let inside = false;
  // Of a zone that PostgreSQL has lost since, nobody can say any more what its clocks showed.
  const local = plans.some((plan) => plan.bounded) ? localTime() : null;
  for (const plan of plans) {
    if (at < plan.since || at >= plan.until) continue;
    started ||= at >= plan.startsAt;
    ended &&= at >= plan.endsAt;
    bounded ||= plan.bounded;
    if (!plan.bounded) inside = true;
    else if (local !== null) inside ||= isInWindow(plan, local);
  }
  tallies.before.note(name, !started);
  tallies.after.note(name, ended);
  if (bounded && (inside || local !== null)) tallies.outside.note(name, !inside);
}

const DAY = 86_400;

/**
 * The small hours of a window over midnight belong to the day before.
 *
 * @param local what the client's clock shows, as seconds since 1970 began on it: a Thursday
 */
function isInWindow({ opens, closes, days }: Plan, local: number): boolean {
  const time = local % DAY;
  const day = (Math.floor(local / DAY) + 3) % 7;
  const allowed = (isoDay: number) => days === null || days.includes(isoDay);
  const today = allowed(day + 1);
  if (opens < closes) return time >= opens && time < closes && today;
  return (time >= opens && today) || (time < closes && allowed(((day + 6) % 7) + 1));
}
