import { ApiTokenResolver } from './access/api-token.resolver.js';
import { AuditResolver } from './access/audit.resolver.js';
import type { ResolverInstances } from './access/request-context.js';
import type { SignInParts } from './access/sign-in-parts.js';
import { UserResolver } from './access/user.resolver.js';
import { ViewerResolver } from './access/viewer.resolver.js';
import { ClientJobResolver } from './bulk/client-job.resolver.js';
import { JobFeed } from './bulk/job-feed.js';
import { EraseResolver } from './care/erase.resolver.js';
import { ClientResolver } from './client/client.resolver.js';
import { TimeZoneResolver } from './client/time-zone.resolver.js';
import type { Live } from './live/live.js';
import { AudienceResolver } from './mailing/audience.resolver.js';
import { ByHandResolver } from './mailing/by-hand.resolver.js';
import { ChangesFeed } from './mailing/changes-feed.js';
import { ForecastResolver } from './mailing/forecast.resolver.js';
import { MailingResolver } from './mailing/mailing.resolver.js';
import { MailingSubscriptions } from './mailing/mailing.subscriptions.js';
import { MailingFiguresResolver } from './mailing/mailing-figures.resolver.js';
import { MailingListEventResolver } from './mailing/mailing-list-event.resolver.js';
import { MailingListsResolver } from './mailing/mailing-lists.resolver.js';
import { MailingMessageResolver } from './mailing/mailing-message.resolver.js';
import { MessageStatusChangeResolver } from './mailing/message-status-change.resolver.js';
import { MessageWords } from './mailing/message-words.js';
import { PreviewResolver } from './mailing/preview.resolver.js';
import { ProgressFeed } from './mailing/progress-feed.js';
import { RetryResolver } from './mailing/retry.resolver.js';
import { StatusFeed } from './mailing/status-feed.js';
import { ClientMessagesResolver, MessageResolver } from './message/message.resolver.js';
import { HealthResolver, type HealthResolverOptions } from './operations/health.resolver.js';
import { SchedulerJobResolver } from './operations/scheduler-job.resolver.js';
import { DailyReportResolver } from './report/daily-report.resolver.js';
import { DeliveriesResolver } from './report/deliveries.resolver.js';
import { ReportLinkResolver } from './report/report-link.resolver.js';
import type { ReportSources } from './report/report-parts.js';
import { StatisticsResolver } from './report/statistics.resolver.js';
import type { RestParts } from './rest/rest-api.js';
import type { Scheduler } from './scheduler/scheduler.js';
import { ChannelResolver } from './sending/channel.resolver.js';
import { SendingResolver } from './sending/sending.resolver.js';
import { WebhookResolver, type WebhookResolverOptions } from './webhook/webhook.resolver.js';

/** What the resolvers work with: what REST does, and what only they tell of. */
export interface ResolverParts extends RestParts, HealthResolverOptions, WebhookResolverOptions {
  config: HealthResolverOptions['config'] & ReportSources['config'];
  live: Live;
  scheduler: Pick<Scheduler, 'ring' | 'jobs'>;
}

/**
 * Makes one of each class in transport/schema.ts.
 *
 * @param baseUrl the address people reach the server under, without a slash at the end; known once it listens
 */
export function createResolvers(
  parts: ResolverParts,
  { links, limits, signIn, oidc }: SignInParts,
  baseUrl: () => string,
): ResolverInstances {
  const { pool, live, progress: reader } = parts;
  const instances = [
    new ViewerResolver(),
    new ApiTokenResolver(),
    new AuditResolver(),
    new UserResolver(links, signIn, oidc !== null),
    new ClientResolver(parts.timeZones, pool),
    new TimeZoneResolver(parts.timeZones),
    new ClientJobResolver({ ...parts, feed: new JobFeed(live, pool) }),
    new ForecastResolver(parts),
    new PreviewResolver(pool),
    new MailingResolver(parts),
    new MailingListsResolver(),
    new MailingFiguresResolver({ pool }),
    new AudienceResolver(parts),
    new ByHandResolver(parts),
    new RetryResolver(parts),
    new MailingMessageResolver(new MessageWords(parts.templates, reader)),
    new MessageResolver(),
    new ClientMessagesResolver(),
    new MessageStatusChangeResolver(),
    new MailingListEventResolver(),
    new ChannelResolver(),
    new DailyReportResolver({ ...parts, limits }),
    new DeliveriesResolver(parts),
    new StatisticsResolver(parts),
    new ReportLinkResolver(baseUrl),
    new SendingResolver(parts),
    new EraseResolver(parts),
    new HealthResolver(parts),
    new SchedulerJobResolver(parts),
    new WebhookResolver(parts),
    new MailingSubscriptions(
      new ProgressFeed(live, reader),
      new StatusFeed(live, pool),
      new ChangesFeed(live, pool),
      reader,
    ),
  ];
  return {
    get(type) {
      const found = instances.find((instance) => instance instanceof type);
      if (found === undefined) throw new Error(`resolvers.ts makes no ${type.name}.`);
      return found as InstanceType<typeof type>;
    },
  };
}
