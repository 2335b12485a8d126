import type { ClientFilterInput, ClientOrder } from '../generated/graphql.js';

/** Which clients are shown, and in which order. It stands in the address of the page. */
export interface ListView {
  filter: ClientFilterInput;
  orderBy: ClientOrder;
}

const ORDERS: readonly ClientOrder[] = ['NEWEST', 'OLDEST', 'PHONE', 'UPDATED'];
const LISTS = ['operatorCodes', 'tagsAny', 'tagsAll', 'timeZones'] as const;
/** Digits of a part of a phone, at the least; the API refuses fewer. */
export const LEAST_DIGITS = 3;

/** What filters by a list of values. */
export type ListName = (typeof LISTS)[number];

/** The digits of a part of a phone; null: too few to look for, or too many. */
export function phonePart(typed: string): string | null {
  const digits = typed.replaceAll(/\D/g, '');
  return digits.length >= LEAST_DIGITS && digits.length <= 11 ? digits : null;
}

/**
 * Reads what an address says; what makes no sense there is passed over.
 *
 * @param mayPhones those who may not see phones can neither look for them nor sort by them
 */
export function readView(parameters: URLSearchParams, mayPhones: boolean): ListView {
  const filter: ClientFilterInput = {};
  const phone = phonePart(parameters.get('phoneContains') ?? '');
  if (mayPhones && phone !== null) filter.phoneContains = phone;
  for (const list of LISTS) {
    const values = parameters.getAll(list).filter((value) => value !== '');
    if (values.length > 0) filter[list] = values;
  }
  const optedOut = parameters.get('optedOut');
  if (optedOut === 'true' || optedOut === 'false') filter.optedOut = optedOut === 'true';
  const asked = ORDERS.find((order) => order === parameters.get('orderBy')) ?? 'NEWEST';
  return { filter, orderBy: asked === 'PHONE' && !mayPhones ? 'NEWEST' : asked };
}

/** The other way round. The names are those that REST has, so an export takes them as they are. */
export function filterParameters({ phoneContains, optedOut, ...lists }: ClientFilterInput): URLSearchParams {
  const parameters = new URLSearchParams();
  if (phoneContains) parameters.set('phoneContains', phoneContains);
  for (const list of LISTS) for (const value of lists[list] ?? []) parameters.append(list, value);
  if (optedOut != null) parameters.set('optedOut', String(optedOut));
  return parameters;
}

/** A view as an address says it. */
export function viewParameters({ filter, orderBy }: ListView): URLSearchParams {
  const parameters = filterParameters(filter);
  if (orderBy !== 'NEWEST') parameters.set('orderBy', orderBy);
  return parameters;
}

/** Whether the filter has a condition. */
export function isFiltered(filter: ClientFilterInput): boolean {
  return filterParameters(filter).size > 0;
}

/** Where all clients of the filter can be downloaded. With a byte order mark, by which Excel knows the encoding. */
export function exportAddress(filter: ClientFilterInput): string {
  const parameters = filterParameters(filter);
  parameters.set('bom', 'true');
  return `/api/v1/clients.csv?${parameters}`;
}
