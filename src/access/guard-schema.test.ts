import { buildSchema, type ExecutionResult, type GraphQLSchema, graphql, parse, subscribe } from 'graphql';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.js';
import { Actor, ADMIN } from './actor.js';
import { guardSchema } from './guard-schema.js';
import type { Audience } from './permission.js';

const VIEWER = new Actor({ id: 'user:1', name: 'user:v@example.org', role: 'viewer' });

const PHONE = '79161234567';
const SDL = `
  scalar PhoneNumber
  scalar JSONObject
  type Client { id: ID phone: PhoneNumber phones: [PhoneNumber!] attributes: JSONObject notes: [String!] hotline: String }
  type Query { client: Client }
  type Mutation { change: Client }
  type Subscription { changed: Client }`;

/** The schema above, with its root fields open to those named, and answers that are full of phones. */
function schemaFor(audiences: Record<string, Audience>): GraphQLSchema {
  const schema = buildSchema(SDL);
  const client = {
    id: PHONE,
    phone: PHONE,
    phones: [PHONE, PHONE],
    attributes: { spare: '+7 (916) 123-45-67', other: { number: Number(PHONE), ids: [1, 'a'] } },
    notes: ['call 8 916 123-45-67 or 79160000001', 'no 179161234567'],
    hotline: '8 800 555-35-35',
  };
  for (const root of [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!]) {
    for (const field of Object.values(root.getFields())) {
      field.resolve = async () => client;
      if (root.name === 'Subscription')
        field.subscribe = async function* () {
          yield client;
        };
      if (audiences[field.name] !== undefined) field.extensions = { allow: audiences[field.name] };
    }
  }
  (schema.getType('Client') as ReturnType<typeof schema.getQueryType>)!.getFields()['hotline']!.extensions = {
    publicWords: true,
  };
  return guardSchema(schema, null);
}

const OPEN = { client: 'clients:read', change: 'clients:write', changed: 'clients:read' } as const;

async function ask(source: string, actor: Actor): Promise<ExecutionResult> {
  return JSON.parse(JSON.stringify(await graphql({ schema: schemaFor(OPEN), source, contextValue: { actor } })));
}

describe('a schema', () => {
  it('can not be made while a root field does not say whom it is open to', () => {
    expect(() => schemaFor({ client: 'clients:read', changed: 'clients:read' })).toThrow('Mutation.change');
    expect(() => schemaFor({})).toThrow('Query.client, Mutation.change, Subscription.changed');
  });

  it('answers a field to those it is open to, and tells others what they lack', async () => {
    expect((await ask('mutation { change { id } }', ADMIN)).errors).toBeUndefined();
    const { data, errors } = await graphql({
      schema: schemaFor(OPEN),
      source: 'mutation { change { id } }',
      contextValue: { actor: VIEWER },
    });
    expect(data).toEqual({ change: null });
    expect(errors?.[0]?.originalError).toEqual(new AppError('FORBIDDEN', 'This needs the permission clients:write.'));
  });

  it('lets nobody subscribe to what they may not see', async () => {
    const document = parse('subscription { changed { id } }');
    const none = new Actor({ id: 'token:1', name: 'token:none', role: 'admin', scopes: [] });
    const refused = await subscribe({ schema: schemaFor(OPEN), document, contextValue: { actor: none } });
    expect((refused as ExecutionResult).errors?.[0]?.originalError).toMatchObject({ code: 'FORBIDDEN' });
    const allowed = await subscribe({ schema: schemaFor(OPEN), document, contextValue: { actor: VIEWER } });
    expect(Symbol.asyncIterator in allowed).toBe(true);
  });
});

describe('a phone', () => {
  const everything = '{ client { id phone phones attributes notes hotline } }';

  it('is shown whole to those who may see it', async () => {
    expect(JSON.stringify(await ask(everything, ADMIN))).toContain(`"phone":"${PHONE}"`);
  });

  it('is masked in every field and text for those who may not, but for ids and words meant for all', async () => {
    const masked = '79*****4567';
    expect((await ask(everything, VIEWER)).data).toEqual({
      client: {
        id: PHONE,
        phone: masked,
        phones: [masked, masked],
        attributes: { spare: masked, other: { number: masked, ids: [1, 'a'] } },
        notes: [`call ${masked} or 79*****0001`, 'no 179161234567'],
        hotline: '8 800 555-35-35',
      },
    });
  });
});
