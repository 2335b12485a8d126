import type { FastifyInstance } from 'fastify';
import type { Access, Credential } from '../access/access.js';
import { AuditOutcome } from '../access/audit-event.js';
import type { AuditLog } from '../access/audit-log.js';
import { sessionCookie } from '../access/session-cookie.js';
import { type FailedTries, signInAct } from '../access/sign-in-act.js';
import { refuse } from './http.js';
import type { OpenSession } from './open-session.js';
import { isAllowedOrigin } from './origin.js';

/** What the routes of coming in and going out need. */
export interface AccessRoutesOptions {
  access: Access;
  audit: Pick<AuditLog, 'around'>;
  failures: Pick<FailedTries, 'note'>;
  open: OpenSession;
  publicUrl: string | null;
  /** Told at once when a session is ended, so that its live sockets can be closed. */
  onSignOut: (session: Credential) => void;
}

/** `GET /enter/<secret>` opens a session with a one-time link; `POST /sign-out` ends it. */
export function addAccessRoutes(app: FastifyInstance, options: AccessRoutesOptions): void {
  const { access, audit, failures, publicUrl } = options;
  const cookie = sessionCookie(publicUrl);

  // No HEAD: it would use the link up and set no cookie.
  const enter = { exposeHeadRoute: false, config: { allow: 'everyone' } } as const;
  app.get<{ Params: { secret: string } }>('/enter/:secret', enter, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const session = await access.sessions.redeemLink(request.params.secret, request.ip);
    if (session !== null) {
      request.log.info('a one-time link opened a session');
      await options.open(request, reply, session);
      return reply.redirect('/');
    }
    // Whoever opens the used link again in the same browser is in already.
    const known = await access.identify({ authorization: undefined, cookie: request.cookies[cookie.name] });
    if (known !== null) return reply.redirect('/');
    await failures.note('userSignIn', { way: 'oneTimeLink', ip: request.ip });
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
    const { actor, credential } = known ?? {};
    if (actor && credential?.kind === 'session') {
      await audit.around(
        signInAct('userSignOut', { actor, userId: actor.userId, ip: request.ip }),
        () => access.sessions.end(credential.id),
        () => ({ outcome: AuditOutcome.DONE }),
      );
      options.onSignOut(credential);
    }
    return reply.clearCookie(cookie.name, cookie.options).code(204).send();
  });
}
