import { Field, InputType, Int } from 'type-graphql';
import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { hasPhone } from '../access/mask-phone.js';
import { cleanLine, cleanText, parseInput } from '../graphql/parse-input.js';
import { MessageStatus } from '../message/message.js';
import { assertMayAsk } from '../message/message-filter.js';
import { RETRYABLE, type RetryFilter } from './retry-messages.js';

const MAX_CODES = 100;
const MAX_REASON = 200;

/** Far beyond any reason that we write. */
const MAX_WHOLE_REASON = 2_000;

@InputType({ description: 'Just those of one group of `failures`, exactly; `statuses` says of which status.' })
export class RetryGroupInput {
  @Field(() => String, {
    nullable: true,
    description: 'The whole reason, as the group has it; left out or null: those that have none.',
  })
  reason?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The HTTP status, as the group has it; left out or null: those that got no answer.',
  })
  gatewayCode?: number | null;
}

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

  @Field(() => RetryGroupInput, {
    nullable: true,
    description: 'Just those of one group of `failures`; left out or null: of whichever.',
  })
  group?: RetryGroupInput | null;
}

/** Which messages to try again, as it is sent. */
export const retryFilterSchema = z.strictObject({
  gatewayCodes: z.array(z.int32()).min(1, 'must name at least one').max(MAX_CODES).nullish(),
  reasonContains: cleanLine(MAX_REASON).nullish(),
  statuses: z.array(z.enum(RETRYABLE, 'must be FAILED or UNKNOWN')).min(1, 'must name at least one').nullish(),
  group: z.strictObject({ reason: cleanText(MAX_WHOLE_REASON).nullish(), gatewayCode: z.int32().nullish() }).nullish(),
});

/**
 * @param actor whoever asks: how many there are of a reason tells what it repeats of a phone
 * @param path where it stands in what the caller sent
 * @throws InputError that names each wrong field; AppError FORBIDDEN on `reasonContains` or `group.reason`
 */
export function parseRetryFilter(
  input: unknown,
  actor: Pick<Actor, 'need'>,
  path: readonly string[] = ['filter'],
): RetryFilter {
  const { gatewayCodes, reasonContains, statuses, group } = parseInput(retryFilterSchema, input ?? {}, path);
  assertMayAsk(actor, { reasonContains }, [...path, ''].join('.'));
  // A whole reason tells nothing that was not shown, but for a phone in it: who sees that masked would find no message by it.
  if (hasPhone(group?.reason ?? '')) actor.need('clients:phones', [...path, 'group', 'reason'].join('.'));
  return {
    gatewayCodes: gatewayCodes ?? null,
    reasonContains: reasonContains ?? null,
    statuses: statuses ?? [MessageStatus.FAILED],
    group: group ? { reason: group.reason ?? null, gatewayCode: group.gatewayCode ?? null } : null,
  };
}
