import { Actor, ADMIN, LINK_SESSION, userAs } from './actor.js';
import { matcherOf } from './secret.js';
import type { LivingSession, Sessions } from './sessions.js';

/** What somebody showed to come in, and how long it holds. */
export type Credential =
  /** ADMIN_TOKEN: as long as the process. */
  | { readonly kind: 'admin' }
  /** A browser's session, by the hash of its secret: until it is over. */
  | { readonly kind: 'session'; readonly id: string }
  /** A personal API token: until it expires or is revoked. */
  | { readonly kind: 'token'; readonly id: string }
  /** A token of an outside issuer, by its hash: until it expires. */
  | { readonly kind: 'jwt'; readonly id: string; readonly expiresAt: Date };

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

/** A kind of bearer token. */
export interface BearerTokens {
  /** Whom a token stands for; null: it is none of this kind, or it is over. @throws AppError UNAVAILABLE */
  identify(token: string): Promise<Identity | null>;
  /** Those of this kind that still hold, by `keyOf`, and what they stand for just now. */
  living(identities: readonly Identity[]): Promise<ReadonlyMap<string, Actor>>;
}

const BEARER = /^Bearer +(\S+) *$/i;

/** Says who somebody is. What they may do then is decided by `authorize` (permission.ts). */
export class Access {
  readonly #isAdminToken: (token: string) => boolean;

  /**
   * @param adminToken null: there is none
   * @param bearers kinds of bearer tokens beside it
   */
  constructor(
    readonly sessions: Sessions,
    adminToken: string | null,
    private readonly bearers: readonly BearerTokens[] = [],
  ) {
    this.#isAdminToken = adminToken === null ? () => false : matcherOf(adminToken);
  }

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
    if (this.#isAdminToken(token)) return { actor: ADMIN, credential: { kind: 'admin' } };
    for (const kind of this.bearers) {
      const identity = await kind.identify(token);
      if (identity !== null) return identity;
    }
    return null;
  }

  /**
   * Whom these people's credentials stand for just now, by `keyOf`; one that is over is not among the answers. One query
   * for each kind.
   * @throws what pg throws
   */
  async living(identities: readonly Identity[]): Promise<Map<string, Actor>> {
    const hashes = identities.flatMap(({ credential }) => (credential.kind === 'session' ? credential.id : []));
    const sessions = hashes.length === 0 ? [] : await this.sessions.living(hashes);
    const living = new Map(sessions.map((each) => [keyOf({ kind: 'session', id: each.hash }), actorOf(each)]));
    for (const kind of this.bearers) for (const [key, actor] of await kind.living(identities)) living.set(key, actor);
    return living;
  }
}

function actorOf({ user }: LivingSession): Actor {
  if (user === null) return LINK_SESSION;
  return new Actor({ ...userAs(user), role: user.role, userId: user.id });
}

/** Names a credential among all others; tells nothing that opens anything. */
export function keyOf(credential: Credential): string {
  return credential.kind === 'admin' ? 'admin' : `${credential.kind}:${credential.id}`;
}
