import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { parseInput } from '../graphql/parse-input.js';
import { PhoneNumber, TimeZone } from '../graphql/scalars.js';
import type { TimeZoneList } from '../graphql/time-zones.js';
import { Conditions } from '../platform/conditions.js';
import { textArray } from '../platform/sql-arrays.js';
import { operatorCode, phone, tag, timeZone } from './client.inputs.js';

/** Values of one list of a filter. */
const MAX_VALUES = 1_000;
/** Digits of a part of a phone: fewer than three say nothing, more than eleven no phone has. */
const LEAST_DIGITS = 3;
const PHONE_DIGITS = 11;
/** client_phone_parts_index has every four digits in a row. */
const INDEXED_DIGITS = 4;

@InputType({ description: 'Which clients: all conditions hold together; an empty list is no condition.' })
export class ClientFilterInput {
  @Field(() => PhoneNumber, { nullable: true, description: 'Exactly this phone, in any spelling.' })
  phone?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `Digits in a row somewhere in the phone, as its last four; ${LEAST_DIGITS} to ${PHONE_DIGITS} of them, in any spelling.`,
  })
  phoneContains?: string | null;

  @Field(() => [String], { nullable: true, description: 'Any of these operator codes.' })
  operatorCodes?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'At least one of these tags.' })
  tagsAny?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'All of these tags.' })
  tagsAll?: string[] | null;

  @Field(() => [TimeZone], { nullable: true, description: 'Any of these time zones.' })
  timeZones?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Only those who opted out, or only those who did not.' })
  optedOut?: boolean | null;
}

/** Which clients are meant; what is left out or empty is no condition. */
export type ClientFilter = ReturnType<typeof parseClientFilter>;

const phonePart = z
  .string()
  .max(40)
  .regex(/^[\d\s()+-]*$/, 'must be digits of a phone')
  // A whole phone may begin with 8, as people write it; those that are stored begin with 7.
  .transform((given) => given.replaceAll(/\D/g, '').replace(/^8(?=\d{10}$)/, '7'))
  .refine((digits) => /^\d{3,11}$/.test(digits), `must have ${LEAST_DIGITS} to ${PHONE_DIGITS} digits`);

/** What clients can be asked for. */
export function clientFilterSchema(zones: TimeZoneList) {
  const list = <S extends z.ZodType>(entry: S) => z.array(entry).max(MAX_VALUES).nullish();
  return z.strictObject({
    phone: phone.nullish(),
    phoneContains: phonePart.nullish(),
    operatorCodes: list(operatorCode),
    tagsAny: list(tag),
    tagsAll: list(tag),
    timeZones: list(timeZone(zones)),
    optedOut: z.boolean().nullish(),
  });
}

/**
 * @param actor whoever asks: a search by phone tells phones to those who may not see them
 * @param path where the filter stands in what the caller sent
 * @throws InputError on `filter.…`; AppError FORBIDDEN on `filter.phone`, `filter.phoneContains`
 */
export function parseClientFilter(
  input: unknown,
  zones: TimeZoneList,
  actor: Pick<Actor, 'need'>,
  path: readonly string[] = ['filter'],
) {
  const filter = parseInput(clientFilterSchema(zones), input ?? {}, path);
  for (const field of ['phone', 'phoneContains'] as const) {
    if (filter[field] != null) actor.need('clients:phones', [...path, field].join('.'));
  }
  return filter;
}

const NOT_DELETED = 'c.deleted_at is null';

/** True of a filter without a condition. */
export function isEverybody(filter: ClientFilter): boolean {
  return clientsWhere(filter).sql === NOT_DELETED;
}

/** The clients that a filter means, for `… FROM client c WHERE ${sql}`; those that were deleted never. */
export function clientsWhere(filter: ClientFilter): Conditions {
  const conditions = new Conditions();
  const addList = (sql: string, list: readonly string[] | null | undefined) => {
    if (list?.length) conditions.add(sql, textArray(list));
  };
  conditions.add(NOT_DELETED);
  if (filter.phone != null) conditions.add('c.phone = ?', filter.phone);
  if (filter.phoneContains != null) {
    addList('phone_parts(c.phone) @> ?::text[]', partsOf(filter.phoneContains));
    conditions.add('c.phone like ?', `%${filter.phoneContains}%`);
  }
  addList('c.operator_code = any (?::text[])', filter.operatorCodes);
  addList('c.tags && ?::text[]', filter.tagsAny);
  addList('c.tags @> ?::text[]', filter.tagsAll);
  addList('c.time_zone = any (?::text[])', filter.timeZones);
  if (filter.optedOut != null) conditions.add(`c.opted_out_at is ${filter.optedOut ? 'not null' : 'null'}`);
  return conditions;
}

function partsOf(digits: string): string[] {
  const count = Math.max(digits.length - INDEXED_DIGITS + 1, 0);
  return Array.from({ length: count }, (_, at) => digits.slice(at, at + INDEXED_DIGITS));
}
