import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { idempotencyKeyArg, keyedCall } from '../graphql/idempotency-key.js';
import { parseInput } from '../graphql/parse-input.js';
import { answer } from '../graphql/user-error.js';
import { duplicateMailing } from './duplicate-mailing.js';
import type { LifecycleParts } from './lifecycle-parts.js';
import { nameSchema } from './mailing.inputs.js';
import { Mailing } from './mailing.js';
import { MailingPayload } from './mailing.payload.js';

/** What a person does with a mailing besides leading it through its life. */
@Resolver(() => Mailing)
export class ByHandResolver {
  constructor(private readonly parts: LifecycleParts) {}

  @Mutation(() => MailingPayload, {
    description:
      'Makes a draft with everything a person decided about another mailing, whatever its status. It lasts as long, and starts when that one does, or now where that has passed.',
  })
  async mailingDuplicate(
    @Arg('id', () => ID, { description: 'Which mailing to copy.' }) id: string,
    @Arg('name', () => String, { nullable: true, description: 'Left out: its name with "(copy)" behind it.' })
    name: string | null,
    @Arg('idempotencyKey', () => String, idempotencyKeyArg) key: string | null,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<MailingPayload> {
    const { result, userErrors } = await answer(() => {
      const given = name == null ? null : parseInput(nameSchema, name, ['name']);
      const call = keyedCall('mailingDuplicate', key, { id, name });
      return duplicateMailing({ ...this.parts, em }, id, given, actor, call);
    });
    return new MailingPayload(this.parts.pool, result, userErrors);
  }
}
