import { Field, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { cleanLine, parseInput } from '../graphql/parse-input.js';
import { MessageStatus } from '../message/message.js';
import { assertMayAsk } from '../message/message-filter.js';
import { RETRYABLE, type RetryFilter } from './retry-messages.js';

const MAX_CODES = 100;
const MAX_REASON = 200;

@InputType({ description: 'Which messages to try again: all conditions hold together.' })
export class RetryFilterInput {
  @Field(() => [Int], {
    nullable: true,
    description: `HTTP statuses of the gateway's last answer, up to ${MAX_CODES}; left out or null: whatever it was.`,
  })
  gatewayCodes?: number[] | null;

  @Field(() => String, {
    nullable: true,
    description: `A part of \`reason\`, in any case, up to ${MAX_REASON} characters; left out or null: whatever it was.`,
  })
  reasonContains?: string | null;

  @Field(() => [MessageStatus], {
    nullable: true,
    description:
      'FAILED, UNKNOWN or both; left out or null: FAILED. An UNKNOWN message may have been sent: only a gateway that knows its ids will not send it twice.',
  })
  statuses?: MessageStatus[] | null;
}

/** Which messages to try again, as it is sent. */
export const retryFilterSchema = z.strictObject({
  gatewayCodes: z.array(z.int32()).min(1, 'must name at least one').max(MAX_CODES).nullish(),
  reasonContains: cleanLine(MAX_REASON).nullish(),
  statuses: z.array(z.enum(RETRYABLE, 'must be FAILED or UNKNOWN')).min(1, 'must name at least one').nullish(),
});

/**
 * @param actor whoever asks: how many there are of a reason tells what it repeats of a phone
 * @param path where it stands in what the caller sent
 * @throws InputError that names each wrong field; AppError FORBIDDEN on `reasonContains`
 */
export function parseRetryFilter(
  input: unknown,
  actor: Pick<Actor, 'need'>,
  path: readonly string[] = ['filter'],
): RetryFilter {
  const { gatewayCodes, reasonContains, statuses } = parseInput(retryFilterSchema, input ?? {}, path);
  assertMayAsk(actor, { reasonContains }, [...path, ''].join('.'));
  return {
    gatewayCodes: gatewayCodes ?? null,
    reasonContains: reasonContains ?? null,
    statuses: statuses ?? [MessageStatus.FAILED],
  };
}
