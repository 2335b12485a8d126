import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound, parseId } from '../graphql/parse-input.js';
import { Message } from './message.js';
import { MESSAGE_BLOCK, MessageRange } from './message-range.js';

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
