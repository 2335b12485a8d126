import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '../platform/log.js';
import { newRequestId, RequestTrail, type TrailKind, withTrail } from '../platform/request-trail.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request was about, for the log. */
    trail: RequestTrail;
  }
}

/** Where the id of a request is said and told. */
export const REQUEST_ID = 'x-request-id';

/** The lists of addresses, and what is in them. */
const KINDS: Readonly<Record<string, TrailKind>> = {
  mailings: 'mailing',
  messages: 'message',
  clients: 'client',
  'client-jobs': 'client_job',
};
const IN_ADDRESS = new RegExp(`/(${Object.keys(KINDS).join('|')})/(?:erase/)?(:\\w+|\\d+)`, 'g');

/** The id that somebody gave their request, or one of ours: what looks like a phone or is no plain word is not kept. */
export function requestIdOf(given: string | string[] | undefined): string {
  const isPlain = typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) && !/\d{10}/.test(given);
  return isPlain ? given : newRequestId();
}

/**
 * Gives each request an id, and writes a line about it when it was answered: who asked, by which route or operation, what
 * came of it, and the ids it was about, each of which has a line where there are several. All other lines that are written
 * meanwhile have its id as well.
 */
export function logRequests(app: FastifyInstance, log: Logger): void {
  app.decorateRequest('trail', null as never);
  // None of its fields is private, and the finished line is searched all the same. Its level goes with that of `log`.
  const lines = log.child({}, { redact: [] });
  app.addHook('onRequest', (request, reply, done) => {
    request.trail = new RequestTrail(request.id);
    reply.header(REQUEST_ID, request.id);
    withTrail(request.trail, done);
  });
  // The body comes in by the socket, which knows nothing of the request.
  app.addHook('preValidation', (request, _reply, done) => withTrail(request.trail, done));
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, trail, identity } = request;
    const { statusCode: status } = reply;
    // Pages and probes that went well are of no use to anybody.
    const isNews = identity != null || status >= 400 || !['GET', 'HEAD'].includes(method);
    const level = isNews ? 'debug' : 'trace';
    if (!log.isLevelEnabled(level)) return;
    const facts = {
      request_id: request.id,
      method,
      route: routeOptions.url ?? 'none',
      status,
      ms: Math.round(reply.elapsedTime),
      actor: identity?.actor.id,
      action: routeOptions.config.action,
      operation: trail.operation,
      fields: trail.fields,
      outcome: outcomeOf(status, trail),
      errors: trail.errors,
    };
    noteAddress(request, String(reply.getHeader('location') ?? ''));
    for (const ids of trail.lines()) lines[level]({ ...facts, ...ids }, 'answered');
  });
}

function outcomeOf(status: number, { errors }: RequestTrail): 'done' | 'refused' | 'failed' {
  if (status >= 500 || errors?.includes('INTERNAL_SERVER_ERROR')) return 'failed';
  return status >= 400 || errors !== undefined ? 'refused' : 'done';
}

/** What the address names, and what was made by the request; most have neither. */
function noteAddress({ routeOptions: { url = '' }, params, trail }: FastifyRequest, location: string): void {
  if (url.includes(':')) {
    for (const [, list, name] of url.matchAll(IN_ADDRESS))
      trail.touch(KINDS[list!]!, (params as Record<string, unknown>)[name!.slice(1)]);
  }
  if (location !== '') for (const [, list, id] of location.matchAll(IN_ADDRESS)) trail.touch(KINDS[list!]!, id);
}
