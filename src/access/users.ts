import { raw, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../errors.js';
import type { Keyset } from '../graphql/connection.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import type { NewUser, UserChanges } from './user.inputs.js';
import { UserAccount } from './user-account.js';

/** Newest first, one more than asked for. */
export async function listUsers(em: EntityManager, { first, after }: Keyset): Promise<UserAccount[]> {
  const where = after === null ? {} : { id: { $lt: after[0]! } };
  return await em.find(UserAccount, where, { orderBy: { id: 'desc' }, limit: first + 1 });
}

export async function countUsers(em: EntityManager): Promise<number> {
  return await em.count(UserAccount);
}

/** @throws AppError NOT_FOUND */
export async function findUser(em: EntityManager, id: string): Promise<UserAccount> {
  const user = await em.findOne(UserAccount, { id: parseId(id, 'user') });
  if (user === null) throw notFound('user');
  return user;
}

/**
 * Makes an account without a password: a link lets its owner set one.
 *
 * @throws AppError CONFLICT on `email` when there is one already
 */
export async function createUser(em: EntityManager, input: NewUser): Promise<UserAccount> {
  const user = Object.assign(new UserAccount(), input);
  try {
    await em.persist(user).flush();
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new AppError('CONFLICT', 'Somebody has an account by this e-mail already.', 'email');
  }
  return (await em.refresh(user)) ?? user;
}

/**
 * Changes what is given. Whoever is disabled loses every session and link at once; another role holds from the next
 * request on.
 *
 * @throws AppError NOT_FOUND
 */
export async function updateUser(em: EntityManager, id: string, changes: UserChanges): Promise<UserAccount> {
  return await em.transactional(async (tx) => {
    const user = await findUser(tx, id);
    if (changes.name != null) user.name = changes.name;
    if (changes.role != null) user.role = changes.role;
    if (changes.disabled === false) user.disabledAt = null;
    if (changes.disabled === true) user.disabledAt ??= raw<Date>('clock_timestamp()');
    await tx.flush();
    if (changes.disabled === true) await tx.execute('delete from session where user_id = ?', [user.id]);
    return (await tx.refresh(user)) ?? user;
  });
}
