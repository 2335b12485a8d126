import { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify from 'fastify';
import { GraphQLJSONObject } from 'graphql-scalars';
import pg from 'pg';
import { DateTime, PhoneNumber, TimeZone } from '../src/graphql/scalars.js';

/**
 * The counterpart of `bench -- graphql`: Apollo Server on Fastify as their manuals have it, with a type like our `Client` and
 * one prepared query. It knows nobody, refuses nothing and writes nothing down: `bare-apollo.js <database>`.
 */
const typeDefs = `
  scalar DateTime
  scalar PhoneNumber
  scalar TimeZone
  scalar JSONObject
  type Client {
    id: ID!
    phone: PhoneNumber!
    operatorCode: String!
    tags: [String!]!
    timeZone: TimeZone!
    attributes: JSONObject!
    optedOutAt: DateTime
    createdAt: DateTime!
    updatedAt: DateTime!
    revision: Int!
  }
  type Query { client(id: ID!): Client }`;
const FIND = `select id, phone, operator_code as "operatorCode", tags, time_zone as "timeZone", attributes, opted_out_at as "optedOutAt",
  created_at as "createdAt", updated_at as "updatedAt", revision from client where id = $1 and deleted_at is null`;

const pool = new pg.Pool({ connectionString: process.argv[2]!, max: 10 });
const find = async (_root: unknown, { id }: { id: string }) =>
  (await pool.query({ name: 'client', text: FIND, values: [id] })).rows[0] ?? null;
const apollo = new ApolloServer({
  typeDefs,
  resolvers: { DateTime, PhoneNumber, TimeZone, JSONObject: GraphQLJSONObject, Query: { client: find } },
});
await apollo.start();
const app = fastify();
app.route({ method: ['GET', 'POST'], url: '/graphql', handler: fastifyApolloHandler(apollo) });
process.send?.({ url: await app.listen({ port: 0, host: '127.0.0.1' }) });
process.on('disconnect', () => process.exit());
