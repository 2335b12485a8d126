import type { FastifyInstance, RouteOptions } from 'fastify';
import { problem, refuse } from './problem.js';
import { matchHeader } from './resource.js';

const WHY: Readonly<Record<number, string>> = {
  400: 'The request is not what this document says.',
  401: 'Nobody knows who asks.',
  403: 'Whoever asks may not do this.',
  404: 'There is nothing by this id, or no longer.',
  409: 'It does not fit what is there: a status, a revision, something that exists already.',
  412: 'Somebody changed it since: `If-Match` names another state.',
  413: 'The body has more than 1 MB.',
  415: 'The body is not JSON.',
  422: 'Every value has its form, and it still cannot be: an unknown time zone, an end before its start.',
  429: 'Too much was asked in a short time.',
  503: 'The database does not answer just now. Try again in a moment.',
};

/** The same where a file is taken. */
const WHY_OF_FILES: Readonly<Record<number, string>> = {
  408: 'The file stood still for 30 s, or came with less than 2,000 bytes a second.',
  413: 'The file is larger than IMPORT_MAX_BYTES.',
  415: 'The body is not CSV, or it is packed.',
};

/** A hook for `onRoute`: says in each route's document how it may refuse, so that no route has to. */
export function documentRefusals(route: RouteOptions): void {
  const { schema, config } = route;
  // HEAD is made of GET, with the same schema.
  if (schema === undefined || schema.hide || route.method === 'HEAD') return;
  const isRead = route.method === 'GET';
  const statuses = [
    ...[400, 401, 403, 422, 429, 503],
    ...(/:id|\/bulk\//.test(route.url) ? [404] : []),
    ...(isRead ? [] : [409, 413, 415]),
    ...(config?.takesFile ? [408] : []),
    ...(schema.headers === matchHeader ? [412] : []),
  ];
  const why = config?.takesFile ? { ...WHY, ...WHY_OF_FILES } : WHY;
  const refusals = statuses.map((status) => [
    status,
    { description: why[status], content: { 'application/problem+json': { schema: problem } } },
  ]);
  schema.response = { ...(schema.response as object), ...Object.fromEntries(refusals) };
  const needs =
    config?.allow === 'signed-in' ? 'Needs you to be signed in.' : `Needs the permission \`${config?.allow}\`.`;
  schema.description = [schema.description, needs].filter(Boolean).join(' ');
}

/** Has addresses that are there say which methods they take (RFC 9110 §15.5.6), once all routes are. */
export function refuseOtherMethods(api: FastifyInstance): { add(): void } {
  const taken = new Map<string, string[]>();
  api.addHook('onRoute', ({ method, url, prefix }) => {
    const path = url.slice(prefix.length);
    taken.set(path, [...(taken.get(path) ?? []), ...[method].flat()]);
  });
  return {
    add() {
      for (const [url, methods] of [...taken]) {
        const allowed = methods.join(', ');
        api.route({
          method: api.supportedMethods.filter((method) => !methods.includes(method)) as never,
          url,
          config: { allow: 'signed-in' },
          schema: { hide: true },
          // Before a body is looked at.
          onRequest: async (_request, reply) =>
            refuse(reply.header('allow', allowed), {
              status: 405,
              detail: `This address takes ${allowed}.`,
              code: 'BAD_USER_INPUT',
              errors: [],
            }),
          handler: () => {},
        });
      }
    },
  };
}
