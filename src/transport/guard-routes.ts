import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Access, Identity } from '../access/access.js';
import { type Audience, authorize } from '../access/permission.js';
import { sessionCookie } from '../access/session-cookie.js';
import { AppError } from '../errors.js';
import { isAllowedOrigin } from './origin.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whom the route is open to. Each route says so, or the server does not start. */
    allow?: Audience;
  }
  interface FastifyRequest {
    /** Who asks; null where a route is open to everyone. */
    identity: Identity | null;
  }
}

/** Methods that change nothing, so that another site gains nothing by having a browser send them. */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Guards all routes of the server, those made later too: nobody gets further, not even their body is read, before it is known
 * whom the route is open to and who asks. Refusals are thrown, so that each route's own error handler words them.
 */
export function guardRoutes(app: FastifyInstance, access: Pick<Access, 'identify'>, publicUrl: string | null): void {
  const routes: RouteOptions[] = [];
  app.decorateRequest('identity', null);
  app.addHook('onRoute', (route) => void routes.push(route));
  app.addHook('onReady', async () => {
    const open = routes
      .filter(({ config }) => config?.allow === undefined)
      .map(({ method, url }) => `${method} ${url}`);
    if (open.length > 0) throw new Error(`These routes need config.allow, or nobody knows whom they are for: ${open}`);
  });
  const { name } = sessionCookie(publicUrl);
  app.addHook('onRequest', async (request, reply) => {
    const { allow } = request.routeOptions.config;
    if (request.is404 || allow === 'everyone') return;
    const { authorization } = request.headers;
    const identity = await access.identify({ authorization, cookie: request.cookies[name] });
    reply.header('cache-control', 'no-store');
    if (identity === null) reply.header('www-authenticate', 'Bearer');
    authorize(identity?.actor ?? null, allow);
    if (identity?.credential.kind === 'session') refuseOtherSites(request, publicUrl);
    request.identity = identity;
  });
}

/** Opens every route that `register` makes to the same people: for plugins that make routes of their own. */
export async function openRoutes(
  app: FastifyInstance,
  allow: Audience,
  register: (scope: FastifyInstance) => Promise<void>,
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, allow };
    });
    await register(scope);
  });
}

/**
 * Browsers send a cookie along whoever had them ask. `SameSite=Lax` keeps other sites out, but not the neighbours of the same
 * site, and forms of theirs can send some types of body without asking first.
 *
 * @throws AppError FORBIDDEN
 */
function refuseOtherSites({ method, headers }: FastifyRequest, publicUrl: string | null): void {
  if (SAFE_METHODS.includes(method) || isAllowedOrigin(headers.origin, headers.host, publicUrl)) return;
  throw new AppError('FORBIDDEN', 'Another site may not do this in your name.');
}
