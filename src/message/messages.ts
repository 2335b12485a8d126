import { raw } from '@mikro-orm/core';
import type { EntityManager, FilterQuery } from '@mikro-orm/postgresql';
import { ID_PART, type KeyPart, type Keyset, MICROS_PART } from '../graphql/connection.js';
import { MAX_BIGINT, notFound, parseId } from '../graphql/parse-input.js';
import { textArray } from '../platform/text-array.js';
import { Message, MessageStatus } from './message.js';
import { MESSAGE_BLOCK, MessageRange } from './message-range.js';

/** Statuses of messages that are not over. */
const OPEN_STATUSES: readonly MessageStatus[] = [MessageStatus.ENQUEUED, MessageStatus.DELAYED, MessageStatus.SENDING];

/** Final statuses that message_not_sent_index has. */
const NOT_SENT: readonly MessageStatus[] = [
  MessageStatus.FAILED,
  MessageStatus.EXPIRED,
  MessageStatus.CANCELLED,
  MessageStatus.UNKNOWN,
];

/** Open messages that are looked at for live leases. Claims take the earliest due first, so that is where leases are. */
export const LEASES_AMONG = 20_000;

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
    { $and: [messagesWhere(list), ...behind(keyset, openOnly), ...pickNotSent(list, keyset)] },
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

/**
 * Messages that were not sent are few among many, or many of one status and few of another: the index gives as many of
 * each status as the page has room for, so that nothing else is read.
 */
function pickNotSent({ mailingId, statuses }: MessageList, { first, after }: Keyset): FilterQuery<Message>[] {
  if (statuses.length === 0 || !statuses.every((status) => NOT_SENT.includes(status))) return [];
  const picked = raw<string>(
    `any (array (select one.id from unnest(?::text[]) wanted (status) cross join lateral (
       select id from message where mailing_id = ? and status = wanted.status and kind = 'CAMPAIGN' and id < ?
         and status in ('FAILED', 'EXPIRED', 'CANCELLED', 'UNKNOWN')
       order by id desc limit ?) one))`,
    [textArray([...new Set(statuses)]), mailingId, after?.[0] ?? String(MAX_BIGINT), first + 1],
  );
  return [{ id: picked }];
}

/** One moment for a whole statement, and PostgreSQL takes it as a condition on an index. */
const now = () => raw<Date>('statement_timestamp()');

function messagesWhere({ mailingId, statuses }: MessageList): FilterQuery<Message> {
  const all: FilterQuery<Message> = { mailingId, kind: 'CAMPAIGN' };
  return statuses.length === 0
    ? all
    : { $and: [all, { $or: [...new Set(statuses)].map((status) => whereStatus(mailingId, status)) }] };
}

function whereStatus(mailingId: string, status: MessageStatus): FilterQuery<Message> {
  const notInHand: FilterQuery<Message> = { $or: [{ leaseUntil: null }, { leaseUntil: { $lte: now() } }] };
  switch (status) {
    case MessageStatus.ENQUEUED:
      return { $and: [{ status: 'OPEN', dueAt: { $lte: now() } }, notInHand] };
    case MessageStatus.DELAYED:
      return { $and: [{ status: 'OPEN', dueAt: { $gt: now() } }, notInHand] };
    case MessageStatus.SENDING:
      return { status: 'OPEN', leaseUntil: { $gt: now() }, id: inHand(mailingId) };
    default:
      return { status };
  }
}

function inHand(mailingId: string) {
  return raw<string>(
    `any (array (select id from (
       select id, lease_until from message where mailing_id = ? and status = 'OPEN' and kind = 'CAMPAIGN' order by due_at, id limit ${LEASES_AMONG}
     ) early where lease_until > statement_timestamp()))`,
    [mailingId],
  );
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
