import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Credential } from '../access/access.js';
import { hashSecret } from '../access/secret.js';
import { sessionCookie } from '../access/session-cookie.js';
import type { OpenedSession, Sessions } from '../access/sessions.js';

/** Lets a browser keep a session, and ends the one it had. */
export type OpenSession = (request: FastifyRequest, reply: FastifyReply, session: OpenedSession) => Promise<void>;

export interface OpenSessionOptions {
  sessions: Pick<Sessions, 'end'>;
  publicUrl: string | null;
  /** Told at once when a session is ended, so that its live connections can be closed. */
  onSignOut: (session: Credential) => void;
}

/** The one way by which a browser gets a session, however somebody came in. */
export function sessionOpener({ sessions, publicUrl, onSignOut }: OpenSessionOptions): OpenSession {
  const cookie = sessionCookie(publicUrl);
  return async (request, reply, session) => {
    const before = request.cookies[cookie.name];
    if (before !== undefined) {
      const id = hashSecret(before);
      await sessions.end(id);
      onSignOut({ kind: 'session', id });
    }
    reply.setCookie(cookie.name, session.secret, { ...cookie.options, expires: session.expiresAt });
  };
}
