import type { StatisticsGroupBy, StatisticsQueryVariables } from '../generated/graphql.js';
import { dayFromToday, readDay, wholeDays } from '../ui/days.js';

/** Stretches of time with a name, and how many days before today they begin; `all` has no beginning, `own` its own days. */
export const PERIODS = { today: 0, week: 6, month: 29, quarter: 89, all: null, own: null } as const;
export type Period = keyof typeof PERIODS;

export const GROUPINGS = [
  'STATUS',
  'MAILING',
  'OPERATOR',
  'TAG',
  'HOUR',
] as const satisfies readonly StatisticsGroupBy[];

/** What is counted, as the address has it. */
export interface StatisticsChoice {
  period: Period;
  /** The days of a period of one's own: `2026-11-21`; empty: open. */
  from: string;
  to: string;
  by: StatisticsGroupBy;
  /** By whose clock hours are told: each client's, or the reader's. */
  clock: 'theirs' | 'mine';
}

/** What is not a choice in an address that somebody mended by hand is left out. */
export function readChoice(params: URLSearchParams): StatisticsChoice {
  const period = params.get('period') ?? '';
  return {
    period: period in PERIODS ? (period as Period) : 'month',
    from: readDay(params.get('from')),
    to: readDay(params.get('to')),
    by: GROUPINGS.find((by) => by === params.get('by')) ?? 'STATUS',
    clock: params.get('clock') === 'mine' ? 'mine' : 'theirs',
  };
}

/** What is as usual, or plays no part, is left out of the address. */
export function writeChoice({ period, from, to, by, clock }: StatisticsChoice): URLSearchParams {
  const params = new URLSearchParams();
  if (period !== 'month') params.set('period', period);
  if (period === 'own' && from) params.set('from', from);
  if (period === 'own' && to) params.set('to', to);
  if (by !== 'STATUS') params.set('by', by);
  if (by === 'HOUR' && clock === 'mine') params.set('clock', clock);
  return params;
}

/** The same as the API wants it; days are those of the reader's own clock. */
export function askedFor({ period, from, to, by, clock }: StatisticsChoice): StatisticsQueryVariables {
  const days = PERIODS[period];
  const range = period === 'own' ? wholeDays(from, to) : days === null ? null : wholeDays(dayFromToday(-days), '');
  return { period: range, groupBy: by, timeZone: by === 'HOUR' && clock === 'mine' ? ownZone() : null };
}

/** As in `Europe/Moscow`. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
