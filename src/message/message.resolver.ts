import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { Client } from '../client/client.js';
import { batchPerRequest } from '../graphql/batch.js';
import { keyed } from '../graphql/connection.js';
import { countAllMessages, listAllMessages } from './all-messages.js';
import { COUNT_AT, LOOK_AT, MESSAGE_ORDERS } from './list-messages.js';
import { Message } from './message.js';
import { MessageConnection, MessageListArgs, MessageLists, parseMessageList } from './message-lists.js';
import { findMessage } from './messages.js';
import { Attempt, loadTimelines } from './timeline.js';

/** A message's own fields. Those that need its mailing are in the mailing room, as imports go mailing → message → client. */
@Resolver(() => Message)
export class MessageResolver {
  readonly #client = batchPerRequest(async ({ em }: RequestContext, ids: readonly string[]) => {
    const where = { id: { $in: [...ids] }, deletedAt: null };
    const clients = await em.find(Client, where, { disableIdentityMap: true });
    const byId = new Map(clients.map((client) => [client.id, client]));
    return ids.map((id) => byId.get(id) ?? null);
  });
  readonly #timeline = batchPerRequest(({ em }: RequestContext, messages: readonly Message[]) =>
    loadTimelines(em, messages),
  );

  @Allow('mailings:read')
  @Query(() => Message, { nullable: true, description: 'One message; NOT_FOUND when there is none.' })
  async message(
    @Arg('id', () => ID, { description: 'Which message: the id the gateway sees.' }) id: string,
    @Ctx() { em }: RequestContext,
  ): Promise<Message> {
    return await findMessage(em, id);
  }

  @Allow('mailings:read')
  @Query(() => MessageConnection, {
    description:
      `Messages of all mailings, without test sends. A page looks at ${LOOK_AT} at the most where no index has the filter: then it may be short, and \`endCursor\` leads on from where it stopped. ` +
      `\`totalCount\` is exact for statuses (of ENQUEUED, DELAYED and SENDING all three or none), one client and one phone; else it counts among the newest ${COUNT_AT}.`,
  })
  async messages(@Args(() => MessageListArgs) args: MessageListArgs, @Ctx() { em, actor }: RequestContext) {
    const page = parseMessageList(args, actor);
    const { rows, goOn } = await listAllMessages(em, page);
    return new MessageConnection({
      keyset: page.keyset,
      ...keyed(rows),
      list: MESSAGE_ORDERS[page.order].list,
      goOn,
      count: () => countAllMessages(em, page.filter),
    });
  }

  @Allow('clients:read')
  @FieldResolver(() => Client, {
    nullable: true,
    description: 'Null: deleted, or a test send to a phone that is no client.',
  })
  async client(@Root() { clientId }: Message, @Ctx() context: RequestContext): Promise<Client | null> {
    return clientId === null ? null : await this.#client(context, clientId);
  }

  @FieldResolver(() => [Attempt], {
    description:
      'Its attempts, the oldest first. One that a gateway refused again and again in the same words is one entry.',
  })
  timeline(@Root() message: Message, @Ctx() context: RequestContext): Promise<Attempt[]> {
    return this.#timeline(context, message);
  }
}

@Resolver(() => Client)
export class ClientMessagesResolver {
  readonly #lists = new MessageLists();

  @Allow('mailings:read')
  @FieldResolver(() => MessageConnection, {
    description: 'The messages to this client, of all mailings, without test sends. `totalCount` is exact.',
  })
  async messages(
    @Root() { id }: Client,
    @Args(() => MessageListArgs) args: MessageListArgs,
    @Ctx() context: RequestContext,
  ) {
    return await this.#lists.of(context, 'clients', id, parseMessageList(args, context.actor));
  }
}
