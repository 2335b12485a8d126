import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { Client } from '../client/client.js';
import { batchPerRequest } from '../graphql/batch.js';
import { connectionType } from '../graphql/connection.js';
import { Message } from './message.js';
import { findMessage } from './messages.js';
import { Attempt, loadTimelines } from './timeline.js';

export const MessageConnection = connectionType('Message', Message);

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

  @Allow('clients:read')
  @FieldResolver(() => Client, {
    nullable: true,
    description: 'Null: deleted, or a test send to a phone that is no client.',
  })
  async client(@Root() { clientId }: Message, @Ctx() context: RequestContext): Promise<Client | null> {
    return clientId === null ? null : await this.#client(context, clientId);
  }

  @FieldResolver(() => [Attempt], { description: 'Its attempts, the oldest first.' })
  timeline(@Root() message: Message, @Ctx() context: RequestContext): Promise<Attempt[]> {
    return this.#timeline(context, message);
  }
}
