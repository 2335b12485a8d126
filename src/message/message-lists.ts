import { ArgsType, Field } from 'type-graphql';
import type { Actor } from '../access/actor.js';
import type { RequestContext } from '../access/request-context.js';
import { batchPerRequest } from '../graphql/batch.js';
import { connectionType, keyed, PageArgs, readKeyset } from '../graphql/connection.js';
import {
  countMessages,
  listMessages,
  MESSAGE_ORDERS,
  MessageOrder,
  type MessagePage,
  type Owners,
  orderOf,
} from './list-messages.js';
import { Message } from './message.js';
import { assertMayAsk, type MessageFilter, MessageFilterInput, parseMessageFilter } from './message-filter.js';

export const MessageConnection = connectionType('Message', Message);

/** Which messages, and how sorted. */
@ArgsType()
export class MessageListArgs extends PageArgs {
  @Field(() => MessageFilterInput, { nullable: true, description: 'Only these; none: all.' })
  filter?: MessageFilterInput | null;

  @Field(() => MessageOrder, {
    nullable: true,
    description:
      'How they are sorted. Left out: newest first; open statuses alone in the order in which they are due. A cursor holds for one order only.',
  })
  orderBy?: MessageOrder | null;
}

/** @throws InputError on `filter.…`; AppError BAD_USER_INPUT on `orderBy`, `first` or `after`, FORBIDDEN on `filter.phone` */
export function parseMessageList(args: MessageListArgs, actor: Actor): MessagePage {
  const filter = parseMessageFilter(args.filter);
  assertMayAsk(actor, filter);
  const order = orderOf(filter, args.orderBy ?? null);
  const { list, parts } = MESSAGE_ORDERS[order];
  return { filter, order, keyset: readKeyset(args, list, parts) };
}

interface Asked<Q> {
  readonly id: string;
  readonly owner: Owners['owner'];
  readonly query: Q;
}

/** Lists that belong to something: of all mailings, or clients, of one request with one statement for each part of it. */
export class MessageLists {
  readonly #pages = batchPerRequest(({ em }: RequestContext, asked: readonly Asked<MessagePage>[]) =>
    together(asked, ({ owner, query }, ids) => listMessages(em, { owner, ids }, query)),
  );
  readonly #counts = batchPerRequest(({ em }: RequestContext, asked: readonly Asked<MessageFilter>[]) =>
    together(asked, ({ owner, query }, ids) => countMessages(em, { owner, ids }, query)),
  );

  /** @param counted how many there are, where that is known already; null: it is not */
  async of(
    context: RequestContext,
    owner: Owners['owner'],
    id: string,
    page: MessagePage,
    counted: number | null = null,
  ) {
    const { list } = MESSAGE_ORDERS[page.order];
    const nothing = { rows: [], goOn: null };
    const { rows, goOn } = counted === 0 ? nothing : await this.#pages(context, { id, owner, query: page });
    return new MessageConnection({
      keyset: page.keyset,
      ...keyed(rows),
      list,
      goOn,
      count: async () => counted ?? (await this.#counts(context, { id, owner, query: page.filter })),
    });
  }
}

/** Fields of one selection ask the same of many owners. */
async function together<Q, R>(
  asked: readonly Asked<Q>[],
  load: (one: Asked<Q>, ids: string[]) => Promise<R[]>,
): Promise<R[]> {
  const found = new Map<Asked<Q>, R>();
  for (const group of Map.groupBy(asked, ({ owner, query }) => JSON.stringify([owner, query])).values()) {
    const results = await load(
      group[0] as Asked<Q>,
      group.map(({ id }) => id),
    );
    for (const [at, one] of group.entries()) found.set(one, results[at] as R);
  }
  return asked.map((one) => found.get(one) as R);
}
