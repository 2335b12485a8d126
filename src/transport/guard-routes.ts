import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Access, Identity } from '../access/access.js';
import { AuditOutcome } from '../access/audit-event.js';
import { type AuditLog, namesIn, nounOf } from '../access/audit-log.js';
import { type Audience, authorize, isPermission } from '../access/permission.js';
import { sessionCookie } from '../access/session-cookie.js';
import { AppError } from '../errors.js';
import { isAllowedOrigin } from './origin.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whom the route is open to. Each route says so, or the server does not start. */
    allow?: Audience;
    /** What it does, as the mutation that does the same is named: `clientCreate`. Each route that changes something says so. */
    action?: string;
    /** Its answer goes on and on: another site may not have it opened either, although it changes nothing. */
    staysOpen?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; null where a route is open to everyone. */
    identity: Identity | null;
    /** The row of the audit log about this request; null: it changes nothing. */
    auditId: string | null;
  }
}

/** Methods that change nothing, so that another site gains nothing by having a browser send them. */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** What the guard of routes works with. */
export interface GuardOptions {
  access: Pick<Access, 'identify'>;
  audit: Pick<AuditLog, 'begin' | 'end'>;
  publicUrl: string | null;
}

/**
 * Guards all routes of the server, those made later too: nobody gets further, not even their body is read, before it is known
 * whom the route is open to and who asks; and what a route changes is on record. Refusals are thrown, so that each route's own
 * error handler words them.
 */
export function guardRoutes(app: FastifyInstance, { access, audit, publicUrl }: GuardOptions): void {
  const routes: RouteOptions[] = [];
  app.decorateRequest('identity', null);
  app.addHook('onRoute', (route) => void routes.push(route));
  app.addHook('onReady', async () => refuseUnguarded(routes));
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
  recordActs(app, audit);
}

/** Before a route does something it is written down who asked for it, and what came of it before the answer leaves. */
function recordActs(app: FastifyInstance, audit: GuardOptions['audit']): void {
  app.decorateRequest('auditId', null);
  app.addHook('preHandler', async (request) => {
    const { identity, routeOptions, params, body, ip } = request;
    const { action } = routeOptions.config;
    if (action === undefined || identity === null) return;
    const subjectId = hasId(params) ? params.id : null;
    const { actor } = identity;
    request.auditId = await audit.begin({
      actor,
      action,
      subjectKind: nounOf(action),
      subjectId,
      fields: body instanceof Readable ? [] : namesIn(body),
      ip,
    });
  });
  app.addHook('onSend', async ({ auditId, routeOptions, params }, reply) => {
    if (auditId === null) return;
    const { statusCode } = reply;
    const outcome =
      statusCode < 400 ? AuditOutcome.DONE : statusCode < 500 ? AuditOutcome.REFUSED : AuditOutcome.FAILED;
    const [, list, made] = /^(.+)\/(\d+)$/.exec(String(reply.getHeader('location') ?? '')) ?? [];
    // What was made is what the act is about, but where it was done to something of another kind: a message is no mailing.
    const isSubject = list !== undefined && (!hasId(params) || routeOptions.url?.startsWith(list));
    await audit.end(auditId, { outcome, subjectId: isSubject ? made : undefined });
  });
}

/** The address names one thing. */
function hasId(params: unknown): params is { id: string } {
  return typeof params === 'object' && params !== null && 'id' in params;
}

/** @throws Error that names each route which does not say whom it is open to, or what it changes */
function refuseUnguarded(routes: readonly RouteOptions[]): void {
  const named = (some: readonly RouteOptions[]) => some.map(({ method, url }) => `${method} ${url}`).join(', ');
  const open = routes.filter(({ config }) => config?.allow === undefined);
  if (open.length > 0)
    throw new Error(`These routes need config.allow, or nobody knows whom they are for: ${named(open)}`);
  const unrecorded = routes.filter(
    ({ method, config }) =>
      isPermission(config?.allow ?? '') &&
      // What is asked for may not fit into an address, and is asked for by POST: a forecast.
      !config?.allow?.endsWith(':read') &&
      config?.action === undefined &&
      [method].flat().some((each) => !SAFE_METHODS.includes(each)),
  );
  if (unrecorded.length > 0) {
    throw new Error(`These routes need config.action, or nobody knows what they change: ${named(unrecorded)}`);
  }
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
 * site, and forms of theirs can send some types of body without asking first. They name the page's origin with everything but
 * plain reads, and of those they say at least how far away the page is.
 *
 * @throws AppError FORBIDDEN
 */
function refuseOtherSites({ method, headers, routeOptions }: FastifyRequest, publicUrl: string | null): void {
  if (SAFE_METHODS.includes(method) && !routeOptions.config.staysOpen) return;
  const { origin, host, 'sec-fetch-site': site = 'none' } = headers;
  const isOurs =
    origin === undefined ? ['none', 'same-origin'].includes(String(site)) : isAllowedOrigin(origin, host, publicUrl);
  if (!isOurs) throw new AppError('FORBIDDEN', 'Another site may not do this in your name.');
}
