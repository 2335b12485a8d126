import { AppError } from '../errors.js';
import { type Permission, ROLES, type Role } from './permission.js';

/** Who does something, as events write it down: an actor, or `import`, `demo`. */
export interface By {
  readonly name: string;
}

/** What makes somebody an actor. */
export interface ActorParts {
  id: string;
  name: string;
  role: Role;
  userId?: string | null;
  scopes?: readonly string[];
}

/** Who asks. The name goes into `by` of events. */
export class Actor implements By {
  /** Tells two apart, also where their names are the same: `admin`, `session`, `user:12`, `token:7`, `jwt:<subject>`. */
  readonly id: string;
  /** For people to read: `admin`, `session`, `user:<e-mail>`, `token:<name>`, `jwt:<subject>`. */
  readonly name: string;
  readonly role: Role;
  /** The user behind a session or a token; null: there is none. */
  readonly userId: string | null;
  /** What the role allows, less what the token leaves out. */
  readonly permissions: readonly Permission[];

  /** @param parts without `scopes`: all that the role allows */
  constructor({ id, name, role, userId, scopes }: ActorParts) {
    this.id = id;
    this.name = name;
    this.role = role;
    this.userId = userId ?? null;
    const allowed: readonly Permission[] = ROLES[role];
    this.permissions = scopes === undefined ? allowed : allowed.filter((permission) => scopes.includes(permission));
  }

  /** Somebody who signed in, or has the admin token; false: a token that somebody made or an outside issuer gave. */
  get isPerson(): boolean {
    return !/^(token|jwt):/.test(this.id);
  }

  can(permission: Permission): boolean {
    return this.permissions.includes(permission);
  }

  /** @throws AppError FORBIDDEN for a token: tokens are made and looked after by people */
  needPerson(): void {
    if (!this.isPerson) throw new AppError('FORBIDDEN', 'Tokens are for people: sign in, or use the admin token.');
  }

  /**
   * For what one field needs beyond the operation: a filter by phone.
   *
   * @throws AppError FORBIDDEN on that field
   */
  need(permission: Permission, field: string): void {
    if (!this.can(permission)) throw new AppError('FORBIDDEN', `${field} needs the permission ${permission}.`, field);
  }

  /**
   * For what would give somebody else these permissions: nobody hands out more than they hold, or a token that may only look
   * after users would make itself an admin.
   *
   * @throws AppError FORBIDDEN on that field
   */
  needAll(permissions: readonly Permission[], field: string): void {
    const missing = permissions.find((permission) => !this.can(permission));
    if (missing === undefined) return;
    throw new AppError('FORBIDDEN', `${field} would hand out the permission ${missing}, which you don't hold.`, field);
  }
}

/** How a person with an account is written down. */
export function userAs({ id, email }: { id: string; email: string }): { id: string; name: string } {
  return { id: `user:${id}`, name: `user:${email}` };
}

/** A script with ADMIN_TOKEN. */
export const ADMIN = new Actor({ id: 'admin', name: 'admin', role: 'admin' });

/** A browser that opened the one-time link. */
export const LINK_SESSION = new Actor({ id: 'session', name: 'session', role: 'admin' });
