import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { Mailing } from './mailing.js';
import { MailingListEvent, MOST_MAILINGS } from './mailing-list-event.js';

/** The mailings behind an event: one query, when somebody asks. */
@Resolver(() => MailingListEvent)
export class MailingListEventResolver {
  @FieldResolver(() => [Mailing], {
    description: 'As they are by now, which may be later than the event; newest first, without deleted ones.',
  })
  async mailings(@Root() { mailingIds }: MailingListEvent, @Ctx() { em }: RequestContext): Promise<Mailing[]> {
    if (mailingIds?.length === 0) return [];
    return await em.find(
      Mailing,
      { deletedAt: null, ...(mailingIds && { id: { $in: [...mailingIds] } }) },
      { orderBy: { id: 'desc' }, limit: MOST_MAILINGS, disableIdentityMap: true },
    );
  }
}
