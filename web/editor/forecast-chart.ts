import { isKnownZone, localOf, momentOf } from './zoned-time.js';

/** A stretch of time, ms since the epoch. */
export interface Span {
  from: number;
  to: number;
}

/** The hours in which a client may be reached, by its own clock. */
export interface Hours {
  /** `HH:MM`; null: the whole day. */
  allowedFrom: string | null;
  allowedTo: string | null;
  /** 1 (Monday) to 7; null: every day. */
  weekdays: readonly number[] | null;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A picture of more days would show nothing but stripes. */
const MOST_DAYS = 62;

/**
 * What time the picture shows: from the start to the end, and on to where those are reached who would be too late, so that one
 * sees by how much; never more than twice as long.
 *
 * @param opensAt of the zones in which somebody expires
 */
export function shownSpan(start: number, end: number, opensAt: readonly number[]): Span {
  const last = Math.max(end, ...opensAt.map((moment) => moment + HOUR));
  const most = Math.min(2 * end - start, end + 7 * DAY, start + MOST_DAYS * DAY);
  return { from: start, to: Math.max(Math.min(last, most), start + HOUR) };
}

/** When the window is open somewhere, within what is shown. None where the browser does not know the zone. */
export function openSpans(timeZone: string, hours: Hours, shown: Span): Span[] {
  if (!isKnownZone(timeZone)) return [];
  const spans: Span[] = [];
  const firstDay = Date.parse(localOf(shown.from - DAY, timeZone).slice(0, 10));
  const lastDay = Date.parse(localOf(shown.to, timeZone).slice(0, 10));
  for (let day = firstDay; day <= lastDay; day += DAY) {
    if (hours.weekdays !== null && !hours.weekdays.includes(weekdayOf(day))) continue;
    const span = clip(windowOf(day, timeZone, hours), shown);
    const before = spans.at(-1);
    if (span === null) continue;
    if (before && before.to >= span.from) before.to = span.to;
    else spans.push(span);
  }
  return spans;
}

function windowOf(day: number, timeZone: string, { allowedFrom, allowedTo }: Hours): Span {
  const [opens, closes] = [allowedFrom ?? '00:00', allowedTo ?? '00:00'];
  const lastDay = closes <= opens ? day + DAY : day;
  return {
    from: momentOf(`${dateOf(day)}T${opens}`, timeZone) ?? 0,
    to: momentOf(`${dateOf(lastDay)}T${closes}`, timeZone) ?? 0,
  };
}

function dateOf(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

function weekdayOf(day: number): number {
  return new Date(day).getUTCDay() || 7;
}

function clip({ from, to }: Span, shown: Span): Span | null {
  const span = { from: Math.max(from, shown.from), to: Math.min(to, shown.to) };
  return span.from < span.to ? span : null;
}

/** Where a moment is in the picture, in percent from its left. */
export function placeOf(moment: number, shown: Span): number {
  const share = (moment - shown.from) / (shown.to - shown.from);
  return Math.min(100, Math.max(0, share * 100));
}

/** A line through the picture: a full hour of the reader's clock. */
export interface Tick {
  at: number;
  /** The first of its day. */
  midnight: boolean;
}

/** Between ticks, hours. */
const STEPS = [1, 2, 3, 6, 12, 24, 48, 168];
/** Labels beside each other. */
const MOST_TICKS = 9;

/** Full hours by a zone's clock, few enough to be read. */
export function ticksOf(shown: Span, timeZone: string): Tick[] {
  const step = STEPS.find((hours) => (shown.to - shown.from) / (hours * HOUR) <= MOST_TICKS) ?? 336;
  const ticks: Tick[] = [];
  const firstDay = Date.parse(localOf(shown.from, timeZone).slice(0, 10));
  for (let local = firstDay; ticks.length < 50; local += step * HOUR) {
    const at = momentOf(new Date(local).toISOString().slice(0, 16), timeZone) ?? local;
    if (at > shown.to) break;
    // One at the very right would have no room for its words.
    if (at >= shown.from && placeOf(at, shown) < 95) ticks.push({ at, midnight: local % DAY === 0 });
  }
  return ticks;
}
