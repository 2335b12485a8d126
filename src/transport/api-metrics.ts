import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyInstance } from 'fastify';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { RequestContext } from '../access/request-context.js';
import { addGauge } from '../platform/metrics.js';

/** What people have open just now. */
export interface OpenConnections {
  sockets: number;
  /** Bytes on their way to sockets that have not taken them yet. */
  buffered: number;
  subscriptions: number;
  streams: number;
}

/** What is counted of requests, operations and open connections. */
export class ApiMetrics {
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #operations: Counter<'type' | 'outcome'>;

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.#requests = new Histogram({
      name: 'heliograph_http_request_duration_seconds',
      help: 'How long requests took, by route (as it is declared: never an address) and class of status.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    });
    this.#operations = new Counter({
      name: 'heliograph_graphql_operations_total',
      help: 'GraphQL operations over HTTP, by what came of them: ok, or the code of the first error.',
      labelNames: ['type', 'outcome'],
      registers,
    });
    for (const type of ['query', 'mutation']) this.#operations.inc({ type, outcome: 'ok' }, 0);
  }

  /** Counts the requests of a server. Call before its routes are made. */
  watchRequests(app: FastifyInstance): void {
    app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
      const status = `${Math.floor(reply.statusCode / 100)}xx`;
      const route = routeOptions.url ?? 'none';
      this.#requests.observe({ method: asMethod(method), route, status }, reply.elapsedTime / 1_000);
    });
  }

  /** Tells what is open whenever it is asked for. */
  watchConnections(open: () => OpenConnections): void {
    const tell = (name: string, help: string, read: (open: OpenConnections) => number) =>
      addGauge(this.registry, { name: `heliograph_${name}`, help }, () => [[{}, read(open())]]);
    tell('sockets', 'WebSockets that are open.', ({ sockets }) => sockets);
    tell('socket_buffered_bytes', 'What sockets have not taken yet.', ({ buffered }) => buffered);
    tell('event_streams', 'Streams of server-sent events that are open.', ({ streams }) => streams);
    tell('subscriptions', 'Subscriptions that go on, over sockets and streams.', ({ subscriptions }) => subscriptions);
  }

  /** For Apollo. */
  plugin(): ApolloServerPlugin<RequestContext> {
    return {
      requestDidStart: async () => ({
        willSendResponse: async ({ operation, response: { body }, errors }) => {
          if (body.kind !== 'single') return;
          const code = body.singleResult.errors?.[0]?.extensions?.['code'];
          const failed = errors !== undefined && errors.length > 0;
          // What could not be parsed or found is of no type.
          const type = operation?.operation ?? 'none';
          this.#operations.inc({ type, outcome: failed ? String(code ?? 'unknown') : 'ok' });
        },
      }),
    };
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Anybody may make up methods. */
function asMethod(method: string): string {
  return METHODS.has(method) ? method : 'other';
}
