import { Arg, Ctx, Field, ID, InputType, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { z } from 'zod';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { cleanLine, parseInput } from '../graphql/parse-input.js';
import { answer, UserError } from '../graphql/user-error.js';
import { Message, MessageStatus } from '../message/message.js';
import type { LifecycleParts } from './lifecycle-parts.js';
import { Mailing } from './mailing.js';
import { findMailing } from './mailings.js';
import { RETRYABLE, type RetryFilter, retryFailed, retryMessage } from './retry-messages.js';

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

const filterSchema = z.strictObject({
  gatewayCodes: z.array(z.int()).min(1, 'must name at least one').max(MAX_CODES).nullish(),
  reasonContains: cleanLine(MAX_REASON).nullish(),
  statuses: z.array(z.enum(RETRYABLE, 'must be FAILED or UNKNOWN')).min(1, 'must name at least one').nullish(),
});

function parseRetryFilter(input: RetryFilterInput | null): RetryFilter {
  const { gatewayCodes, reasonContains, statuses } = parseInput(filterSchema, input ?? {}, ['filter']);
  return {
    gatewayCodes: gatewayCodes ?? null,
    reasonContains: reasonContains ?? null,
    statuses: statuses ?? [MessageStatus.FAILED],
  };
}

@ObjectType({ description: 'What became of messages that were to be tried again.' })
export class MailingRetryPayload {
  @Field(() => Mailing, { nullable: true, description: 'Null when there are user errors.' })
  mailing!: Mailing | null;

  @Field(() => Int, { description: 'Messages that are open again.' })
  retriedCount!: number;

  @Field(() => Int, {
    description:
      'Messages that the filter found and that stay as they are: the client opted out or was deleted, or cannot be reached before the end.',
  })
  skippedCount!: number;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

@ObjectType({ description: 'What became of a message that was to be tried again.' })
export class MessageRetryPayload {
  @Field(() => Message, { nullable: true, description: 'Null when there are user errors.' })
  message!: Message | null;

  @Field(() => [UserError], { description: 'Empty: it is open.' })
  userErrors!: UserError[];
}

/** What a person does about messages that failed. */
@Resolver()
export class RetryResolver {
  constructor(private readonly parts: LifecycleParts) {}

  @Allow('mailings:write')
  @Mutation(() => MailingRetryPayload, {
    description:
      'Has messages that FAILED tried again, under their own ids and with all their tries before them. A COMPLETED mailing runs again; one that is over needs a later end first. Asked again, it finds nothing more.',
  })
  async mailingRetryFailed(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('filter', () => RetryFilterInput, { nullable: true, description: 'Which of them; left out: all FAILED.' })
    filter: RetryFilterInput | null,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<MailingRetryPayload> {
    const { result, userErrors } = await answer(async () => {
      const { retried, skipped } = await retryFailed(this.parts, id, parseRetryFilter(filter), actor);
      return { mailing: await findMailing(em, id), retriedCount: retried, skippedCount: skipped };
    });
    return { ...(result ?? { mailing: null, retriedCount: 0, skippedCount: 0 }), userErrors };
  }

  @Allow('mailings:write')
  @Mutation(() => MessageRetryPayload, {
    description:
      'Has one FAILED or UNKNOWN message tried again, under its own id. An open one is answered as it is; CONFLICT says why another cannot be.',
  })
  async messageRetry(
    @Arg('id', () => ID, { description: 'Which message.' }) id: string,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<MessageRetryPayload> {
    const { result, userErrors } = await answer(() => retryMessage(this.parts, em, id, actor));
    return { message: result, userErrors };
  }
}
