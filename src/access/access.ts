import type { Actor } from './actor.js';
import { sameSecret } from './secret.js';
import type { Sessions } from './sessions.js';

/** Somebody who may come in. */
export interface Identity {
  readonly actor: Actor;
  /** Hash of the session; null where the admin token was shown, which holds as long as the process. */
  readonly session: string | null;
}

/** What somebody brought along. */
export interface Credentials {
  /** The Authorization header, or what a WebSocket's first message holds in its place. */
  authorization: string | undefined;
  /** The secret in the session cookie. */
  cookie: string | undefined;
}

const BEARER = /^Bearer +(\S+) *$/i;

/** Decides who may come in: whoever shows the admin token, or the session that a one-time link opened. Roles come later. */
export class Access {
  /** @param adminToken null: there is none, and no bearer token opens anything */
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
    if (authorization !== undefined) {
      const token = BEARER.exec(authorization)?.[1];
      if (token === undefined || this.adminToken === null || !sameSecret(token, this.adminToken)) return null;
      return { actor: { name: 'admin' }, session: null };
    }
    const session = cookie === undefined ? null : await this.sessions.find(cookie);
    return session === null ? null : { actor: { name: 'session' }, session: session.hash };
  }
}
