import type { GraphQLSchema } from 'graphql';
import { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import { AuditLog } from '../access/audit-log.js';
import { IdentityWatch } from '../access/identity-watch.js';
import type { RequestContext } from '../access/request-context.js';
import { Sessions } from '../access/sessions.js';
import { EventStreams } from '../transport/event-streams.js';
import { addGraphQL } from '../transport/graphql.js';
import { guardRoutes } from '../transport/guard-routes.js';
import { createHttp } from '../transport/http.js';
import { LiveOperations } from '../transport/live-operations.js';
import { Subscriptions } from '../transport/subscriptions.js';
import { ADMIN_TOKEN, type Answer, recordingLog, send } from './running-api.js';
import { createTestDatabase } from './test-database.js';

/** Our transports with a schema of the test's own. */
export interface BareServer {
  url: string;
  logged(): string;
  ask(query: string, variables?: object): Promise<Answer>;
  subscriptions: Subscriptions;
  close(): Promise<void>;
}

export async function startBareServer(schema: GraphQLSchema, secrets: readonly string[] = []): Promise<BareServer> {
  const database = await createTestDatabase();
  const { log, logged } = recordingLog(secrets);
  const access = new Access(new Sessions(database.pool), ADMIN_TOKEN);
  const context = (actor: Actor) => ({ actor }) as RequestContext;
  const watch = new IdentityWatch(access, log);
  const options = { schema, access, watch, log, publicUrl: null, introspection: true, context };
  const app = await createHttp({ log, publicUrl: null });
  guardRoutes(app, { access, audit: new AuditLog(database.pool, log), publicUrl: null });
  const subscriptions = new Subscriptions(options, new LiveOperations(options));
  const streams = new EventStreams(options, new LiveOperations(options));
  const apollo = await addGraphQL(app, options);
  streams.attach(app);
  subscriptions.attach(app);
  const url = await app.listen({ port: 0, host: '127.0.0.1', listenTextResolver: () => 'listening' });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` };
  return {
    url,
    logged,
    subscriptions,
    ask: (query, variables = {}) =>
      send(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) }),
    async close() {
      watch.close();
      streams.close();
      await subscriptions.close();
      await app.close();
      await apollo.stop();
      await database.drop();
    },
  };
}
