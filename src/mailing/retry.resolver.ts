import { Arg, Ctx, Field, ID, Int, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { answer, UserError } from '../graphql/user-error.js';
import { Message } from '../message/message.js';
import type { LifecycleParts } from './lifecycle-parts.js';
import { Mailing } from './mailing.js';
import { findMailing } from './mailings.js';
import { parseRetryFilter, RetryFilterInput } from './retry.inputs.js';
import { retryFailed, retryMessage } from './retry-messages.js';

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
      const { retried, skipped } = await retryFailed(this.parts, id, parseRetryFilter(filter, actor), actor);
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
