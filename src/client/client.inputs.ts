import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { AppError } from '../errors.js';
import { cleanText, parseInput, trimmedLine } from '../graphql/parse-input.js';
import { PhoneNumber, TimeZone } from '../graphql/scalars.js';
import type { TimeZoneList } from '../graphql/time-zones.js';
import { normalizePhone, operatorCodeOf } from './phone.js';

/** Tags of one client. */
export const MAX_TAGS = 50;
export const MAX_ATTRIBUTES = 50;
export const MAX_ATTRIBUTE_CHARACTERS = 1_000;
/** All attributes of one client as JSON, in characters: they are copied into each of its messages. */
export const MAX_ATTRIBUTES_SIZE = 8_192;
/** Names that a text uses for what every client has. */
const TAKEN_NAMES = ['phone', 'timeZone'];

@InputType({ description: 'A person to reach. An update changes only the fields that are given.' })
export class ClientInput {
  @Field(() => PhoneNumber, { nullable: true, description: 'Needed for a new client.' })
  phone?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Three digits. Left out for a new client or with a new phone, or null: taken from the phone.',
  })
  operatorCode?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: `Free labels, up to ${MAX_TAGS}; doubles are dropped. Replaces all labels there were; null: none.`,
  })
  tags?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A single label, for those who have just one; joins `tags`, or on update without `tags` those there are. Null: none.',
  })
  tag?: string | null;

  @Field(() => TimeZone, { nullable: true, description: 'Needed for a new client.' })
  timeZone?: string | null;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'What the text of a mailing may use: `{"name": "Anna"}`. Names begin with a letter; values are strings, numbers or booleans. Replaces all attributes there were.',
  })
  attributes?: Record<string, unknown> | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'This person wants no messages. Left out for a new client, or with a new phone: an opt-out that a former client left with that phone holds. False takes it back, which is written down.',
  })
  optedOut?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description: 'On update: the revision the change was made on; CONFLICT when there is a newer one.',
  })
  revision?: number | null;
}

/** A client to be made, complete and checked. */
export interface NewClient {
  phone: string;
  operatorCode: string;
  tags: string[];
  timeZone: string;
  attributes: Record<string, string | number | boolean>;
  /** Undefined: not told, and so as it was left with the phone. */
  optedOut: boolean | undefined;
}

/** What to change; fields that are absent stay. */
export interface ClientChanges extends Partial<Omit<NewClient, 'operatorCode'>> {
  /** Null: the one that the phone tells, be it new or the one there is. */
  operatorCode?: string | null;
  /** Joins the tags there are. Never together with `tags`. */
  tag?: string;
  revision?: number;
}

const NO_PHONE = 'must be a phone such as 8 (9XX) XXX-XX-XX';

/** A phone in any spelling, as it is stored. */
export const phone = z
  .union([z.string().max(40, NO_PHONE).meta({ format: 'phone' }), z.number()], {
    error: ({ input }) => (input == null ? 'is required' : NO_PHONE),
  })
  .transform((value, context) => {
    const normalized = normalizePhone(String(value));
    if (normalized !== null) return normalized;
    context.addIssue({ code: 'custom', message: 'must be a phone with the country code 7, such as 8 (9XX) XXX-XX-XX' });
    return z.NEVER;
  });

export const operatorCode = z.string().regex(/^\d{3}$/, 'must be three digits');
export const tag = trimmedLine(64);
const tags = z.array(tag).max(MAX_TAGS);

/** A zone of the list, in its own spelling. */
export function timeZone(zones: TimeZoneList) {
  return z
    .string()
    .max(64, 'is no known time zone')
    .transform((name, context) => {
      const zone = zones.find(name);
      if (zone !== undefined) return zone;
      context.addIssue({ code: 'custom', message: 'is no known time zone; write one as in Europe/Moscow' });
      return z.NEVER;
    });
}

const attributeValue = z.union(
  [cleanText(MAX_ATTRIBUTE_CHARACTERS).or(z.literal('')), z.number(), z.boolean()],
  `must be a string of at most ${MAX_ATTRIBUTE_CHARACTERS} characters without NUL, a finite number, true or false`,
);
export const isAttributeName = (name: string) =>
  /^\p{L}[\p{L}\p{N}_]{0,63}$/u.test(name) && !TAKEN_NAMES.includes(name);

const attributes = z
  .record(z.string(), z.unknown(), 'must be an object')
  .refine(
    (given) => Object.keys(given).every(isAttributeName),
    'must have names that begin with a letter and go on with letters, digits and _, up to 64, other than phone and timeZone',
  )
  .pipe(z.record(z.string(), attributeValue))
  .refine((given) => Object.keys(given).length <= MAX_ATTRIBUTES, `must have at most ${MAX_ATTRIBUTES} names`)
  .refine(
    (given) => JSON.stringify(given).length <= MAX_ATTRIBUTES_SIZE,
    `must have at most ${MAX_ATTRIBUTES_SIZE} characters in all`,
  )
  .meta({
    additionalProperties: {
      anyOf: [{ type: 'string', maxLength: MAX_ATTRIBUTE_CHARACTERS }, { type: 'number' }, { type: 'boolean' }],
    },
  });

/** A client as it is sent, whole. */
export function clientSchema(zones: TimeZoneList) {
  return z.strictObject({
    phone,
    operatorCode: operatorCode.nullish(),
    tags: tags.nullish(),
    tag: tag.nullish(),
    timeZone: timeZone(zones),
    attributes: attributes.nullish(),
    optedOut: z.boolean().nullish(),
    revision: z.int().nullish(),
  });
}

/** @throws AppError BAD_USER_INPUT on `tag` when they become too many */
export function joinTags(tags: readonly string[], tag: string | null | undefined): string[] {
  const joined = [...new Set(tag == null ? tags : [...tags, tag])];
  if (joined.length > MAX_TAGS) {
    throw new AppError('BAD_USER_INPUT', `tag must not make them more than ${MAX_TAGS}.`, 'tag');
  }
  return joined;
}

/** @throws InputError that names each wrong field */
export function parseNewClient(input: unknown, zones: TimeZoneList): NewClient {
  return newClientParser(zones)(input);
}

/** The same for many: putting the check together takes longer than one check. */
export function newClientParser(zones: TimeZoneList): (input: unknown) => NewClient {
  const schema = clientSchema(zones);
  return (input) => {
    const given = parseInput(schema, input);
    return {
      phone: given.phone,
      operatorCode: given.operatorCode ?? operatorCodeOf(given.phone),
      tags: joinTags(given.tags ?? [], given.tag),
      timeZone: given.timeZone,
      attributes: given.attributes ?? {},
      optedOut: given.optedOut ?? undefined,
    };
  };
}

/**
 * A new phone brings its operator code along, unless one is given.
 *
 * @throws InputError that names each wrong field
 */
export function parseClientChanges(input: unknown, zones: TimeZoneList): ClientChanges {
  const given = parseInput(clientSchema(zones).partial({ phone: true, timeZone: true }), input);
  // A new phone brings its code along.
  const code = given.operatorCode === undefined && given.phone !== undefined ? null : given.operatorCode;
  return {
    ...(given.phone === undefined ? {} : { phone: given.phone }),
    ...(code === undefined ? {} : { operatorCode: code }),
    ...(given.tags === undefined ? {} : { tags: joinTags(given.tags ?? [], given.tag) }),
    ...(given.tags !== undefined || given.tag == null ? {} : { tag: given.tag }),
    ...(given.timeZone === undefined ? {} : { timeZone: given.timeZone }),
    ...(given.attributes === undefined ? {} : { attributes: given.attributes ?? {} }),
    ...(given.optedOut == null ? {} : { optedOut: given.optedOut }),
    ...(given.revision == null ? {} : { revision: given.revision }),
  };
}
