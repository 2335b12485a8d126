import { Args, ArgsType, Ctx, Field, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { connectionType, keyed, PageArgs, readKeyset } from '../graphql/connection.js';
import { COUNT_AT, LOOK_AT } from '../message/list-messages.js';
import { MessageStatus } from '../message/message.js';
import { asksOnlyForStatuses } from '../message/message-filter.js';
import { MessageConnection, MessageListArgs, MessageLists, parseMessageList } from '../message/message-lists.js';
import { countMailings, listMailings, MAILING_ORDERS, MailingOrder } from './list-mailings.js';
import { countTestSends, listTestSends } from './list-test-sends.js';
import { Mailing, MailingStatus } from './mailing.js';
import { MailingEvent } from './mailing-event.js';
import { countEvents, listEvents, type MailingPage } from './mailing-events.js';
import { MailingFilterInput, parseMailingFilter } from './mailing-filter.js';
import { countedInRow } from './mailings.js';

export const MailingConnection = connectionType('Mailing', Mailing);
export const MailingEventConnection = connectionType('MailingEvent', MailingEvent);

@ArgsType()
class MailingListArgs extends PageArgs {
  @Field(() => MailingFilterInput, { nullable: true, description: 'Only these; none: all.' })
  filter?: MailingFilterInput | null;

  @Field(() => MailingOrder, {
    defaultValue: MailingOrder.NEWEST,
    description: 'How they are sorted. A cursor holds for one order only.',
  })
  orderBy: MailingOrder = MailingOrder.NEWEST;

  @Field(() => [MailingStatus], {
    nullable: true,
    description: 'Only these; none: all.',
    deprecationReason: 'Use filter: { statuses }.',
  })
  statuses?: MailingStatus[] | null;
}

@ArgsType()
class MailingMessagesArgs extends MessageListArgs {
  @Field(() => [MessageStatus], {
    nullable: true,
    description: 'Only these; none: all.',
    deprecationReason: 'Use filter: { statuses }.',
  })
  statuses?: MessageStatus[] | null;
}

/** The list of mailings, and the lists that a mailing has. */
@Resolver(() => Mailing)
export class MailingListsResolver {
  readonly #events = batchPerRequest(({ em }: RequestContext, pages: readonly MailingPage[]) => listEvents(em, pages));
  readonly #eventCount = batchPerRequest(({ em }: RequestContext, ids: readonly string[]) => countEvents(em, ids));

  readonly #testSends = batchPerRequest(({ em }: RequestContext, pages: readonly MailingPage[]) =>
    listTestSends(em, pages),
  );
  readonly #testSendCount = batchPerRequest(({ em }: RequestContext, ids: readonly string[]) =>
    countTestSends(em, ids),
  );
  readonly #messages = new MessageLists();

  @Allow('mailings:read')
  @Query(() => MailingConnection, { description: 'Mailings. `totalCount` is exact.' })
  async mailings(
    @Args(() => MailingListArgs) { statuses, ...args }: MailingListArgs,
    @Ctx() { em, actor }: RequestContext,
  ) {
    const filter = parseMailingFilter({ statuses: statuses ?? null, ...args.filter }, actor);
    const { list, parts } = MAILING_ORDERS[args.orderBy];
    const keyset = readKeyset(args, list, parts);
    const listed = await listMailings(em, filter, keyset, args.orderBy);
    return new MailingConnection({
      keyset,
      ...keyed(listed),
      list,
      count: () => countMailings(em, filter),
    });
  }

  @FieldResolver(() => MailingEventConnection, { description: 'Its history, the oldest first.' })
  async events(@Root() { id }: Mailing, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    const list = 'event';
    const keyset = readKeyset(page, list);
    const rows = await this.#events(context, { mailingId: id, keyset });
    const count = () => this.#eventCount(context, id);
    return new MailingEventConnection({ keyset, rows, list, keyOf: (row) => [row.id], count });
  }

  @FieldResolver(() => MessageConnection, { description: 'What was sent for a test, newest first.' })
  async testSends(@Root() { id }: Mailing, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    const list = 'test';
    const keyset = readKeyset(page, list);
    const rows = await this.#testSends(context, { mailingId: id, keyset });
    const count = () => this.#testSendCount(context, id);
    return new MessageConnection({ keyset, rows, list, keyOf: (row) => [row.id], count });
  }

  @FieldResolver(() => MessageConnection, {
    description:
      `Its messages, without test sends. A page looks at ${LOOK_AT} at the most where no index has the filter: then it may be short, and \`endCursor\` leads on from where it stopped. ` +
      `\`totalCount\` is exact for statuses, one client and one phone; else it counts among the newest ${COUNT_AT}.`,
  })
  async messages(
    @Root() mailing: Mailing,
    @Args(() => MailingMessagesArgs) { statuses, ...args }: MailingMessagesArgs,
    @Ctx() context: RequestContext,
  ) {
    const page = parseMessageList({ ...args, filter: { statuses: statuses ?? null, ...args.filter } }, context.actor);
    // Where the row knows that there is none, nobody looks for them among all the others.
    const counted = asksOnlyForStatuses(page.filter) ? countedInRow(mailing, page.filter.statuses ?? []) : null;
    return await this.#messages.of(context, 'mailings', mailing.id, page, counted);
  }
}
