import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { Registry } from 'prom-client';
import { Access, type BearerTokens, type Credential } from './access/access.js';
import { ApiTokens } from './access/api-tokens.js';
import { AuditLog } from './access/audit-log.js';
import { IdentityWatch } from './access/identity-watch.js';
import { OutsideIssuer } from './access/outside-issuer.js';
import { OneRequest } from './access/request-context.js';
import { createSignIn } from './access/sign-in-parts.js';
import type { Config } from './config.js';
import { TimeZones } from './graphql/time-zones.js';
import type { ChangeBell } from './live/change-bell.js';
import type { Live } from './live/live.js';
import { ProgressReader } from './mailing/progress-reader.js';
import { TemplateCache } from './mailing/template.js';
import type { Readiness } from './operations/readiness.js';
import { explainPort } from './platform/free-port.js';
import type { Logger } from './platform/log.js';
import { NO_TRACING, type Tracing } from './platform/tracing.js';
import { createResolvers } from './resolvers.js';
import { fromClassicAddress } from './rest/classic-address.js';
import { addDocs } from './rest/docs.js';
import { Downloads } from './rest/downloads.js';
import { addRest } from './rest/rest.js';
import type { RestParts } from './rest/rest-api.js';
import type { Scheduler } from './scheduler/scheduler.js';
import type { ChangingConfig, LiveSettings } from './settings/live-settings.js';
import type { SignInConfig } from './sign-in-settings.js';
import { addAccessRoutes } from './transport/access-routes.js';
import { ApiMetrics } from './transport/api-metrics.js';
import { EventStreams } from './transport/event-streams.js';
import { addGraphQL, type GraphQLOptions } from './transport/graphql.js';
import { guardRoutes } from './transport/guard-routes.js';
import { addHealth } from './transport/health.js';
import { createHttp } from './transport/http.js';
import { limitRequests } from './transport/limit-requests.js';
import { LiveOperations } from './transport/live-operations.js';
import { addMetrics } from './transport/metrics-route.js';
import { sessionOpener } from './transport/open-session.js';
import { addPages, pageOfNothing } from './transport/pages.js';
import { addReportRoute } from './transport/report-routes.js';
import { buildHeliographSchema, printHeliographSchema } from './transport/schema.js';
import { addSignInRoutes } from './transport/sign-in-routes.js';
import { Subscriptions } from './transport/subscriptions.js';
import { nameOperations, traceRequests } from './transport/trace-requests.js';

/** What the API shares with the rest of its process. */
export interface ApiOptions {
  config: Pick<
    Config,
    | 'host'
    | 'port'
    | 'publicUrl'
    | 'adminToken'
    | 'production'
    | 'channel'
    | 'mongoUrl'
    | 'report'
    | 'metrics'
    | 'gateway'
    | 'alarms'
    | keyof SignInConfig
  >;
  settings: Pick<LiveSettings<Pick<ChangingConfig, 'importMaxBytes' | 'apiRateLimit' | 'gateway'>>, 'now'>;
  pool: pg.Pool;
  /** For files that come and go: its statements take as long as they take. */
  files: pg.Pool;
  orm: MikroORM;
  /** Started already, so that nothing is missed. */
  live: Live;
  scheduler: Pick<Scheduler, 'ring' | 'jobs'>;
  /** Tells every process of changes made here. */
  bell: Pick<ChangeBell, 'ring'>;
  /** What /readyz asks. */
  readiness: Pick<Readiness, 'look'>;
  /** What it does is counted there, and `/metrics` tells all that is. */
  registry: Registry;
  /** Left out: nothing is traced. */
  tracing?: Tracing;
  log: Logger;
  /** The built pages; dist/web when left out. */
  webFolder?: string;
}

/** The half of the program that people and programs speak to. */
export interface Api {
  /** Where it listens. */
  url: string;
  /** The address that opens a session, once and within an hour. */
  adminLink(): Promise<string>;
  /** What the live sockets cost just now. */
  readonly load: Subscriptions['load'];
  /** Takes nothing new, ends subscriptions, and waits for the requests under way. */
  close(): Promise<void>;
}

/** Who makes the link that a start prints, in the audit log. */
const SERVER = { id: 'server', name: 'server' };

/** Wires the API and listens. @throws AppError when the port can't be opened */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { config, log, orm, tracing = NO_TRACING } = options;
  const { publicUrl, trustProxy } = config;
  const baseUrl = () => publicUrl ?? addressOf(app.server.address() as AddressInfo);
  const audit = new AuditLog(options.pool, log);
  const signIn = createSignIn({ ...options, audit }, baseUrl);
  const parts = createParts(options);
  const webhookRules = { allowPrivate: config.alarms.allowPrivate, allowHttp: !config.production };
  const resolvers = createResolvers({ ...parts, ...options, webhookRules }, signIn, baseUrl);
  const schema = buildHeliographSchema(resolvers, audit);
  const access = new Access(signIn.sessions, config.adminToken, bearersOf(options));
  const context: GraphQLOptions['context'] = (actor, ip) => new OneRequest(actor, ip, resolvers, orm.em);
  const watch = new IdentityWatch(access, log);
  const metrics = new ApiMetrics(options.registry);
  const shared = { schema, access, watch, log, publicUrl, context, trustProxy };
  const graphql = {
    ...shared,
    introspection: !config.production,
    plugins: [metrics.plugin(), ...(tracing.isOn ? [nameOperations(tracing)] : [])],
  };

  const webFolder = options.webFolder ?? join(import.meta.dirname, '../web');
  const app = await createHttp({
    log,
    publicUrl,
    trustProxy,
    rewrite: fromClassicAddress,
    pageOfNothing: () => pageOfNothing(webFolder),
  });
  metrics.watchRequests(app);
  if (tracing.isOn) traceRequests(app, tracing);
  guardRoutes(app, { access, audit, publicUrl });
  const count = await limitRequests(app, () => options.settings.now.apiRateLimit);
  const operations = new LiveOperations(graphql);
  const subscriptions = new Subscriptions(graphql, operations, count);
  const streams = new EventStreams(graphql, operations);
  const onSignOut = (session: Credential) => watch.end(session);
  const open = sessionOpener({ sessions: signIn.sessions, publicUrl, onSignOut });
  addAccessRoutes(app, { access, audit, failures: signIn.failures, publicUrl, onSignOut, open });
  await addSignInRoutes(app, { ...signIn, publicUrl, open });
  addReportRoute(app, () => ({ em: orm.em.fork(), progress: parts.progress, limits: signIn.limits }));
  const apollo = await addGraphQL(app, graphql);
  streams.attach(app);
  addHealth(app, options.readiness);
  const otherwise = config.production ? 'nobody' : 'this-machine';
  addMetrics(app, options.registry, { token: config.metrics.token, otherwise });
  const { subscriber } = operations;
  metrics.watchConnections(() => ({ ...subscriptions.load, subscriptions: subscriber.active, streams: streams.size }));
  await addRest(app, parts, schema);
  await addDocs(app, config.production);
  await addPages(app, webFolder);
  const printed = printHeliographSchema();
  app.get('/schema.graphql', { config: { allow: 'signed-in' } }, (_request, reply) =>
    reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(printed),
  );
  subscriptions.attach(app);
  await app
    .listen({ port: config.port, host: config.host, listenTextResolver: () => 'listening' })
    .catch(async (error) => {
      watch.close();
      await subscriptions.close();
      throw explainPort(error, config.port, config.host);
    });
  const url = addressOf(app.server.address() as AddressInfo);
  return {
    url,
    adminLink: async () => `${baseUrl()}/enter/${await access.sessions.issueLink(SERVER)}`,
    get load() {
      return subscriptions.load;
    },
    async close() {
      watch.close();
      streams.close();
      await subscriptions.close();
      await app.close();
      await apollo.stop();
    },
  };
}

/** The kinds of bearer tokens that open anything beside ADMIN_TOKEN. */
function bearersOf({ config: { jwt }, pool, log }: ApiOptions): BearerTokens[] {
  return [new ApiTokens(pool), ...(jwt ? [new OutsideIssuer(jwt, log)] : [])];
}

/** What both APIs work with. */
function createParts(options: ApiOptions): RestParts {
  const { config, settings, pool, files, orm, scheduler, bell, log, tracing = NO_TRACING } = options;
  const settingsLimit = (channel: string) => (channel === 'gateway' ? settings.now.gateway.rateLimit : null);
  return {
    get importMaxBytes() {
      return settings.now.importMaxBytes;
    },
    ...{ pool, files, em: orm.em, scheduler, bell, log, settingsLimit },
    timeoutMs: () => config.gateway.timeoutMs,
    traceparent: () => tracing.current()?.traceparent ?? null,
    downloads: new Downloads(),
    timeZones: new TimeZones(pool),
    progress: new ProgressReader(pool, log, {
      get gateway() {
        return settingsLimit('gateway');
      },
    }),
    templates: new TemplateCache(),
    defaultChannel: config.channel,
  };
}

function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
