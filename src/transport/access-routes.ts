import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import type { Access, Identity } from '../access/access.js';
import { sessionCookie } from '../access/session-cookie.js';
import { AppError } from '../errors.js';
import { refuse, refuseWith } from './http.js';
import { isAllowedOrigin } from './origin.js';

/** What the routes of coming in and going out need. */
export interface AccessRoutesOptions {
  access: Access;
  publicUrl: string | null;
  /** Told at once when a session is ended, so that its live sockets can be closed. */
  onSignOut: (session: string) => void;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null until requireIdentity has let the request through. */
    identity: Identity | null;
  }
}

/** A hook for `onRequest`: nobody gets further, not even their body is read, before it is known who asks. */
export function requireIdentity(access: Access, publicUrl: string | null): onRequestAsyncHookHandler {
  const { name } = sessionCookie(publicUrl);
  return async (request, reply) => {
    const { authorization } = request.headers;
    const identity = await access.identify({ authorization, cookie: request.cookies[name] });
    if (identity === null) {
      reply.header('www-authenticate', 'Bearer').header('cache-control', 'no-store');
      return refuseWith(
        reply,
        new AppError(
          'UNAUTHENTICATED',
          'Sign in with the link that the server printed at its start, or send `Authorization: Bearer <ADMIN_TOKEN>`.',
        ),
      );
    }
    request.identity = identity;
  };
}

/** `GET /enter/<secret>` opens a session with a one-time link; `POST /sign-out` ends it. */
export function addAccessRoutes(app: FastifyInstance, options: AccessRoutesOptions): void {
  const { access, publicUrl } = options;
  app.decorateRequest('identity', null);
  const cookie = sessionCookie(publicUrl);

  // No HEAD: it would use the link up and set no cookie.
  app.get<{ Params: { secret: string } }>('/enter/:secret', { exposeHeadRoute: false }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const session = await access.sessions.redeemLink(request.params.secret);
    if (session !== null) {
      request.log.info('a one-time link opened a session');
      return reply
        .setCookie(cookie.name, session.secret, { ...cookie.options, expires: session.expiresAt })
        .redirect('/');
    }
    // Whoever opens the used link again in the same browser is in already.
    const known = await access.identify({ authorization: undefined, cookie: request.cookies[cookie.name] });
    if (known !== null) return reply.redirect('/');
    return reply
      .code(410)
      .type('text/plain; charset=utf-8')
      .send('This link was used already, or its hour is over. Get a new one, good for one hour: npm run cli -- link\n');
  });

  app.post('/sign-out', async (request, reply) => {
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, publicUrl)) {
      return refuse(reply, 403, { code: 'FORBIDDEN', message: 'Another site may not sign you out.' });
    }
    const known = await access.identify({ authorization: undefined, cookie: request.cookies[cookie.name] });
    if (known?.session) {
      await access.sessions.end(known.session);
      options.onSignOut(known.session);
    }
    return reply.clearCookie(cookie.name, cookie.options).code(204).send();
  });
}
