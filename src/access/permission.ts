import { registerEnumType } from 'type-graphql';
import { AppError } from '../errors.js';

/** Everything that somebody may be allowed to do, and what it means in a sentence. */
export const PERMISSIONS = {
  'clients:read': 'see clients, their phones masked',
  'clients:phones': 'see phones whole, search by them and export them',
  'clients:write': 'add, change, delete and import clients',
  'mailings:read': 'see mailings, messages and statistics, and watch them live',
  'mailings:write': 'make and change mailings and lead them through their life',
  'sending:control': 'stop and resume all sending, and set the limits of channels',
  'webhooks:admin': 'see and change webhooks, and send what they were told once more',
  'access:admin': "see and change users, everybody's tokens and the audit log",
} as const;
export type Permission = keyof typeof PERMISSIONS;

/** All of them, in the order of the table. */
export const ALL_PERMISSIONS = Object.keys(PERMISSIONS) as readonly Permission[];

/** As GraphQL writes them: `CLIENTS_READ`. */
export const PermissionName = Object.fromEntries(
  ALL_PERMISSIONS.map((permission) => [permission.toUpperCase().replace(':', '_'), permission]),
) as Record<string, Permission>;

registerEnumType(PermissionName, {
  name: 'Permission',
  description: 'What somebody may do.',
  valuesConfig: Object.fromEntries(
    Object.entries(PermissionName).map(([name, permission]) => [
      name,
      { description: `\`${permission}\`: ${PERMISSIONS[permission]}.` },
    ]),
  ),
});

export type Role = keyof typeof ROLES;

/** What each role may do. */
export const ROLES = {
  viewer: ['clients:read', 'mailings:read'],
  operator: ALL_PERMISSIONS.filter((permission) => !permission.endsWith(':admin')),
  admin: ALL_PERMISSIONS,
} as const satisfies Record<string, readonly Permission[]>;

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(PERMISSIONS, text);
}

/** Whom something is open to: holders of a permission, anybody who has said who they are, or the whole world. */
export type Audience = Permission | 'signed-in' | 'everyone';

/** Why somebody is not let in who has not said who they are. */
export const SIGN_IN = 'Sign in, or send `Authorization: Bearer <token>`.';

/**
 * The one place where it is decided who may do what: for a field of the schema, on whatever way it is asked, and for a route.
 *
 * @param actor null: nobody we know
 * @param audience undefined: nobody has said, and so it is closed
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export function authorize(
  actor: { can(permission: Permission): boolean } | null,
  audience: Audience | undefined,
): void {
  if (audience === 'everyone') return;
  if (actor === null) throw new AppError('UNAUTHENTICATED', SIGN_IN);
  if (audience === 'signed-in') return;
  if (audience === undefined) throw new AppError('FORBIDDEN', 'This is open to nobody.');
  if (!actor.can(audience)) throw new AppError('FORBIDDEN', `This needs the permission ${audience}.`);
}
