import type { Cache, CacheExchangeOpts } from '@urql/exchange-graphcache';
import {
  type MailingProgressSubscription,
  type MailingProgressSubscriptionVariables,
  type MailingsChangedSubscription,
  ProgressPartFragmentDoc,
} from '../generated/graphql.js';

/** By which lists are sorted out: the status each mailing was last heard to have. */
const statuses = new Map<string, string>();

/** What a root field answered, whatever its arguments, is no longer true: whoever shows it asks again. */
export function askAgain(cache: Cache, field: string): void {
  for (const { fieldName, arguments: args } of cache.inspectFields('Query')) {
    if (fieldName === field) cache.invalidate('Query', fieldName, args);
  }
}

/** The same of a field of one thing. */
function askAgainOf(cache: Cache, thing: { __typename: string; id: string }, field: string): void {
  for (const { fieldName, arguments: args } of cache.inspectFields(thing)) {
    if (fieldName === field) cache.invalidate(thing, fieldName, args);
  }
}

/** How graphcache keeps what the API answers: by type and id, where there is one; else as a part of what it was asked of. */
export const normalised: CacheExchangeOpts = {
  keys: {
    Audience: () => null,
    AudienceFilter: () => null,
    Attempt: () => null,
    ChannelCircuit: () => null,
    ChannelState: ({ name }) => String(name),
    ClientFacets: () => null,
    DailyReportLetter: () => null,
    DailyReportMailing: () => null,
    DailyReportPlan: () => null,
    DeliveryHour: () => null,
    FacetValue: () => null,
    FailureGroup: () => null,
    Health: () => null,
    HealthDatabase: () => null,
    HealthPart: () => null,
    ImportProblem: () => null,
    MailingForecast: () => null,
    MailingPreview: () => null,
    MailingStatistics: () => null,
    PageInfo: () => null,
    Progress: () => null,
    SchedulerJob: () => null,
    SchedulerJobs: () => null,
    Sending: () => null,
    Statistics: () => null,
    StatisticsGroup: () => null,
    StatusCounts: () => null,
    TemplateProblem: () => null,
    ThroughputPoint: () => null,
    TimeZoneForecast: () => null,
    TimeZoneInfo: ({ name }) => String(name),
    Viewer: () => null,
    Waiting: () => null,
  },
  updates: {
    Subscription: {
      // The state now: whoever shows this mailing shows it.
      mailingProgress: (result, args, cache) => {
        const { mailingId } = args as MailingProgressSubscriptionVariables;
        const { mailingProgress: progress } = result as unknown as MailingProgressSubscription;
        const part = { __typename: 'Mailing', id: mailingId, status: progress.status, progress };
        cache.writeFragment(ProgressPartFragmentDoc, part as never);
      },
      // What mailings show changes in place; which ones a list has is asked for again.
      mailingChanged: (result, _args, cache) => {
        const { snapshot, sendingSwitched, deletedIds, mailings } = (result as unknown as MailingsChangedSubscription)
          .mailingChanged;
        if (snapshot || sendingSwitched) askAgain(cache, 'sending');
        const moved = mailings.filter(({ id, status }) => statuses.get(id) !== status);
        for (const { id, status } of moved) statuses.set(id, status);
        for (const id of deletedIds) cache.invalidate({ __typename: 'Mailing', id });
        if (snapshot || moved.length + deletedIds.length > 0) askAgain(cache, 'mailings');
      },
    },
    Mutation: {
      mailingCreate: (_result, _args, cache) => askAgain(cache, 'mailings'),
      mailingDuplicate: (_result, _args, cache) => askAgain(cache, 'mailings'),
      mailingDelete: (_result, args, cache) => {
        cache.invalidate({ __typename: 'Mailing', id: args['id'] as string });
        askAgain(cache, 'mailings');
      },
      clientCreate: (_result, _args, cache) => askAgain(cache, 'clients'),
      clientDelete: (_result, args, cache) => {
        cache.invalidate({ __typename: 'Client', id: args['id'] as string });
        askAgain(cache, 'clients');
      },
      // Messages of it may be anywhere.
      clientErase: (_result, args, cache) => {
        cache.invalidate({ __typename: 'Client', id: args['id'] as string });
        for (const field of ['clients', 'messages', 'mailing', 'message']) askAgain(cache, field);
      },
      clientRestore: (_result, args, cache) => {
        askAgainOf(cache, { __typename: 'Client', id: args['id'] as string }, 'events');
        askAgain(cache, 'clients');
      },
      // An opt-out and another time zone are in its history.
      clientUpdate: (_result, args, cache) =>
        askAgainOf(cache, { __typename: 'Client', id: args['id'] as string }, 'events'),
      dailyReportSend: (_result, _args, cache) => {
        askAgain(cache, 'dailyReport');
        askAgain(cache, 'dailyReports');
      },
      tokenCreate: (_result, _args, cache) => askAgain(cache, 'tokens'),
      webhookCreate: (_result, _args, cache) => askAgain(cache, 'webhooks'),
      webhookDelete: (_result, _args, cache) => askAgain(cache, 'webhooks'),
      userInvite: (_result, _args, cache) => askAgain(cache, 'users'),
      sendingStop: (_result, _args, cache) => askAgain(cache, 'sending'),
      sendingResume: (_result, _args, cache) => askAgain(cache, 'sending'),
    },
  },
};
