import type { MailingFilterInput, MailingOrder, MailingStatus, MailingsQueryVariables } from '../generated/graphql.js';
import { readDay, wholeDays } from '../ui/days.js';

/** The tabs above the list, in the order of a mailing's life; all of them first. */
export const TABS = [
  'RUNNING',
  'SCHEDULED',
  'PAUSED',
  'DRAFT',
  'COMPLETED',
  'CANCELLED',
] as const satisfies readonly MailingStatus[];

export const ORDERS = [
  'NEWEST',
  'OLDEST',
  'STARTS_EARLIEST',
  'STARTS_LATEST',
  'ENDS_EARLIEST',
  'ENDS_LATEST',
] as const satisfies readonly MailingOrder[];

/** Which mailings are looked at, as the address has it. */
export interface ListChoice {
  /** Null: all. */
  status: MailingStatus | null;
  /** A part of the name or the text; empty: any. */
  find: string;
  order: MailingOrder;
  /** Days on which they start, `2026-11-21` by the reader's own clock, both included; empty: open. */
  from: string;
  to: string;
}

/** What is not a choice in an address that somebody mended by hand is left out. */
export function readChoice(params: URLSearchParams): ListChoice {
  return {
    status: TABS.find((status) => status === params.get('status')) ?? null,
    find: (params.get('find') ?? '').slice(0, 200),
    order: ORDERS.find((order) => order === params.get('order')) ?? 'NEWEST',
    from: readDay(params.get('from')),
    to: readDay(params.get('to')),
  };
}

/** What is as usual is left out of the address. */
export function writeChoice({ status, find, order, from, to }: ListChoice): URLSearchParams {
  const given = { status: status ?? '', find, order: order === 'NEWEST' ? '' : order, from, to };
  return new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ''));
}

/** The same as the API wants it; the status apart, because each tab counts with its own. */
export function askedFor({ find, from, to, order }: ListChoice): Pick<MailingsQueryVariables, 'filter' | 'orderBy'> {
  const startsAt = wholeDays(from, to);
  const filter: MailingFilterInput = {
    ...(find.trim() && { textContains: find.trim() }),
    ...(startsAt && { startsAt }),
  };
  return { filter: Object.keys(filter).length > 0 ? filter : null, orderBy: order };
}
