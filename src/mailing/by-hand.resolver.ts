import { Arg, Ctx, Field, ID, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { idempotencyKeyArg, keyedCall } from '../graphql/idempotency-key.js';
import { parseInput } from '../graphql/parse-input.js';
import { PhoneNumber } from '../graphql/scalars.js';
import { answer, UserError } from '../graphql/user-error.js';
import { TEST_SEND_MINUTES } from '../message/claim-test-sends.js';
import { Message } from '../message/message.js';
import { duplicateMailing } from './duplicate-mailing.js';
import type { LifecycleParts } from './lifecycle-parts.js';
import { nameSchema } from './mailing.inputs.js';
import { MailingPayload } from './mailing.payload.js';
import type { TemplateCache } from './template.js';
import { sendTest } from './test-sends.js';

@ObjectType({ description: 'What became of a test send.' })
export class TestSendPayload {
  @Field(() => Message, { nullable: true, description: 'The message, on its way; null when there are user errors.' })
  message!: Message | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

/** What a person does with a mailing besides leading it through its life. */
@Resolver()
export class ByHandResolver {
  constructor(private readonly parts: LifecycleParts & { templates: TemplateCache }) {}

  @Allow('mailings:write')
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
      const call = keyedCall(actor, 'mailingDuplicate', key, { id, name });
      return duplicateMailing({ ...this.parts, em }, id, given, actor, call);
    });
    return new MailingPayload(this.parts.pool, result, userErrors);
  }

  @Allow('mailings:write')
  @Mutation(() => TestSendPayload, {
    description: `Sends a mailing's text to one person at once, whatever the mailing's status, hours and limit: it is in no count of the mailing. What holds for the channel holds for it too, and it is tried again for ${TEST_SEND_MINUTES} minutes at the most. Give either \`clientId\` or \`phone\`.`,
  })
  async mailingSendTest(
    @Arg('id', () => ID, { description: 'Which mailing.' }) id: string,
    @Arg('clientId', () => ID, { nullable: true, description: 'Who gets it: CONFLICT when that client opted out.' })
    clientId: string | null,
    @Arg('phone', () => PhoneNumber, {
      nullable: true,
      description:
        'Who gets it, as the client with this phone would; one that no client has gets the text without any attributes.',
    })
    phone: string | null,
    @Arg('idempotencyKey', () => String, idempotencyKeyArg) key: string | null,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<TestSendPayload> {
    const { result, userErrors } = await answer(() => {
      const call = keyedCall(actor, 'mailingSendTest', key, { id, clientId, phone });
      return sendTest({ ...this.parts, em }, id, { clientId, phone }, actor, call);
    });
    return { message: result, userErrors };
  }
}
