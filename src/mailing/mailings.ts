import type { EntityManager, FilterQuery } from '@mikro-orm/postgresql';
import type { Keyset } from '../graphql/connection.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import { MessageStatus } from '../message/message.js';
import { Mailing, type MailingStatus } from './mailing.js';

/** @throws AppError NOT_FOUND when there is none, or it was deleted */
export async function findMailing(em: EntityManager, id: string): Promise<Mailing> {
  const found = await em.findOne(
    Mailing,
    { id: parseId(id, 'mailing'), deletedAt: null },
    { disableIdentityMap: true },
  );
  if (found === null) throw notFound('mailing');
  return found;
}

/** A page of mailings, newest first: up to `first + 1`. No statuses: all. */
export async function listMailings(
  em: EntityManager,
  statuses: readonly MailingStatus[],
  keyset: Keyset,
): Promise<Mailing[]> {
  const behind: FilterQuery<Mailing> = keyset.after === null ? {} : { id: { $lt: keyset.after[0] as string } };
  return await em.find(
    Mailing,
    { $and: [mailingsWhere(statuses), behind] },
    { orderBy: { id: 'desc' }, limit: keyset.first + 1, disableIdentityMap: true },
  );
}

export async function countMailings(em: EntityManager, statuses: readonly MailingStatus[]): Promise<number> {
  return await em.count(Mailing, mailingsWhere(statuses));
}

function mailingsWhere(statuses: readonly MailingStatus[]): FilterQuery<Mailing> {
  return statuses.length === 0 ? { deletedAt: null } : { deletedAt: null, status: { $in: [...statuses] } };
}

/** The columns that count messages, by what is counted. */
const COUNTED = {
  [MessageStatus.SENT]: 'sent',
  [MessageStatus.FAILED]: 'failed',
  [MessageStatus.EXPIRED]: 'expired',
  [MessageStatus.CANCELLED]: 'cancelled',
  [MessageStatus.UNKNOWN]: 'unknown',
} as const satisfies Partial<Record<MessageStatus, keyof Mailing>>;

/** How many messages of these statuses a mailing has, by its own row; null: its row does not tell. None: all. */
export function countedInRow(mailing: Mailing, statuses: readonly MessageStatus[]): number | null {
  if (statuses.length === 0) return mailing.total;
  let sum = 0;
  for (const status of new Set(statuses)) {
    if (!(status in COUNTED)) return null;
    sum += mailing[COUNTED[status as keyof typeof COUNTED]];
  }
  return sum;
}
