import type pg from 'pg';
import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { operatorCode, tag, timeZone } from '../client/client.inputs.js';
import { TimeZone } from '../graphql/scalars.js';
import type { TimeZoneList } from '../graphql/time-zones.js';
import { UserError, UserErrorCode } from '../graphql/user-error.js';
import { audienceWhere } from './audience.js';
import type { AudienceFilter } from './mailing.js';

/** Values of one list: each is looked for among all clients. */
const MAX_VALUES = 500;

@InputType({ description: 'Who a mailing goes to: all conditions hold together, an empty list is no condition.' })
export class AudienceFilterInput {
  @Field(() => [String], { nullable: true, description: 'Operator codes, any of them.' })
  operatorCodes?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Tags, at least one of them.' })
  tagsAny?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Tags, all of them.' })
  tagsAll?: string[] | null;

  @Field(() => [TimeZone], { nullable: true, description: 'IANA time zones, any of them.' })
  timeZones?: string[] | null;
}

/** A filter, whole, without doubles. Values that no client has are well-formed all the same: see `findUnusedValues`. */
export function audienceFilterSchema(zones: TimeZoneList) {
  return filterSchema(zones, (values) => [...new Set(values)]);
}

function filterSchema(zones: TimeZoneList, keep: (values: string[]) => string[]) {
  const list = (value: z.ZodType<string>) =>
    z
      .array(value)
      .max(MAX_VALUES)
      .nullish()
      .transform((values) => keep(values ?? []));
  return z.strictObject({
    operatorCodes: list(operatorCode),
    tagsAny: list(tag),
    tagsAll: list(tag),
    timeZones: list(timeZone(zones)),
  });
}

/** Where the caller wrote the value that a stored filter has in that place of that list. */
export type PlaceOf = (list: keyof AudienceFilter, at: number) => number;

/** Doubles are dropped, so places move. @param filter as the caller sent it, and as it was found to be in order */
export function callersPlaces(filter: unknown, zones: TimeZoneList): PlaceOf {
  const given = filterSchema(zones, (values) => values).parse(filter);
  return (list, at) => {
    const value = [...new Set(given[list])][at];
    return value === undefined ? at : given[list].indexOf(value);
  };
}

/** How many clients a filter matches now. */
export async function countAudience(pool: pg.Pool, filter: AudienceFilter): Promise<number> {
  const where = audienceWhere(filter);
  const sql = `select count(*)::int as matched from client c where ${where.sql}`;
  const { rows } = await pool.query<{ matched: number }>(sql, where.params);
  return rows[0]?.matched ?? 0;
}

/** What of a filter is probably a slip: its values that no client has, and that it matches nobody. */
export async function warnOfAudience(
  pool: pg.Pool,
  filter: AudienceFilter,
  matched: number,
  placeOf: PlaceOf,
): Promise<UserError[]> {
  const warnings = await findUnusedValues(pool, filter, placeOf);
  if (matched === 0) {
    warnings.push(new UserError(UserErrorCode.EMPTY_AUDIENCE, 'The filter matches nobody.', 'filter'));
  }
  return warnings;
}

/** A list of the filter, and how a client has one of its values. */
const LISTS = [
  ['operatorCodes', 'c.operator_code = v.value', 'operator code'],
  ['tagsAny', 'c.tags @> array[v.value]', 'tag'],
  ['tagsAll', 'c.tags @> array[v.value]', 'tag'],
  ['timeZones', 'c.time_zone = v.value', 'time zone'],
] as const;

async function findUnusedValues(pool: pg.Pool, filter: AudienceFilter, placeOf: PlaceOf): Promise<UserError[]> {
  const warnings: UserError[] = [];
  for (const [list, has, what] of LISTS) {
    if (filter[list].length === 0) continue;
    const { rows } = await pool.query<{ at: number }>(
      `select v.at::int - 1 as at from unnest($1::text[]) with ordinality as v(value, at)
       where not exists (select from client c where c.deleted_at is null and ${has}) order by v.at`,
      [filter[list]],
    );
    for (const { at } of rows) {
      const field = `filter.${list}.${placeOf(list, at)}`;
      warnings.push(new UserError(UserErrorCode.UNUSED_VALUE, `No client has this ${what}.`, field));
    }
  }
  return warnings;
}
