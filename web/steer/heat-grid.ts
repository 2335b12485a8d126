import type { MailingDeliveriesQuery } from '../generated/graphql.js';

export type DeliveryHour = NonNullable<MailingDeliveriesQuery['mailing']>['deliveries'][number];

/** One day by the clients' own clocks. */
export interface HeatDay {
  /** `2026-11-21` */
  date: string;
  /** Messages sent in each hour, 24 of them. */
  hours: number[];
}

/** More days than this are not drawn one by one: a long mailing's quiet days are left out. */
const MOST_GAP = 14;

/** A row for each day from the first to the last; a long gap is left out. */
export function heatDays(deliveries: readonly DeliveryHour[]): HeatDay[] {
  const days = new Map<string, number[]>();
  for (const { date, hour, sent } of deliveries) {
    const hours = days.get(date) ?? Array.from({ length: 24 }, () => 0);
    hours[hour] = (hours[hour] ?? 0) + sent;
    days.set(date, hours);
  }
  const dates = [...days.keys()].toSorted();
  return dates.flatMap((date, place) => {
    const next = dates[place + 1];
    const row = { date, hours: days.get(date)! };
    return next === undefined ? [row] : [row, ...quietDays(date, next)];
  });
}

function quietDays(date: string, next: string): HeatDay[] {
  const gap = (Date.parse(next) - Date.parse(date)) / DAY - 1;
  if (gap > MOST_GAP) return [];
  return Array.from({ length: gap }, (_, days) => ({
    date: new Date(Date.parse(date) + (days + 1) * DAY).toISOString().slice(0, 10),
    hours: Array.from({ length: 24 }, () => 0),
  }));
}

/** ms */
const DAY = 86_400_000;

/** ms; the waits between one question and the next, while nothing is counted yet: five minutes in all. */
const WAITS = [5_000, 10_000, 20_000, 40_000, 75_000, 150_000];

/** When to ask again for what was not counted yet, ms; null: enough. @param tries how often it was asked again by now */
export function countedWithin(tries: number): number | null {
  return WAITS[tries] ?? null;
}

/** How strong an hour with a single message is drawn. */
export const FAINTEST = 0.22;

/** How strong a cell is drawn, 0 to 1. By the root, so that a few hundred can still be seen beside a hundred thousand; anything at all is seen. */
export function heatOf(sent: number, most: number): number {
  return sent === 0 ? 0 : Math.max(FAINTEST, Math.sqrt(sent / most));
}

/** The fullest hour; null: nothing was sent. */
export function fullestHour(deliveries: readonly DeliveryHour[]): DeliveryHour | null {
  return deliveries.reduce<DeliveryHour | null>(
    (fullest, hour) => (hour.sent > (fullest?.sent ?? 0) ? hour : fullest),
    null,
  );
}
