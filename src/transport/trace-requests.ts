import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import type { RequestContext } from '../access/request-context.js';
import type { Span, Tracing } from '../platform/tracing.js';

/** Characters of an operation's name that are told. */
const MOST_OF_A_NAME = 100;
/** Asked every few seconds by machines, which are no news. */
const UNTOLD = ['/metrics', '/healthz', '/readyz'];

/** Requests that change something: those are always told, of the others so many in a minute. */
const changing = new WeakSet<Span>();

/** Each request is a span, the first of its trace or one on that of whoever asks (`traceparent`). */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  const spans = new WeakMap<object, Span>();
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, routeOptions, headers } = request;
    const route = routeOptions.url ?? 'none';
    const parent = headers['traceparent'];
    const facts = { 'http.request.method': method, 'http.route': route };
    const span = UNTOLD.includes(route)
      ? null
      : tracing.begin(`${method} ${route}`, {
          kind: 'server',
          facts,
          ...(typeof parent === 'string' && { parent }),
        });
    if (span === null) return done();
    spans.set(request, span);
    if (routeOptions.config.action !== undefined) changing.add(span);
    tracing.within(span, done);
  });
  app.addHook('onResponse', async (request, { statusCode }) => {
    const span = spans.get(request);
    if (span === undefined || !(changing.has(span) || tracing.mayTrace('request'))) return;
    span.set({ 'http.response.status_code': statusCode });
    span.end(statusCode >= 500 ? `answered ${statusCode}` : undefined);
  });
}

/** For Apollo: a request is called what it asks for. */
export function nameOperations(tracing: Tracing): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ operation, operationName }) => {
        const span = tracing.current();
        if (span === null || !operation) return;
        const type = operation.operation;
        const [first] = operation.selectionSet.selections;
        const field = first?.kind === 'Field' ? first.name.value : null;
        const name = (operationName ?? field ?? 'unnamed').slice(0, MOST_OF_A_NAME);
        span.rename(`${type} ${name}`);
        span.set({
          'graphql.operation.type': type,
          'graphql.operation.name': name,
          ...(field && { 'graphql.field': field }),
        });
        if (type === 'mutation') changing.add(span);
      },
    }),
  };
}
