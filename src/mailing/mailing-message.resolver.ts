import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { Message, WaitingFor } from '../message/message.js';
import { Mailing } from './mailing.js';
import type { MessageWords } from './message-words.js';

/** The fields of a message that need its mailing. */
@Resolver(() => Message)
export class MailingMessageResolver {
  readonly #mailing = batchPerRequest(async ({ em }: RequestContext, ids: readonly string[]) => {
    const mailings = await em.find(Mailing, { id: { $in: [...ids] } }, { disableIdentityMap: true });
    const byId = new Map(mailings.map((mailing) => [mailing.id, mailing]));
    return ids.map((id) => {
      const mailing = byId.get(id);
      if (mailing === undefined) throw new Error(`the messages of mailing ${id} are there, but it is not`);
      return mailing;
    });
  });

  constructor(private readonly words: MessageWords) {}

  @FieldResolver(() => Mailing, { description: 'The mailing that it is part of.' })
  mailing(@Root() { mailingId }: Message, @Ctx() context: RequestContext): Promise<Mailing> {
    return this.#mailing(context, mailingId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The words as they are sent, or would be; null: the text cannot be rendered for this client.',
  })
  async text(@Root() message: Message, @Ctx() context: RequestContext): Promise<string | null> {
    return await this.words.text(message, () => this.#mailing(context, message.mailingId));
  }

  @FieldResolver(() => WaitingFor, {
    nullable: true,
    description:
      'Why it is DELAYED, or what holds it back while it is ENQUEUED: the first that its mailing names. Null: a worker takes it next, or it is in hand, or over.',
  })
  async waitingFor(@Root() message: Message): Promise<WaitingFor | null> {
    return await this.words.waitingFor(message);
  }
}
