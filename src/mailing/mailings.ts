import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound, parseId } from '../graphql/parse-input.js';
import { MessageStatus } from '../message/message.js';
import { Mailing } from './mailing.js';

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
