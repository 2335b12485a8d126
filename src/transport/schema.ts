import { GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { ApiTokenResolver } from '../access/api-token.resolver.js';
import { AuditResolver } from '../access/audit.resolver.js';
import type { AuditLog } from '../access/audit-log.js';
import { guardSchema } from '../access/guard-schema.js';
import type { ResolverInstances } from '../access/request-context.js';
import { UserResolver } from '../access/user.resolver.js';
import { ViewerResolver } from '../access/viewer.resolver.js';
import { ClientJobResolver } from '../bulk/client-job.resolver.js';
import { EraseResolver } from '../care/erase.resolver.js';
import { ClientResolver } from '../client/client.resolver.js';
import { TimeZoneResolver } from '../client/time-zone.resolver.js';
import { AudienceResolver } from '../mailing/audience.resolver.js';
import { ByHandResolver } from '../mailing/by-hand.resolver.js';
import { ForecastResolver } from '../mailing/forecast.resolver.js';
import { MailingResolver } from '../mailing/mailing.resolver.js';
import { MailingSubscriptions } from '../mailing/mailing.subscriptions.js';
import { MailingFiguresResolver } from '../mailing/mailing-figures.resolver.js';
import { MailingListEventResolver } from '../mailing/mailing-list-event.resolver.js';
import { MailingListsResolver } from '../mailing/mailing-lists.resolver.js';
import { MailingMessageResolver } from '../mailing/mailing-message.resolver.js';
import { MessageStatusChangeResolver } from '../mailing/message-status-change.resolver.js';
import { PreviewResolver } from '../mailing/preview.resolver.js';
import { RetryResolver } from '../mailing/retry.resolver.js';
import { ClientMessagesResolver, MessageResolver } from '../message/message.resolver.js';
import { HealthResolver } from '../operations/health.resolver.js';
import { SchedulerJobResolver } from '../operations/scheduler-job.resolver.js';
import { DailyReportResolver } from '../report/daily-report.resolver.js';
import { DeliveriesResolver } from '../report/deliveries.resolver.js';
import { ReportLinkResolver } from '../report/report-link.resolver.js';
import { StatisticsResolver } from '../report/statistics.resolver.js';
import { ChannelResolver } from '../sending/channel.resolver.js';
import { SendingResolver } from '../sending/sending.resolver.js';
import { WebhookResolver } from '../webhook/webhook.resolver.js';
import { noteIds } from './note-ids.js';

/** Everything that answers a field. resolvers.ts makes one of each. */
export const resolvers = [
  ViewerResolver,
  ApiTokenResolver,
  AuditResolver,
  UserResolver,
  ClientResolver,
  TimeZoneResolver,
  ClientJobResolver,
  MailingResolver,
  MailingListsResolver,
  MailingFiguresResolver,
  AudienceResolver,
  ForecastResolver,
  PreviewResolver,
  ByHandResolver,
  RetryResolver,
  MailingMessageResolver,
  MessageResolver,
  ClientMessagesResolver,
  MessageStatusChangeResolver,
  MailingSubscriptions,
  MailingListEventResolver,
  ChannelResolver,
  DailyReportResolver,
  DeliveriesResolver,
  StatisticsResolver,
  ReportLinkResolver,
  SendingResolver,
  EraseResolver,
  HealthResolver,
  SchedulerJobResolver,
  WebhookResolver,
] as const;

/**
 * type-graphql insists on a pub-sub for schemas with subscriptions. Ours never use it: they return generators of their
 * own, because that one buffers for subscribers that do not read until the process dies.
 */
const noPubSub: PubSub = {
  publish: () => {
    throw new Error('There is no pub-sub: write a row and ring its bell.');
  },
  subscribe: () => {
    throw new Error('There is no pub-sub: give the subscription a `subscribe` of its own.');
  },
};

/**
 * @param instances where type-graphql finds the resolvers it calls
 * @param audit where mutations are written down; null: the schema is only printed
 * @throws Error when a root field does not say whom it is open to
 */
export function buildHeliographSchema(instances: ResolverInstances, audit: AuditLog | null): GraphQLSchema {
  return guardSchema(
    noteIds(
      buildSchemaSync({
        resolvers: [...resolvers] as unknown as NonEmptyArray<typeof Object>,
        container: { get: (type) => instances.get(type) },
        pubSub: noPubSub,
        // Inputs are checked by zod where they are used (parse-input.ts).
        validate: false,
      }),
    ),
    audit,
  );
}

/** The schema, for those who read it and ask it nothing. */
export function schemaToPrint(): GraphQLSchema {
  const nobody: ResolverInstances = {
    get: () => {
      throw new Error('A schema that was made to be printed answers nothing.');
    },
  };
  return buildHeliographSchema(nobody, null);
}

/** The schema as a file, always in the same order: `schema.graphql` at the top of the repository is this. */
export function printHeliographSchema(): string {
  return `${printSchema(lexicographicSortSchema(schemaToPrint()))}\n`;
}
