import { Arg, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { Entries } from '../graphql/entries.js';
import { answer, UserError } from '../graphql/user-error.js';
import type { Scheduler } from '../scheduler/scheduler.js';
import { type AddressRules, parseNewWebhook, parseWebhookPatch, WebhookInput, WebhookPatch } from './webhook.inputs.js';
import { Webhook } from './webhook.js';
import { WebhookDelivery } from './webhook-delivery.js';
import {
  createWebhook,
  deleteWebhook,
  LISTED_DELIVERIES,
  listDeliveries,
  listWebhooks,
  MOST_WEBHOOKS,
  redeliver,
  testWebhook,
  updateWebhook,
} from './webhooks.js';

/** What became of a webhook. */
@ObjectType({ description: 'What became of a webhook.', simpleResolvers: true })
export class WebhookPayload {
  @Field(() => Webhook, { nullable: true, description: 'Null when there are user errors, or it was deleted.' })
  webhook!: Webhook | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What each request is signed with: `whsec_…`. It is shown this once, where the webhook was made; else null.',
  })
  secret!: string | null;

  @Field(() => WebhookDelivery, { nullable: true, description: 'What is sent, by a test or once more; else null.' })
  delivery!: WebhookDelivery | null;

  @Field(() => [UserError], { description: 'Empty: it is done.' })
  userErrors!: UserError[];
}

/** What the resolver works with. */
export interface WebhookResolverOptions {
  scheduler: Pick<Scheduler, 'ring'>;
  webhookRules: AddressRules;
}

/** The webhooks, for who holds `webhooks:admin`. */
@Resolver(() => Webhook)
export class WebhookResolver {
  readonly #deliveries = batchPerRequest(({ em }: RequestContext, ids: readonly string[]) => listDeliveries(em, ids));

  constructor(private readonly options: WebhookResolverOptions) {}

  @Allow('webhooks:admin')
  @Entries(MOST_WEBHOOKS)
  @Query(() => [Webhook], { description: `The webhooks, at most ${MOST_WEBHOOKS}, the oldest first.` })
  async webhooks(@Ctx() { em }: RequestContext): Promise<Webhook[]> {
    return await listWebhooks(em);
  }

  @Entries(LISTED_DELIVERIES)
  @FieldResolver(() => [WebhookDelivery], {
    description: `What it was told, or is to be, the newest ${LISTED_DELIVERIES} of the last month.`,
  })
  async deliveries(@Root() { id }: Webhook, @Ctx() context: RequestContext): Promise<WebhookDelivery[]> {
    return await this.#deliveries(context, id);
  }

  @Allow('webhooks:admin')
  @Mutation(() => WebhookPayload, { description: 'Makes a webhook: from now on it is told what happens.' })
  async webhookCreate(
    @Arg('input', () => WebhookInput, { description: 'The new webhook.' }) input: WebhookInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<WebhookPayload> {
    return await payloadOf(() => createWebhook(em, parseNewWebhook(input, this.options.webhookRules), actor));
  }

  @Allow('webhooks:admin')
  @Mutation(() => WebhookPayload, {
    description: 'Changes a webhook. Its secret stays: for another, make another webhook.',
  })
  async webhookUpdate(
    @Arg('id', () => ID, { description: 'Which webhook.' }) id: string,
    @Arg('input', () => WebhookPatch, { description: 'What is to be changed.' }) input: WebhookPatch,
    @Ctx() { em }: RequestContext,
  ): Promise<WebhookPayload> {
    const { webhookRules, scheduler } = this.options;
    const payload = await payloadOf(async () => ({
      webhook: await updateWebhook(em, id, parseWebhookPatch(input, webhookRules)),
    }));
    if (payload.webhook?.enabled) await scheduler.ring('webhook.deliver', { webhookId: payload.webhook.id });
    return payload;
  }

  @Allow('webhooks:admin')
  @Mutation(() => WebhookPayload, { description: 'Deletes a webhook, with all that is on its way to it.' })
  async webhookDelete(
    @Arg('id', () => ID, { description: 'Which webhook.' }) id: string,
    @Ctx() { em }: RequestContext,
  ): Promise<WebhookPayload> {
    return await payloadOf(async () => {
      await deleteWebhook(em, id);
      return {};
    });
  }

  @Allow('webhooks:admin')
  @Mutation(() => WebhookPayload, {
    description: 'Sends a test to a webhook, now. What came of it is seen in its deliveries.',
  })
  async webhookTest(
    @Arg('id', () => ID, { description: 'Which webhook.' }) id: string,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<WebhookPayload> {
    return await this.#sent(await payloadOf(() => testWebhook(em, id, actor)));
  }

  @Allow('webhooks:admin')
  @Mutation(() => WebhookPayload, {
    description: 'Sends once more what a webhook was told, now and under the same `webhook-id`.',
  })
  async webhookRedeliver(
    @Arg('id', () => ID, { description: 'Which webhook.' }) id: string,
    @Arg('deliveryId', () => ID, { description: 'Which of its deliveries.' }) deliveryId: string,
    @Ctx() { em }: RequestContext,
  ): Promise<WebhookPayload> {
    return await this.#sent(await payloadOf(() => redeliver(em, id, deliveryId)));
  }

  async #sent(payload: WebhookPayload): Promise<WebhookPayload> {
    if (payload.webhook) await this.options.scheduler.ring('webhook.deliver', { webhookId: payload.webhook.id });
    return payload;
  }
}

/** What work came to, or what a person can mend. */
async function payloadOf(work: () => Promise<Partial<WebhookPayload>>): Promise<WebhookPayload> {
  const { result, userErrors } = await answer(work);
  return Object.assign(new WebhookPayload(), { webhook: null, secret: null, delivery: null, ...result, userErrors });
}
