import { Actor, ADMIN, LINK_SESSION } from './actor.js';
import { sameSecret } from './secret.js';
import type { LivingSession, Sessions } from './sessions.js';

/** What somebody showed to come in, and how long it holds. */
export type Credential =
  /** ADMIN_TOKEN: as long as the process. */
  | { readonly kind: 'admin' }
  /** A browser's session, by the hash of its secret: until it is over. */
  | { readonly kind: 'session'; readonly id: string };

/** Somebody who may come in. */
export interface Identity {
  readonly actor: Actor;
  readonly credential: Credential;
}

/** What somebody brought along. */
export interface Credentials {
  /** The Authorization header, or what a WebSocket's first message holds in its place. */
  authorization: string | undefined;
  /** The secret in the session cookie. */
  cookie: string | undefined;
}

const BEARER = /^Bearer +(\S+) *$/i;

/** Says who somebody is. What they may do then is decided by `authorize` (permission.ts). */
export class Access {
  /** @param adminToken null: there is none */
  constructor(
    readonly sessions: Sessions,
    private readonly adminToken: string | null,
  ) {}

  /**
   * An Authorization that is wrong is not made good by a cookie: whoever sends one wants to know.
   * Null: nobody we know.
   * @throws what pg throws when the session can't be looked up
   */
  async identify({ authorization, cookie }: Credentials): Promise<Identity | null> {
    if (authorization === undefined) {
      const session = cookie === undefined ? null : await this.sessions.find(cookie);
      return session && { actor: actorOf(session), credential: { kind: 'session', id: session.hash } };
    }
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) return null;
    if (this.adminToken !== null && sameSecret(token, this.adminToken)) {
      return { actor: ADMIN, credential: { kind: 'admin' } };
    }
    return null;
  }

  /**
   * Whom each of these credentials stands for just now; one that is over is not among the answers. One query for each kind.
   * @throws what pg throws
   */
  async living(credentials: readonly Credential[]): Promise<Map<string, Actor>> {
    const sessions = credentials.flatMap((each) => (each.kind === 'session' ? each.id : []));
    const living = new Map<string, Actor>();
    if (sessions.length > 0) {
      for (const session of await this.sessions.living(sessions)) {
        living.set(keyOf({ kind: 'session', id: session.hash }), actorOf(session));
      }
    }
    return living;
  }
}

function actorOf({ user }: LivingSession): Actor {
  if (user === null) return LINK_SESSION;
  return new Actor({ id: `user:${user.id}`, name: `user:${user.email}`, role: user.role, userId: user.id });
}

/** Names a credential among all others; tells nothing that opens anything. */
export function keyOf(credential: Credential): string {
  return credential.kind === 'admin' ? 'admin' : `${credential.kind}:${credential.id}`;
}
