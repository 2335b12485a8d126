import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import type { Mailing } from '../mailing/mailing.js';
import { findMailing } from '../mailing/mailings.js';
import type { MessageWords } from '../mailing/message-words.js';
import { type Message, MessageStatus, WaitingFor } from '../message/message.js';
import { AttemptOutcome, loadTimelines } from '../message/timeline.js';
import { id } from './rest-api.js';

/** A status as the classic services had it (docs/api.md). */
const CLASSIC_STATUS = {
  [MessageStatus.ENQUEUED]: 'pending',
  [MessageStatus.DELAYED]: 'pending',
  [MessageStatus.SENDING]: 'pending',
  [MessageStatus.SENT]: 'sent',
  [MessageStatus.FAILED]: 'not_sent',
  [MessageStatus.EXPIRED]: 'not_sent',
  [MessageStatus.CANCELLED]: 'not_sent',
  [MessageStatus.UNKNOWN]: 'not_sent',
} as const satisfies Record<MessageStatus, string>;

/** How a message is shown. */
export const shownMessage = z
  .object({
    id,
    mailingId: id.describe('The mailing that it is part of.'),
    clientId: id.nullable().describe('Whom it is for; null: a test send to a phone that is no client.'),
    phone: z.string(),
    timeZone: z.string(),
    text: z.string().nullable(),
    status: z.enum(MessageStatus),
    classicStatus: z
      .enum(['sent', 'not_sent', 'pending'])
      .describe('The same in three words, as classic services have it.'),
    isTest: z.boolean(),
    attempts: z.int(),
    waitingFor: z.enum(WaitingFor).nullable(),
    dueAt: z.date(),
    createdAt: z.date(),
    sentAt: z.date().nullable(),
    gatewayCode: z.int().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Message', graphql: 'Message' });

const attempt = z
  .object({
    number: z.int(),
    startedAt: z.date(),
    endedAt: z.date().nullable(),
    outcome: z.enum(AttemptOutcome),
    gatewayCode: z.int().nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Attempt', graphql: 'Attempt' });
const timeline = z.array(attempt).describe('Its attempts, the oldest first.');
/** How one message is shown, with what became of its attempts. */
export const shownWhole = shownMessage.extend({ timeline }).meta({ id: 'MessageWithTimeline', graphql: 'Message' });

/** @param mailing asked where the text has to be made from it */
export async function presentMessage(
  words: MessageWords,
  message: Message,
  mailing: () => Promise<Mailing>,
): Promise<z.output<typeof shownMessage>> {
  return {
    ...message,
    isTest: message.isTest,
    status: message.shownStatus,
    classicStatus: CLASSIC_STATUS[message.shownStatus],
    attempts: message.fence,
    text: await words.text(message, mailing),
    waitingFor: await words.waitingFor(message),
  };
}

/** The same with its timeline. */
export async function presentWhole(
  words: MessageWords,
  em: EntityManager,
  message: Message,
): Promise<z.output<typeof shownWhole>> {
  return {
    ...(await presentMessage(words, message, () => findMailing(em, message.mailingId))),
    timeline: ((await loadTimelines(em, [message]))[0] ?? []) as z.output<typeof timeline>,
  };
}
