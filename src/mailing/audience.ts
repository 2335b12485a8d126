import { clientsWhere } from '../client/client-filter.js';
import { numbered } from '../platform/conditions.js';
import type { AudienceFilter } from './mailing.js';

/** A condition on the table `client c`, with its parameters in order. */
export interface SqlCondition {
  sql: string;
  params: unknown[];
}

/**
 * Who a filter matches, for `… FROM client c WHERE ${sql}`. Clients that are deleted or opted out never match.
 *
 * @param firstParam the number of its first placeholder, so that it can stand inside a larger statement
 */
export function audienceWhere(filter: AudienceFilter, firstParam = 1): SqlCondition {
  const { sql, values } = numbered(clientsWhere({ ...filter, optedOut: false }), firstParam);
  return { sql, params: values };
}
