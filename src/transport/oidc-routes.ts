import type { FastifyInstance } from 'fastify';
import { OIDC_CALLBACK, type Oidc } from '../access/oidc.js';
import { sessionCookie } from '../access/session-cookie.js';
import type { SignIn } from '../access/sign-in.js';
import { AppError } from '../errors.js';
import type { OpenSession } from './sign-in-routes.js';

/** How long somebody may take at the provider, s. */
const TRIP_LIFE = 600;

export interface OidcRoutesOptions {
  oidc: Oidc;
  signIn: SignIn;
  publicUrl: string | null;
  open: OpenSession;
}

/** `GET /sign-in/oidc` sends a browser to the provider, which sends it back to the callback. Errors go to the sign-in page. */
export function addOidcRoutes(app: FastifyInstance, { oidc, signIn, publicUrl, open }: OidcRoutesOptions): void {
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
      await open(request, reply, await signIn.byProvider(person, oidc.settings));
      return reply.redirect('/');
    } catch (error) {
      return reply.redirect(`/sign-in#${anchorOf(error)}`);
    }
  });
}

/** Where the page says what went wrong. Anything else is a fault of ours. */
function anchorOf(error: unknown): string {
  if (!(error instanceof AppError)) throw error;
  return `OIDC_${error.code}`;
}
