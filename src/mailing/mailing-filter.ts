import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { MomentRangeInput, momentRange } from '../graphql/moments.js';
import { cleanLine, parseInput } from '../graphql/parse-input.js';
import { Conditions } from '../platform/conditions.js';
import { textArray } from '../platform/sql-arrays.js';
import { MailingStatus } from './mailing.js';

/** Characters looked for. */
const MAX_TEXT = 200;

@InputType({ description: 'Which mailings: all conditions hold together; an empty list is no condition.' })
export class MailingFilterInput {
  @Field(() => [MailingStatus], { nullable: true, description: 'Any of these statuses.' })
  statuses?: MailingStatus[] | null;

  @Field(() => String, {
    nullable: true,
    description: `A part of the name or of the text, in any case, up to ${MAX_TEXT} characters.`,
  })
  textContains?: string | null;

  @Field(() => MomentRangeInput, { nullable: true, description: 'When it starts, or started.' })
  startsAt?: MomentRangeInput | null;

  @Field(() => MomentRangeInput, { nullable: true, description: 'When it ends.' })
  endsAt?: MomentRangeInput | null;

  @Field(() => MomentRangeInput, { nullable: true, description: 'When it was made.' })
  createdAt?: MomentRangeInput | null;
}

/** What mailings can be asked for. */
export const mailingFilterSchema = z.strictObject({
  statuses: z.array(z.enum(MailingStatus)).max(100).nullish(),
  textContains: cleanLine(MAX_TEXT).nullish(),
  startsAt: momentRange.nullish(),
  endsAt: momentRange.nullish(),
  createdAt: momentRange.nullish(),
});

/** Which mailings are meant; what is left out or empty is no condition. */
export interface MailingFilter extends z.output<typeof mailingFilterSchema> {
  /** True: names that hold a phone are not found by a part of it, for whoever asks sees it masked. */
  hidesPhones?: boolean;
}

/**
 * @param actor whoever asks
 * @param path where the filter stands in what the caller sent
 * @throws InputError on `filter.…`
 */
export function parseMailingFilter(
  input: unknown,
  actor: Pick<Actor, 'can'>,
  path: readonly string[] = ['filter'],
): MailingFilter {
  return { ...parseInput(mailingFilterSchema, input ?? {}, path), hidesPhones: !actor.can('clients:phones') };
}

/** At least what mask-phone.ts takes for a phone, for PostgreSQL. */
const PHONE = '[78]([ ()-]{0,2}[0-9]){10}';

/** The mailings that a filter means, for `… FROM mailing g WHERE …`; those that were deleted never. */
export function mailingsWhere(filter: MailingFilter): Conditions {
  const { statuses, textContains, hidesPhones, startsAt, endsAt, createdAt } = filter;
  const conditions = new Conditions();
  conditions.add('g.deleted_at is null');
  if (statuses?.length) conditions.add('g.status = any (?::text[])', textArray(statuses));
  // The text is for everybody as it was written.
  const seen = hidesPhones && /\d/.test(textContains ?? '') ? `regexp_replace(g.name, '${PHONE}', '', 'g')` : 'g.name';
  conditions.addContains([seen, 'g.text'], textContains);
  conditions.addRange('g.starts_at', startsAt);
  conditions.addRange('g.ends_at', endsAt);
  conditions.addRange('g.created_at', createdAt);
  return conditions;
}
