import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { Message } from '../message/message.js';
import { MessageStatusChange } from './message-status-event.js';

/** Ids in one query; PostgreSQL takes 65,535 parameters. */
const IDS = 10_000;

/** The message behind a change, for those who ask for it: one query an event, as an event is of one mailing. */
@Resolver(() => MessageStatusChange)
export class MessageStatusChangeResolver {
  readonly #message = batchPerRequest(async ({ em }: RequestContext, changes: readonly MessageStatusChange[]) => {
    const mailingId = changes[0]?.mailingId ?? '';
    const ids = [...new Set(changes.map(({ messageId }) => messageId))];
    const byId = new Map<string, Message>();
    for (let first = 0; first < ids.length; first += IDS) {
      const where = { mailingId, id: { $in: ids.slice(first, first + IDS) } };
      for (const message of await em.find(Message, where, { disableIdentityMap: true })) byId.set(message.id, message);
    }
    return changes.map(({ messageId }) => byId.get(messageId) ?? null);
  });

  @FieldResolver(() => Message, {
    nullable: true,
    description: 'The message as it is now, which may be later than the change; null: removed since.',
  })
  message(@Root() change: MessageStatusChange, @Ctx() context: RequestContext): Promise<Message | null> {
    return this.#message(context, change);
  }
}
