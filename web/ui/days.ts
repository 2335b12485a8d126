/** A stretch of time as the API wants it: ISO 8601 moments, the second not included; what is left out is open. */
export interface MomentRange {
  from?: string;
  to?: string;
}

/** `2026-11-21` from an address that somebody may have mended by hand; else empty. */
export function readDay(given: string | null): string {
  return given !== null && /^\d{4}-\d\d-\d\d$/.test(given) && Number.isFinite(Date.parse(given)) ? given : '';
}

/** Two days by the reader's own clock, both whole; an empty one is open, and two of them are no range at all. */
export function wholeDays(from: string, to: string): MomentRange | null {
  if (!from && !to) return null;
  return { ...(from && { from: startOf(from, 0) }), ...(to && { to: startOf(to, 1) }) };
}

/** The day so many days before or after today, by the reader's own clock: `2026-11-21`. */
export function dayFromToday(days: number): string {
  const moment = new Date();
  moment.setDate(moment.getDate() + days);
  // Swedes write days so.
  return moment.toLocaleDateString('sv-SE');
}

/** The first moment of a day, or of one `later` by so many. */
function startOf(day: string, later: number): string {
  const moment = new Date(`${day}T00:00`);
  moment.setDate(moment.getDate() + later);
  return moment.toISOString();
}

/** `Mon, Tue`. @param days 1 is Monday */
export function weekdayNames(days: readonly number[], language: string): string {
  const names = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' });
  // 1 January 2024 was a Monday.
  return days.map((day) => names.format(Date.UTC(2024, 0, day))).join(', ');
}
