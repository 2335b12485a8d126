import type { FastifyInstance } from 'fastify';
import type { Access, Credential } from '../access/access.js';
import { sessionCookie } from '../access/session-cookie.js';
import { refuse } from './http.js';
import { isAllowedOrigin } from './origin.js';

/** What the routes of coming in and going out need. */
export interface AccessRoutesOptions {
  access: Access;
  publicUrl: string | null;
  /** Told at once when a session is ended, so that its live sockets can be closed. */
  onSignOut: (session: Credential) => void;
}

/** `GET /enter/<secret>` opens a session with a one-time link; `POST /sign-out` ends it. */
export function addAccessRoutes(app: FastifyInstance, options: AccessRoutesOptions): void {
  const { access, publicUrl } = options;
  const cookie = sessionCookie(publicUrl);

  // No HEAD: it would use the link up and set no cookie.
  const enter = { exposeHeadRoute: false, config: { allow: 'everyone' } } as const;
  app.get<{ Params: { secret: string } }>('/enter/:secret', enter, async (request, reply) => {
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

  app.post('/sign-out', { config: { allow: 'everyone' } }, async (request, reply) => {
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, publicUrl)) {
      return refuse(reply, 403, { code: 'FORBIDDEN', message: 'Another site may not sign you out.' });
    }
    const known = await access.identify({ authorization: undefined, cookie: request.cookies[cookie.name] });
    if (known?.credential.kind === 'session') {
      await access.sessions.end(known.credential.id);
      options.onSignOut(known.credential);
    }
    return reply.clearCookie(cookie.name, cookie.options).code(204).send();
  });
}
