import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import type { IdentityWatch } from '../access/identity-watch.js';
import type { RequestContext } from '../access/request-context.js';
import type { Logger } from '../platform/log.js';
import { formatGraphQLError } from './format-error.js';
import { noteOperation } from './note-ids.js';
import { type Cost, costOf, refuseExpensive, refuseRepetitive, shownCost } from './operation-limits.js';

/** Where queries and mutations are answered, and subscriptions over a WebSocket. */
export const GRAPHQL_PATH = '/graphql';
/** Lexical tokens of one document: far more than any page of ours sends, far less than it takes to keep the parser busy. */
export const MAX_TOKENS = 1_000;

/** An answer that has nothing but "the database is away" goes out as 503, so that proxies and clients try again. */
const statusOfUnavailable: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { body, http } }) => {
      if (body.kind !== 'single' || body.singleResult.data) return;
      if (!body.singleResult.errors?.some(({ extensions }) => extensions?.['code'] === 'UNAVAILABLE')) return;
      http.status = 503;
      http.headers.set('retry-after', '1');
    },
  }),
};

/** Executed like a query, a subscription would fail somewhere inside. */
const noSubscriptions: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== 'subscription') return;
      throw new GraphQLError(
        'Subscriptions go over a WebSocket to the same address, by the protocol graphql-transport-ws, or as server-sent events to /graphql/stream.',
        {
          extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
        },
      );
    },
  }),
};

/** Before anything of it is executed. Each answer says in `extensions.cost` what it might have cost, and what is the most. */
const limits: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => {
    let cost: Cost | null = null;
    return {
      didResolveOperation: async ({ schema, document, operation, request }) => {
        // None by that name: Apollo says so next.
        cost = operation ? costOf({ schema, document, operation, variables: request.variables }) : null;
        const refused = refuseRepetitive(document) ?? (cost && refuseExpensive(cost));
        if (refused) throw refused;
      },
      willSendResponse: async ({ response: { body } }) => {
        if (cost === null || body.kind !== 'single') return;
        body.singleResult.extensions = { ...body.singleResult.extensions, cost: shownCost(cost) };
      },
    };
  },
};

/** What operations need, over HTTP and over WebSocket. */
export interface GraphQLOptions {
  schema: GraphQLSchema;
  access: Access;
  /** Ends live connections once whoever opened them may no longer come in. */
  watch: IdentityWatch;
  log: Logger;
  publicUrl: string | null;
  introspection: boolean;
  /** Proxies whose X-Forwarded-For is believed; none when left out. */
  trustProxy?: readonly string[];
  /** What else looks at each operation over HTTP. */
  plugins?: readonly ApolloServerPlugin<RequestContext>[];
  /** Made anew for each request, for each operation on a WebSocket, and for each event of a subscription. */
  context: (actor: Actor, ip: string | null) => RequestContext;
}

/** Puts the GraphQL endpoint on the server. The caller stops what it returns when the server has closed. */
export async function addGraphQL(app: FastifyInstance, options: GraphQLOptions): Promise<ApolloServer<RequestContext>> {
  const { log } = options;
  const apollo = new ApolloServer<RequestContext>({
    schema: options.schema,
    introspection: options.introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    // Nobody needs to have documents kept under hashes of their choice.
    persistedQueries: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // No answer may be kept (transport/guard-routes.ts), and it looks at every field.
      ApolloServerPluginCacheControlDisabled(),
      statusOfUnavailable,
      noSubscriptions,
      noteOperation,
      limits,
      ...(options.plugins ?? []),
    ],
    formatError: (_formatted, error) => formatGraphQLError(error, log),
    logger: {
      debug: (message) => log.debug(message),
      info: (message) => log.info(message),
      warn: (message) => log.warn(message),
      error: (message) => log.error(message),
    },
  });
  await apollo.start();
  addApolloRoute(app, apollo, async (request) => {
    if (request.identity === null) throw new Error('the GraphQL endpoint is not guarded');
    return options.context(request.identity.actor, request.ip);
  });
  return apollo;
}

/** The way from HTTP to a started Apollo and back. */
export function addApolloRoute<C extends BaseContext>(
  app: FastifyInstance,
  apollo: ApolloServer<C>,
  context: (request: FastifyRequest) => Promise<C>,
): void {
  app.route({
    method: ['GET', 'POST'],
    url: GRAPHQL_PATH,
    // Fields say for themselves whom they are open to.
    config: { allow: 'signed-in' },
    handler: fastifyApolloHandler(apollo, { context }),
  });
}
