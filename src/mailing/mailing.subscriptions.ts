import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { z } from 'zod';
import { Allow } from '../access/allow.js';
import type { RequestContext } from '../access/request-context.js';
import { parseId, parseInput } from '../graphql/parse-input.js';
import { cancellable } from '../live/cancellable.js';
import { MessageStatus } from '../message/message.js';
import type { ChangesFeed } from './changes-feed.js';
import { MailingListEvent, MOST_MAILINGS } from './mailing-list-event.js';
import { MessageStatusEvent } from './message-status-event.js';
import { Progress } from './progress.js';
import type { ProgressFeed } from './progress-feed.js';
import type { ProgressReader } from './progress-reader.js';
import type { StatusFeed } from './status-feed.js';

const cursor = z
  .string()
  .regex(/^\d{1,15}$/, 'must be the version of an event you have seen')
  .nullish()
  .transform((version) => (version == null ? null : Number(version)));

const progressArgs = z.object({ mailingId: z.string(), after: cursor });
const statusArgs = z.object({
  mailingId: z.string(),
  clientId: z.string().nullish(),
  statuses: z.array(z.enum(MessageStatus)).nullish(),
  after: cursor,
});

const changesArgs = z.object({
  ids: z.array(z.string()).min(1).max(MOST_MAILINGS).nullish(),
  after: cursor,
});

const AFTER = 'The `version` of the last event you have seen; null: none.';

/** What type-graphql hands to `subscribe`, which it calls without the resolver's instance. */
interface Subscribing {
  args: Record<string, unknown>;
  context: RequestContext;
}

/** The live fields of mailings. What is wrong with the arguments is said before anything is subscribed to. */
@Resolver()
export class MailingSubscriptions {
  constructor(
    private readonly progressFeed: ProgressFeed,
    private readonly statusFeed: StatusFeed,
    private readonly changesFeed: ChangesFeed,
    private readonly reader: ProgressReader,
  ) {}

  @Allow('mailings:read')
  @Subscription(() => Progress, {
    description: 'How far a mailing is: the state now, then each change, at most four a second. Never ends by itself.',
    subscribe: ({ args, context }: Subscribing) => context.resolvers.get(MailingSubscriptions).followProgress(args),
  })
  mailingProgress(
    @Root() progress: Progress,
    @Arg('mailingId', () => ID, { description: 'Which mailing.' }) _mailingId: string,
    @Arg('after', () => String, {
      nullable: true,
      description: `${AFTER} The first event is the state now all the same: it holds whatever was missed.`,
    })
    _after?: string,
  ): Progress {
    return progress;
  }

  @Allow('mailings:read')
  @Subscription(() => MessageStatusEvent, {
    description:
      'Every change of message statuses, many in one event. Without `after`, or when that is longer ago than a day, the first event is a snapshot; with it, exactly what came since.',
    subscribe: ({ args, context }: Subscribing) => context.resolvers.get(MailingSubscriptions).followStatuses(args),
  })
  messageStatusChanged(
    @Root() event: MessageStatusEvent,
    @Arg('mailingId', () => ID, { description: 'Which mailing.' }) _mailingId: string,
    @Arg('clientId', () => ID, { nullable: true, description: "Only this client's message." }) _clientId?: string,
    @Arg('statuses', () => [MessageStatus], { nullable: true, description: 'Only these; none: all.' })
    _statuses?: MessageStatus[],
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after?: string,
  ): MessageStatusEvent {
    return event;
  }

  @Allow('mailings:read')
  @Subscription(() => MailingListEvent, {
    description:
      'Every change of mailings, for lists of them: made, edited, started, moved on by a batch of messages, deleted; at most two events a second. Without `after`, or when too much came since, the first event is a snapshot.',
    subscribe: ({ args, context }: Subscribing) => context.resolvers.get(MailingSubscriptions).followChanges(args),
  })
  mailingChanged(
    @Root() changes: MailingListEvent,
    @Arg('ids', () => [ID], { nullable: true, description: `Only these, ${MOST_MAILINGS} at the most; null: all.` })
    _ids?: string[],
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after?: string,
  ): MailingListEvent {
    return changes;
  }

  /** @throws AppError NOT_FOUND, BAD_USER_INPUT */
  async followProgress(args: Record<string, unknown>): Promise<AsyncIterable<Progress>> {
    const mailingId = parseId(parseInput(progressArgs, args).mailingId, 'mailing', 'mailingId');
    const now = await this.reader.read(mailingId);
    return cancellable((signal) => this.progressFeed.follow(mailingId, now, signal));
  }

  /** @throws AppError NOT_FOUND, BAD_USER_INPUT */
  async followStatuses(args: Record<string, unknown>): Promise<AsyncIterable<MessageStatusEvent>> {
    const { statuses, after, ...ids } = parseInput(statusArgs, args);
    const mailingId = parseId(ids.mailingId, 'mailing', 'mailingId');
    const clientId = ids.clientId == null ? null : parseId(ids.clientId, 'client', 'clientId');
    const newest = await this.statusFeed.version(mailingId);
    if (clientId !== null) await this.statusFeed.checkClient(clientId);
    const asked = { mailingId, clientId, after, statuses: statuses?.length ? new Set(statuses) : null };
    return cancellable((signal) => this.statusFeed.follow(asked, newest, signal));
  }

  /** @throws AppError NOT_FOUND where an id can be none, BAD_USER_INPUT */
  async followChanges(args: Record<string, unknown>): Promise<AsyncIterable<MailingListEvent>> {
    const { ids, after } = parseInput(changesArgs, args);
    const wanted = ids && new Set(ids.map((id) => parseId(id, 'mailing', 'ids')));
    return cancellable((signal) => this.changesFeed.follow({ ids: wanted ?? null, after }, signal));
  }
}
