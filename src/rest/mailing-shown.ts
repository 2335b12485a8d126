import { z } from 'zod';
import { LocalTime } from '../graphql/scalars.js';
import { type Mailing, MailingStatus, UnknownOutcome } from '../mailing/mailing.js';
import { WaitingFor } from '../message/message.js';
import { id, type RestParts } from './rest-api.js';

const count = z.int();

/** Messages by status, in the words of GraphQL's type of the same name. */
export const counts = z
  .object({ total: count, open: count, sent: count, failed: count, expired: count, cancelled: count, unknown: count })
  .meta({ id: 'StatusCounts', graphql: 'StatusCounts' });

const progress = counts
  .extend({
    enqueued: count,
    delayed: count,
    sending: count,
    ratePerSecond: z.number(),
    eta: z.date().nullable(),
    version: z.string(),
    asOf: z.date(),
  })
  .meta({ id: 'Progress', graphql: 'Progress' });

const waiting = z
  .object({
    reason: z.enum(WaitingFor),
    until: z.date().nullable(),
    count: count.nullable(),
    detail: z.string().nullable(),
    asOf: z.date(),
  })
  .meta({ id: 'Waiting', graphql: 'Waiting' });

const list = z.array(z.string());
const filter = z
  .object({ operatorCodes: list, tagsAny: list, tagsAll: list, timeZones: list })
  .meta({ id: 'AudienceFilter', graphql: 'AudienceFilter' });

/** How a mailing is shown. */
export const shownMailing = z
  .object({
    id,
    name: z.string(),
    text: z.string(),
    filter,
    startsAt: z.date(),
    endsAt: z.date(),
    allowedFrom: z.string().nullable(),
    allowedTo: z.string().nullable(),
    weekdays: z.array(z.int()).nullable(),
    rateLimit: z.int().nullable(),
    maxAttempts: z.int().nullable(),
    unknownOutcome: z.enum(UnknownOutcome),
    channel: z.string(),
    status: z.enum(MailingStatus),
    revision: z.int(),
    launchedAt: z.date().nullable(),
    finishedAt: z.date().nullable(),
    prunedAt: z.date().nullable(),
    createdAt: z.date(),
    updatedAt: z.date(),
    progress,
    waiting: z.array(waiting),
  })
  .meta({ id: 'Mailing', graphql: 'Mailing' });

/** Mailings as they are shown; what their rows do not tell is read for all of them at once. */
export async function presentMailings(
  { progress }: Pick<RestParts, 'progress'>,
  mailings: readonly Mailing[],
): Promise<z.output<typeof shownMailing>[]> {
  return await Promise.all(
    mailings.map(async (mailing) => ({
      ...mailing,
      allowedFrom: localTime(mailing.allowedFrom),
      allowedTo: localTime(mailing.allowedTo),
      progress: await progress.of(mailing),
      waiting: await progress.waiting(mailing),
    })),
  );
}

const localTime = (time: string | null) => (time === null ? null : LocalTime.serialize(time));
