const DAY = 86_400_000;

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  clocks.set(timeZone, clock);
  return clock;
}

/** Whether this browser can tell the time there; the server may know zones that it can't. */
export function isKnownZone(timeZone: string): boolean {
  try {
    clockOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** How far a zone's clocks are ahead of UTC at a moment, ms. @throws {RangeError} when the browser does not know the zone */
export function offsetAt(moment: number, timeZone: string): number {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1_000) * 1_000;
}

/** What a zone's clocks show at a moment, to the minute, as a `datetime-local` input has it: `2026-11-21T14:05`. */
export function localOf(moment: number, timeZone: string): string {
  return new Date(moment + offsetAt(moment, timeZone)).toISOString().slice(0, 16);
}

/**
 * The moment at which a zone's clocks show this, ms since the epoch. Of a time that comes twice, because clocks are set back, it is
 * the first; one that is left out is taken as far after the gap as it is after the gap's beginning (as RFC 5545 has it).
 *
 * @param local as a `datetime-local` input gives it
 * @returns null when it is no such time
 */
export function momentOf(local: string, timeZone: string): number | null {
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return null;
  const [before, after] = [offsetAt(wanted - DAY, timeZone), offsetAt(wanted + DAY, timeZone)];
  const fitting = [wanted - before, wanted - after].filter((moment) => moment + offsetAt(moment, timeZone) === wanted);
  return fitting.length === 0 ? wanted - before : Math.min(...fitting);
}

/** The zone of whoever looks. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
