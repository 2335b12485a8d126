import { raw, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../errors.js';
import type { Keyset } from '../graphql/connection.js';
import { notFound, parseId } from '../graphql/parse-input.js';
import type { Actor } from './actor.js';
import { type Permission, ROLES } from './permission.js';
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
 * @throws AppError CONFLICT on `email` when there is one already; FORBIDDEN on `role` that may do more than who asks
 */
export async function createUser(em: EntityManager, actor: Actor, input: NewUser): Promise<UserAccount> {
  actor.needAll(ROLES[input.role], 'role');
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
 * request on, and links made before open nothing where it allows more. An admin is left who can sign in.
 *
 * @param byProvider whether people can sign in by an OpenID provider
 * @throws AppError NOT_FOUND; CONFLICT on the last admin; FORBIDDEN where the user could do more by it than who asks
 */
export async function updateUser(
  em: EntityManager,
  { id, changes, actor, byProvider }: { id: string; changes: UserChanges; actor: Actor; byProvider: boolean },
): Promise<UserAccount> {
  return await em.transactional(async (tx) => {
    const lost = changes.disabled === true ? 'disabled' : (changes.role ?? 'admin') !== 'admin' ? 'role' : null;
    if (lost !== null) await keepAnAdmin(tx, { id, lost, byProvider });
    const user = await findUser(tx, id);
    // A role counts of a disabled account too: at the same moment somebody else may enable it.
    const isBack = changes.disabled === false && user.disabledAt !== null;
    const before: readonly Permission[] = isBack ? [] : ROLES[user.role];
    if (changes.name != null) user.name = changes.name;
    if (changes.role != null) user.role = changes.role;
    if (changes.disabled === false) user.disabledAt = null;
    if (changes.disabled === true) user.disabledAt ??= raw<Date>('clock_timestamp()');
    const gained = ROLES[user.role].filter((permission) => !before.includes(permission));
    actor.needAll(gained, changes.role == null ? 'disabled' : 'role');
    await tx.flush();
    if (changes.disabled === true) await tx.execute('delete from session where user_id = ?', [user.id]);
    // Who made a link for what this user was may hold less than they are now.
    if (gained.length > 0) await tx.execute(`delete from session where user_id = ? and kind = 'PASSWORD'`, [user.id]);
    return (await tx.refresh(user)) ?? user;
  });
}

/**
 * Somebody must be left who can let others in. The rows of all admins are locked, in one order: of two who take each other's
 * role away at once, the second finds out what the first did.
 *
 * @param change who ceases to be an admin, and by which field
 * @throws AppError CONFLICT on that field
 */
async function keepAnAdmin(
  tx: EntityManager,
  { id, lost, byProvider }: { id: string; lost: string; byProvider: boolean },
): Promise<void> {
  const admins = await tx.execute<{ id: string; cameIn: boolean }[]>(
    `select id, password_hash is not null or (? and oidc_subject is not null) as "cameIn" from user_account
     where role = 'admin' and disabled_at is null order by id for update`,
    [byProvider],
  );
  const able = admins.filter(({ cameIn }) => cameIn);
  if (able.length !== 1 || able[0]?.id !== id) return;
  throw new AppError(
    'CONFLICT',
    'This is the last admin who can sign in. Make somebody else an admin first, and have them sign in.',
    lost,
  );
}
