import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { Turns } from '../graphql/turns.js';
import { Message, MessageStatus, WaitingFor } from '../message/message.js';
import { Mailing } from './mailing.js';
import type { ProgressReader } from './progress-reader.js';
import type { TemplateCache } from './template.js';

/** Reasons that hold for single messages, and not for all that are due. */
const ITS_OWN: readonly WaitingFor[] = [WaitingFor.WINDOW, WaitingFor.RETRY];

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

  constructor(
    private readonly templates: TemplateCache,
    private readonly progress: Pick<ProgressReader, 'waitingOf' | 'testWaitsFor'>,
  ) {}

  @FieldResolver(() => Mailing, { description: 'The mailing that it is part of.' })
  mailing(@Root() { mailingId }: Message, @Ctx() context: RequestContext): Promise<Mailing> {
    return this.#mailing(context, mailingId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The words as they are sent, or would be; null: the text cannot be rendered for this client.',
  })
  async text(@Root() message: Message, @Ctx() context: RequestContext): Promise<string | null> {
    if (message.ownText !== null) return message.ownText;
    const mailing = await this.#mailing(context, message.mailingId);
    return await this.#turns.take(() => {
      try {
        return this.templates.get(mailing.text).render(message);
      } catch {
        return null;
      }
    });
  }

  @FieldResolver(() => WaitingFor, {
    nullable: true,
    description:
      'Why it is DELAYED, or what holds it back while it is ENQUEUED: the first that its mailing names. Null: a worker takes it next, or it is in hand, or over.',
  })
  async waitingFor(@Root() message: Message): Promise<WaitingFor | null> {
    const { shownStatus, mailingId, kind } = message;
    if (shownStatus === MessageStatus.DELAYED) return message.waitingFor;
    if (shownStatus !== MessageStatus.ENQUEUED) return null;
    if (kind === 'TEST') return await this.progress.testWaitsFor(mailingId);
    const waiting = await this.progress.waitingOf(mailingId);
    return waiting.find(({ reason }) => !ITS_OWN.includes(reason))?.reason ?? null;
  }
}
