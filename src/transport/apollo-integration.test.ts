import { ApolloServer, type ApolloServerOptions, type BaseContext } from '@apollo/server';
import { type CreateServerForIntegrationTests, defineIntegrationTestSuite } from '@apollo/server-integration-testsuite';
import { recordingLog } from '../testing/running-api.js';
import { addApolloRoute, GRAPHQL_PATH } from './graphql.js';
import { createHttp } from './http.js';

/** The suite brings types of a copy of Apollo's own, one patch version older. */
const createServer: unknown = async (
  config: ApolloServerOptions<BaseContext>,
  options: { context?: () => Promise<BaseContext> } = {},
) => {
  const { log } = recordingLog();
  const app = await createHttp({ log, publicUrl: null });
  const server = new ApolloServer<BaseContext>(config);
  await server.start();
  addApolloRoute(app, server, options.context ?? (async () => ({})));
  const url = await app.listen({ port: 0, host: '127.0.0.1', listenTextResolver: () => 'listening' });
  return { server, url: `${url}${GRAPHQL_PATH}`, extraCleanup: () => app.close() };
};

defineIntegrationTestSuite(createServer as CreateServerForIntegrationTests);
