import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import type { ErrorCode } from '../errors.js';
import type { Logger } from '../platform/log.js';
import { limitBodyTime } from './body-time.js';
import { answerClientError } from './client-error.js';
import { type PublicError, publicError } from './format-error.js';
import { logRequests, REQUEST_ID, requestIdOf } from './log-requests.js';
import { isWebSocketUpgrade } from './upgrade.js';

/** Bytes. A mailing's text of 10,000 characters is far below. */
const BODY_LIMIT = 1_048_576;
/** How long a request may take to arrive, ms; its headers by Node's own count. */
const REQUEST_TIMEOUT = 30_000;

/** What the server needs to know. */
export interface HttpOptions {
  log: Logger;
  /** The address people use, when it is not the one we listen on. */
  publicUrl: string | null;
  /** Where an address leads to that is not looked for as it came; left out: every one is. */
  rewrite?: (url: string) => string;
  /** Proxies whose X-Forwarded-For is believed; none when left out. */
  trustProxy?: readonly string[];
  /** How long a request may take to arrive, ms; 30 s when left out. */
  arriveWithinMs?: number;
  /** The page that says to somebody with a browser that nothing is at an address; everybody else is told so in JSON. */
  pageOfNothing?: () => Promise<Buffer | undefined>;
}

/** The HTTP status that belongs to each kind of error. */
export const STATUS: Record<ErrorCode, number> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
};

/** What Fastify refuses by itself, in the words of somebody who has to mend it. Everything else 4xx keeps its own. */
const REFUSALS: Record<string, string> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be JSON: send `Content-Type: application/json`.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty; it must be JSON.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large: at most 1 MB, or 64 KB for an event stream.',
  FST_ERR_BAD_URL: 'The address is not valid.',
};

/**
 * The bare server: limits, headers and errors, no routes. A request's address is never logged as it came: it may hold
 * the secret of a one-time link. X-Forwarded-* headers are believed of the proxies in the settings only.
 */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.log,
    // Fastify's own lines carry addresses; ours, below, carry the route.
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    genReqId: ({ headers }) => requestIdOf(headers[REQUEST_ID]),
    bodyLimit: BODY_LIMIT,
    trustProxy: options.trustProxy?.length ? [...options.trustProxy] : false,
    forceCloseConnections: true,
    clientErrorHandler: answerClientError,
    http: { shouldUpgradeCallback: isWebSocketUpgrade, headersTimeout: REQUEST_TIMEOUT },
    // However long what stands for an id, it is none, and 404; the address as a whole is bounded by Node.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 65_536 },
    rewriteUrl: ({ url = '/' }) => options.rewrite?.(url) ?? url,
    frameworkErrors: (error, _request, reply) =>
      refuse(reply as FastifyReply, error.statusCode ?? 400, asPublic(error)),
  }) as unknown as FastifyInstance;
  logRequests(app, options.log);
  limitBodyTime(app, options.arriveWithinMs ?? REQUEST_TIMEOUT);
  // A plain form of another site can send text/plain without asking first; only JSON is taken.
  app.removeContentTypeParser('text/plain');
  await app.register(cookie);
  await app.register(helmet, { ...securityHeaders(options.publicUrl), global: false });
  setSecurityHeaders(app);
  app.setNotFoundHandler(async (request, reply) => {
    const isBrowser = request.method === 'GET' && request.headers.accept?.includes('text/html');
    const page = isBrowser && (await options.pageOfNothing?.());
    if (page) return reply.code(404).header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page);
    return refuse(reply, 404, { code: 'NOT_FOUND', message: 'There is nothing at this address.' });
  });
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return refuse(reply, status, asPublic(error));
    const told = publicError(error, options.log);
    return refuse(reply, STATUS[told.code], told);
  });
  return app;
}

/** An answer in the shape of a GraphQL error, which is what everybody who speaks to us reads. */
export function refuse(reply: FastifyReply, status: number, { message, ...extensions }: PublicError): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send({ errors: [{ message, extensions }] });
}

/** What Fastify refused by itself, as it may be shown. */
export function asPublic(error: FastifyError): PublicError {
  return { code: 'BAD_USER_INPUT', message: REFUSALS[error.code] ?? 'The request is not valid.' };
}

/** They are the same for every answer; the library would put them together anew for each. */
function setSecurityHeaders(app: FastifyInstance): void {
  let known: [string, string][] | undefined;
  app.addHook('onRequest', (_request, reply, done) => {
    if (known === undefined) {
      reply.helmet();
      known = Object.entries(reply.raw.getHeaders()).map(([name, value]) => [name, String(value)]);
    }
    for (const [name, value] of known) reply.raw.setHeader(name, value);
    done();
  });
}

/**
 * Everything comes from this server. GraphiQL's editor writes style attributes and brings its icons as a data: font;
 * no page evaluates text as a script. `connect-src 'self'` covers the WebSocket to the same host.
 */
function securityHeaders(publicUrl: string | null) {
  const https = publicUrl?.startsWith('https:') ?? false;
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        fontSrc: ["'self'", 'data:'],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Only once there is an address that speaks https: else a browser would refuse http://127.0.0.1 for a year.
    strictTransportSecurity: https,
    referrerPolicy: { policy: 'no-referrer' as const },
    frameguard: { action: 'deny' as const },
  };
}
