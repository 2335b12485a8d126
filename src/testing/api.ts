import type { MikroORM } from '@mikro-orm/postgresql';
import { type ExecutionResult, graphql } from 'graphql';
import { buildSchema, type NonEmptyArray } from 'type-graphql';
import { type Actor, ADMIN } from '../access/actor.js';
import { AuditLog } from '../access/audit-log.js';
import { guardSchema } from '../access/guard-schema.js';
import type { RequestContext, ResolverInstances } from '../access/request-context.js';
import { EraseResolver } from '../care/erase.resolver.js';
import { ClientResolver } from '../client/client.resolver.js';
import { TimeZoneResolver } from '../client/time-zone.resolver.js';
import { entities } from '../entities.js';
import { TimeZones } from '../graphql/time-zones.js';
import { ChangeBell } from '../live/change-bell.js';
import { AudienceResolver } from '../mailing/audience.resolver.js';
import { ByHandResolver } from '../mailing/by-hand.resolver.js';
import { ForecastResolver } from '../mailing/forecast.resolver.js';
import { MailingResolver } from '../mailing/mailing.resolver.js';
import { MailingFiguresResolver } from '../mailing/mailing-figures.resolver.js';
import { MailingListsResolver } from '../mailing/mailing-lists.resolver.js';
import { MailingMessageResolver } from '../mailing/mailing-message.resolver.js';
import { MessageWords } from '../mailing/message-words.js';
import { PreviewResolver } from '../mailing/preview.resolver.js';
import { ProgressReader } from '../mailing/progress-reader.js';
import { RetryResolver } from '../mailing/retry.resolver.js';
import { TemplateCache } from '../mailing/template.js';
import { ClientMessagesResolver, MessageResolver } from '../message/message.resolver.js';
import { createOrm } from '../platform/orm.js';
import { DeliveriesResolver } from '../report/deliveries.resolver.js';
import { ReportLinkResolver } from '../report/report-link.resolver.js';
import { StatisticsResolver } from '../report/statistics.resolver.js';
import { ChannelResolver } from '../sending/channel.resolver.js';
import { SendingResolver } from '../sending/sending.resolver.js';
import { recordingLog } from './running-api.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** One attempt's time-out, ms. */
export const TIMEOUT_MS = 10_000;

/** What the settings allow the gateway, messages a second. */
const GATEWAY_RATE_LIMIT = 1_000;

/** A bell as it was rung. */
export interface Ring {
  name: string;
  payload: unknown;
  at?: Date;
}

/** Queries and mutations over a real database of its own, without HTTP and without a worker. */
export interface TestApi {
  database: TestDatabase;
  orm: MikroORM;
  /** Since the last look at `rings`. */
  takeRings(): Ring[];
  logged(): string;
  /** Runs one operation with a context of its own, as admin unless told otherwise. */
  execute(source: string, variables?: Record<string, unknown>, actor?: Actor): Promise<ExecutionResult>;
  /** Runs one operation that must not fail, and gives its data. */
  run<T>(source: string, variables?: Record<string, unknown>): Promise<T>;
  close(): Promise<void>;
}

/** @param o what the API takes for one attempt's time-out, ms */
export async function createTestApi(o: { timeoutMs?: number } = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const { pool } = database;
  const orm = await createOrm({ databaseUrl: database.url, entities });
  const bell = new ChangeBell(pool);
  const { log, logged } = recordingLog();
  let rings: Ring[] = [];
  const ring = async (name: string, payload: unknown, at?: Date) => {
    rings.push(at === undefined ? { name, payload } : { name, payload, at });
  };
  const timeZones = new TimeZones(pool);
  const shared = { pool, bell, log, timeZones, timeoutMs: () => o.timeoutMs ?? TIMEOUT_MS, scheduler: { ring } };
  const reader = new ProgressReader(pool, log);
  const templates = new TemplateCache();
  const settingsLimit = (channel: string) => (channel === 'gateway' ? GATEWAY_RATE_LIMIT : null);
  const instances = [
    new ClientResolver(timeZones, pool),
    new TimeZoneResolver(timeZones),
    new ForecastResolver({ ...shared, settingsLimit: settingsLimit, defaultChannel: 'gateway' }),
    new PreviewResolver(pool),
    new MailingResolver({ ...shared, progress: reader, defaultChannel: 'gateway' }),
    new MailingListsResolver(),
    new MailingFiguresResolver({ pool }),
    new AudienceResolver(shared),
    new ByHandResolver({ ...shared, templates }),
    new RetryResolver(shared),
    new MailingMessageResolver(new MessageWords(templates, reader)),
    new MessageResolver(),
    new ClientMessagesResolver(),
    new ChannelResolver(),
    new DeliveriesResolver(shared),
    new StatisticsResolver(shared),
    new ReportLinkResolver(() => 'http://127.0.0.1'),
    new SendingResolver(shared),
    new EraseResolver(shared),
  ];
  const resolvers: ResolverInstances = {
    get: (type) => instances.find((instance) => instance instanceof type) as InstanceType<typeof type>,
  };
  const built = await buildSchema({
    resolvers: instances.map((instance) => instance.constructor) as NonEmptyArray<typeof Object>,
    container: { get: (type) => resolvers.get(type) },
    validate: false,
  });
  const schema = guardSchema(built, new AuditLog(pool, log));
  const api: TestApi = {
    database,
    orm,
    takeRings() {
      const taken = rings;
      rings = [];
      return taken;
    },
    logged,
    async execute(source, variableValues = {}, actor = ADMIN) {
      const contextValue: RequestContext = { actor, ip: null, em: orm.em.fork(), resolvers };
      return await graphql({ schema, source, variableValues, contextValue });
    },
    async run<T>(source: string, variables?: Record<string, unknown>) {
      const { data, errors } = await api.execute(source, variables);
      if (errors !== undefined) throw errors[0]?.originalError ?? errors[0];
      // graphql-js makes objects without a prototype, which no literal in a test equals.
      return JSON.parse(JSON.stringify(data)) as T;
    },
    async close() {
      await bell.flush();
      await orm.close();
      await database.drop();
    },
  };
  return api;
}
