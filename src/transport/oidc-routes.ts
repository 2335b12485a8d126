import type { FastifyInstance } from 'fastify';
import { NoEmail, OIDC_CALLBACK, type Oidc } from '../access/oidc.js';
import { sessionCookie } from '../access/session-cookie.js';
import type { SignIn } from '../access/sign-in.js';
import type { FailedTries } from '../access/sign-in-act.js';
import { AppError } from '../errors.js';
import type { OpenSession } from './open-session.js';

/** How long somebody may take at the provider, s. */
const TRIP_LIFE = 600;

export interface OidcRoutesOptions {
  oidc: Oidc;
  signIn: SignIn;
  failures: Pick<FailedTries, 'note'>;
  publicUrl: string | null;
  open: OpenSession;
}

/** `GET /sign-in/oidc` sends a browser to the provider, which sends it back to the callback. Errors go to the sign-in page. */
export function addOidcRoutes(app: FastifyInstance, options: OidcRoutesOptions): void {
  const { oidc, signIn, failures, publicUrl, open } = options;
  const session = sessionCookie(publicUrl);
  const trip = { name: `${session.name}_oidc`, options: session.options };
  const route = { exposeHeadRoute: false, config: { allow: 'everyone' } } as const;

  app.get('/sign-in/oidc', route, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    try {
      const { url, secret } = await oidc.begin();
      return reply.setCookie(trip.name, secret, { ...trip.options, maxAge: TRIP_LIFE }).redirect(url);
    } catch (error) {
      return reply.redirect(`/sign-in#${anchorOf(error)}`);
    }
  });

  app.get(OIDC_CALLBACK, route, async (request, reply) => {
    reply.header('cache-control', 'no-store').clearCookie(trip.name, trip.options);
    try {
      const person = await oidc.finish(request.url, request.cookies[trip.name] ?? '');
      await open(request, reply, await signIn.byProvider(person, oidc.settings, request.ip));
      return reply.redirect('/');
    } catch (error) {
      const anchor = anchorOf(error);
      if (!(error instanceof AppError && error.code === 'UNAVAILABLE')) {
        await failures.note('userSignIn', { way: 'provider', ip: request.ip });
      }
      return reply.redirect(`/sign-in#${anchor}`);
    }
  });
}

/** Where the page says what went wrong. Anything else is a fault of ours. */
function anchorOf(error: unknown): string {
  if (error instanceof NoEmail) return 'OIDC_EMAIL';
  if (!(error instanceof AppError)) throw error;
  return `OIDC_${error.code}`;
}
