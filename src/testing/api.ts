import type { MikroORM } from '@mikro-orm/postgresql';
import { type ExecutionResult, type GraphQLSchema, graphql } from 'graphql';
import { buildSchema, type NonEmptyArray } from 'type-graphql';
import type { RequestContext } from '../access/request-context.js';
import { entities } from '../entities.js';
import { createOrm } from '../platform/orm.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** The GraphQL API over a real database of its own, without HTTP. */
export interface TestApi {
  database: TestDatabase;
  orm: MikroORM;
  /** Runs one operation as `admin`, with a context of its own. */
  execute(source: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
  /** Runs one operation that must not fail, and gives its data. */
  run<T>(source: string, variables?: Record<string, unknown>): Promise<T>;
  close(): Promise<void>;
}

/** Without a WebSocket nobody can subscribe. */
const noSubscriptions: RequestContext['resolvers'] = {
  get: () => {
    throw new Error('This API has no subscriptions.');
  },
};

/** @param createResolvers makes the resolvers under test on the database */
export async function createTestApi(createResolvers: (database: TestDatabase) => object[]): Promise<TestApi> {
  const database = await createTestDatabase();
  const orm = await createOrm({ databaseUrl: database.url, entities });
  const schema = await schemaOf(createResolvers(database));
  const execute = async (source: string, variables: Record<string, unknown> = {}) => {
    const contextValue: RequestContext = { actor: { name: 'admin' }, em: orm.em.fork(), resolvers: noSubscriptions };
    return await graphql({ schema, source, variableValues: variables, contextValue });
  };
  return {
    database,
    orm,
    execute,
    async run<T>(source: string, variables?: Record<string, unknown>) {
      const { data, errors } = await execute(source, variables);
      if (errors !== undefined) throw errors[0]?.originalError ?? errors[0];
      // graphql-js makes objects without a prototype, which no literal in a test equals.
      return JSON.parse(JSON.stringify(data)) as T;
    },
    async close() {
      await orm.close();
      await database.drop();
    },
  };
}

async function schemaOf(instances: object[]): Promise<GraphQLSchema> {
  const byClass = new Map<unknown, object>(instances.map((instance) => [instance.constructor, instance]));
  return await buildSchema({
    resolvers: instances.map((instance) => instance.constructor) as NonEmptyArray<typeof Object>,
    container: { get: (cls) => byClass.get(cls) },
    validate: false,
  });
}
