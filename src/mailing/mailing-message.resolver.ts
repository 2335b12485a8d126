import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { Turns } from '../graphql/turns.js';
import { Message } from '../message/message.js';
import { Mailing } from './mailing.js';
import type { TemplateCache } from './template.js';

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

  readonly #turns = new Turns();

  constructor(private readonly templates: TemplateCache) {}

  @FieldResolver(() => Mailing, { description: 'The mailing that it is part of.' })
  mailing(@Root() { mailingId }: Message, @Ctx() context: RequestContext): Promise<Mailing> {
    return this.#mailing(context, mailingId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The words as they are sent, or would be; null: the text cannot be rendered for this client.',
  })
  async text(@Root() message: Message, @Ctx() context: RequestContext): Promise<string | null> {
    const mailing = await this.#mailing(context, message.mailingId);
    return await this.#turns.take(() => {
      try {
        return this.templates.get(mailing.text).render(message);
      } catch {
        return null;
      }
    });
  }
}
