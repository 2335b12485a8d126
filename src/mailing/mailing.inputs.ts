import { Field, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import { type ChannelName, channelNames } from '../channel/channel.js';
import { moment } from '../graphql/moments.js';
import { cleanText, parseInput, trimmedLine } from '../graphql/parse-input.js';
import { DateTime, LocalTime } from '../graphql/scalars.js';
import type { TimeZoneList } from '../graphql/time-zones.js';
import { AudienceFilterInput, audienceFilterSchema } from './audience.inputs.js';
import { AudienceFilter, MailingChannel, UnknownOutcome } from './mailing.js';

const MAX_TEXT = 10_000;

/** Characters of a name at the most. */
export const MAX_NAME = 200;
/** Messages a second. */
const MAX_RATE = 1_000_000;

@InputType({ description: 'A campaign. An update changes only the fields that are given.' })
export class MailingInput {
  @Field(() => String, { nullable: true, description: 'Needed for a new mailing.' })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description: `Needed for a new mailing. Liquid over the client, up to ${MAX_TEXT} characters: \`Hello, {{ name | default: 'friend' }}!\``,
  })
  text?: string | null;

  @Field(() => AudienceFilterInput, { nullable: true, description: 'Who gets it; left out or null: everybody.' })
  filter?: AudienceFilterInput | null;

  @Field(() => DateTime, { nullable: true, description: 'Goes out from then on; left out on creation: now.' })
  startsAt?: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Needed for a new mailing. Nothing is under way at or after this moment.',
  })
  endsAt?: string | null;

  @Field(() => LocalTime, {
    nullable: true,
    description: "From this time of each client's own clock (inclusive); comes with `allowedTo`. Null: at any time.",
  })
  allowedFrom?: string | null;

  @Field(() => LocalTime, {
    nullable: true,
    description: "To this time of each client's own clock (exclusive); earlier than `allowedFrom`: over midnight.",
  })
  allowedTo?: string | null;

  @Field(() => [Int], {
    nullable: true,
    description: 'Days on which the window opens: 1 (Monday) to 7; null: every day.',
  })
  weekdays?: number[] | null;

  @Field(() => Int, {
    nullable: true,
    description: `Messages a second at the most, over all workers: 1 to ${MAX_RATE}. Null: only the channel's own limit.`,
  })
  rateLimit?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Attempts that count before a message is FAILED; null: until the end.',
  })
  maxAttempts?: number | null;

  @Field(() => UnknownOutcome, { nullable: true, description: 'Left out on creation: RETRY.' })
  unknownOutcome?: UnknownOutcome | null;

  @Field(() => MailingChannel, {
    nullable: true,
    description: "The way it is sent; left out on creation: the server's own default.",
  })
  channel?: ChannelName | null;

  @Field(() => Int, {
    nullable: true,
    description: 'On update: the revision the change was made on; CONFLICT when there is a newer one.',
  })
  revision?: number | null;
}

/** What a person decides about a mailing. Dates are moments; local times are `HH:MM:SS`. */
export interface MailingFields {
  name: string;
  text: string;
  filter: AudienceFilter;
  startsAt: Date;
  endsAt: Date;
  allowedFrom: string | null;
  allowedTo: string | null;
  weekdays: number[] | null;
  /** Messages a second over all workers. */
  rateLimit: number | null;
  maxAttempts: number | null;
  unknownOutcome: UnknownOutcome;
  channel: ChannelName;
}

/** A mailing to be made; `startsAt` null: now. */
export type NewMailing = Omit<MailingFields, 'startsAt'> & { startsAt: Date | null };

/** What to change; fields that are absent stay. */
export type MailingChanges = Partial<MailingFields> & { revision?: number };

/** Of a mailing. */
export const nameSchema = trimmedLine(MAX_NAME);
export const textSchema = cleanText(MAX_TEXT).refine((given) => given.trim() !== '', 'must not be blank');

const localTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'must be a time such as 09:00 or 21:30')
  .transform((given) => (given.length === 5 ? `${given}:00` : given));

const weekdays = z
  .array(z.int('must be 1 to 7').min(1, 'must be 1 (Monday) to 7').max(7, 'must be 1 to 7 (Sunday)'))
  .min(1, 'must name at least one day; leave it out for every day')
  .refine((days) => new Set(days).size === days.length, 'must name each day once')
  .transform((days) => days.toSorted((a, b) => a - b));

/** A mailing as it is sent, whole. */
export function mailingSchema(zones: TimeZoneList) {
  return z.strictObject({
    name: nameSchema,
    text: textSchema,
    filter: audienceFilterSchema(zones).nullish(),
    startsAt: moment,
    endsAt: moment,
    allowedFrom: localTime.nullish(),
    allowedTo: localTime.nullish(),
    weekdays: weekdays.nullish(),
    rateLimit: z.int().min(1).max(MAX_RATE).nullish(),
    maxAttempts: z.int().min(1).max(1_000).nullish(),
    unknownOutcome: z.enum(UnknownOutcome).nullish(),
    channel: z.enum(channelNames).nullish(),
    revision: z.int().nullish(),
  });
}

/** The same for a new one. */
export function newMailingSchema(zones: TimeZoneList) {
  return mailingSchema(zones).extend({ startsAt: moment.nullish() });
}

/**
 * @param defaultChannel the channel of a mailing that names none
 * @throws InputError that names each wrong field
 */
export function parseNewMailing(input: unknown, zones: TimeZoneList, defaultChannel: ChannelName): NewMailing {
  const { revision: _, ...given } = parseInput(newMailingSchema(zones), input);
  return {
    name: given.name,
    text: given.text,
    filter: given.filter ?? { ...new AudienceFilter() },
    startsAt: given.startsAt ?? null,
    endsAt: given.endsAt,
    allowedFrom: given.allowedFrom ?? null,
    allowedTo: given.allowedTo ?? null,
    weekdays: given.weekdays ?? null,
    rateLimit: given.rateLimit ?? null,
    maxAttempts: given.maxAttempts ?? null,
    unknownOutcome: given.unknownOutcome ?? UnknownOutcome.RETRY,
    channel: given.channel ?? defaultChannel,
  };
}

/** Null takes a condition away; for what every mailing must have it is refused. @throws InputError */
export function parseMailingChanges(input: unknown, zones: TimeZoneList): MailingChanges {
  const given = parseInput(mailingSchema(zones).partial(), input);
  const { filter, unknownOutcome, channel, revision, ...rest } = given;
  const changes = {
    ...rest,
    ...(filter === undefined ? {} : { filter: filter ?? { ...new AudienceFilter() } }),
    ...(unknownOutcome == null ? {} : { unknownOutcome }),
    ...(channel == null ? {} : { channel }),
    ...(revision == null ? {} : { revision }),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
