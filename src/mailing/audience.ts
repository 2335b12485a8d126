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
  const conditions = ['c.deleted_at is null', 'c.opted_out_at is null'];
  const params: unknown[] = [];
  const add = (values: string[], condition: (placeholder: string) => string) => {
    if (values.length === 0) return;
    params.push(values);
    conditions.push(condition(`$${firstParam + params.length - 1}::text[]`));
  };
  add(filter.operatorCodes, (list) => `c.operator_code = any (${list})`);
  add(filter.tagsAny, (list) => `c.tags && ${list}`);
  add(filter.tagsAll, (list) => `c.tags @> ${list}`);
  add(filter.timeZones, (list) => `c.time_zone = any (${list})`);
  return { sql: conditions.join(' and '), params };
}
