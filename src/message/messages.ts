import { raw } from '@mikro-orm/core';
import type { EntityManager, FilterQuery } from '@mikro-orm/postgresql';
import { ID_PART, type KeyPart, type Keyset, MICROS_PART } from '../platform/connection.js';
import { notFound, parseId } from '../platform/parse-input.js';
import { Message, MessageStatus } from './message.js';
import { MESSAGE_BLOCK, MessageRange } from './message-range.js';

/** Statuses of messages that are not over. */
const OPEN_STATUSES: readonly MessageStatus[] = [MessageStatus.ENQUEUED, MessageStatus.DELAYED, MessageStatus.SENDING];

/** The messages of one mailing, or those of certain statuses. */
export interface MessageList {
  readonly mailingId: string;
  /** None: all. */
  readonly statuses: readonly MessageStatus[];
}

/** How a list is sorted, its name in cursors, and the numbers of its sort key. */
export interface MessageOrder {
  readonly list: 'message' | 'due';
  readonly parts: readonly KeyPart[];
}

/**
 * Open ones come in the order in which they are due, as their index has them; any others newest first. Test sends are in
 * no list.
 */
export function orderOf({ statuses }: MessageList): MessageOrder {
  return isOpenOnly(statuses) ? { list: 'due', parts: [MICROS_PART, ID_PART] } : { list: 'message', parts: [ID_PART] };
}

function isOpenOnly(statuses: readonly MessageStatus[]): boolean {
  return statuses.length > 0 && statuses.every((status) => OPEN_STATUSES.includes(status));
}

/** A message's sort key in a list. */
export function keyOf(list: MessageList, message: Message): string[] {
  return isOpenOnly(list.statuses) ? [message.dueAtMicros, message.id] : [message.id];
}

/** A page of a mailing's messages: up to `first + 1`. */
export async function listMessages(em: EntityManager, list: MessageList, keyset: Keyset): Promise<Message[]> {
  const openOnly = isOpenOnly(list.statuses);
  return await em.find(
    Message,
    { $and: [messagesWhere(list), ...behind(keyset, openOnly)] },
    {
      orderBy: openOnly ? [{ dueAt: 'asc' }, { id: 'asc' }] : { id: 'desc' },
      limit: keyset.first + 1,
      disableIdentityMap: true,
    },
  );
}

/** Walks over them: for statuses whose counts no row has. */
export async function countMessages(em: EntityManager, list: MessageList): Promise<number> {
  return await em.count(Message, messagesWhere(list));
}

function behind({ after }: Keyset, openOnly: boolean): FilterQuery<Message>[] {
  if (after === null) return [];
  const [first, second] = after as [string, string];
  if (!openOnly) return [{ id: { $lt: first } }];
  const dueAt = raw<Date>(`timestamptz 'epoch' + ? * interval '1 microsecond'`, [first]);
  return [{ dueAt: { $gte: dueAt } }, { $or: [{ dueAt: { $gt: dueAt } }, { id: { $gt: second } }] }];
}

/** One moment for a whole statement, and PostgreSQL takes it as a condition on an index. */
const now = () => raw<Date>('statement_timestamp()');

function messagesWhere({ mailingId, statuses }: MessageList): FilterQuery<Message> {
  const all: FilterQuery<Message> = { mailingId, kind: 'CAMPAIGN' };
  return statuses.length === 0 ? all : { $and: [all, { $or: [...new Set(statuses)].map(whereStatus) }] };
}

function whereStatus(status: MessageStatus): FilterQuery<Message> {
  const notInHand: FilterQuery<Message> = { $or: [{ leaseUntil: null }, { leaseUntil: { $lte: now() } }] };
  switch (status) {
    case MessageStatus.ENQUEUED:
      return { $and: [{ status: 'OPEN', dueAt: { $lte: now() } }, notInHand] };
    case MessageStatus.DELAYED:
      return { $and: [{ status: 'OPEN', dueAt: { $gt: now() } }, notInHand] };
    case MessageStatus.SENDING:
      return { status: 'OPEN', leaseUntil: { $gt: now() } };
    default:
      return { status };
  }
}

/**
 * A message by its id alone: the block of ids it is from says which mailing it belongs to.
 *
 * @throws AppError NOT_FOUND, also when its mailing was deleted
 */
export async function findMessage(em: EntityManager, givenId: string): Promise<Message> {
  const id = parseId(givenId, 'message');
  const first = BigInt(id) - (BigInt(id) % BigInt(MESSAGE_BLOCK));
  const range = await em.findOne(MessageRange, { first: String(first) }, { disableIdentityMap: true });
  if (range === null) throw notFound('message');
  const { mailingId } = range;
  const message = await em.findOne(Message, { mailingId, id }, { disableIdentityMap: true });
  const shown = await em.execute('select from mailing where id = ? and deleted_at is null', [mailingId]);
  if (message === null || shown.length === 0) throw notFound('message');
  return message;
}
