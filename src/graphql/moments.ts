import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { DateTime } from './scalars.js';

const FIRST_MOMENT = new Date('1970-01-01T00:00:00.000Z');
/** Dates of ours lie no later. */
export const LAST_MOMENT = new Date('9999-12-31T23:59:59.999Z');
const MOMENT = 'must be a moment with its offset, such as 2026-11-21T09:00:00Z';

const written = z.iso.datetime({ offset: true });
const { $schema: _, ...form } = z.toJSONSchema(written);

/** A moment as a person or a program wrote it. */
export const moment = z
  .union([z.date(), written.transform((given) => new Date(given))], {
    error: ({ input }) => (input == null ? 'is required' : MOMENT),
  })
  // An offset can move a moment out of the year it is written in.
  .refine((given) => given >= FIRST_MOMENT && given <= LAST_MOMENT, 'must be in the years 1970 to 9999, in UTC')
  // For documents: what comes from outside is text.
  .meta({ anyOf: [form] });

@InputType({ description: 'A stretch of time; what is left out is open.' })
export class MomentRangeInput {
  @Field(() => DateTime, { nullable: true, description: 'From this moment on.' })
  from?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Up to this moment, itself not included.' })
  to?: string | null;
}

/** A stretch of time that is not empty. */
export const momentRange = z
  .strictObject({ from: moment.nullish(), to: moment.nullish() })
  .refine(({ from, to }) => from == null || to == null || from < to, { path: ['to'], error: 'must be after from' });

export type MomentRange = z.output<typeof momentRange>;
