import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { type GraphQLSchema, isInputObjectType, isObjectType } from 'graphql';
import { sessionCookie } from '../access/session-cookie.js';

/** As much of a document as is looked at here. */
interface Document {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}
interface Operation {
  tags?: string[];
  parameters?: { name: string; in: string; description?: string; schema?: ParameterSchema | undefined }[];
  responses?: Record<string, { headers?: object; description: string }>;
}
interface ParameterSchema {
  type?: string;
  anyOf?: ParameterSchema[];
}
interface Schema {
  description?: string;
  /** The GraphQL type that has the same fields. */
  graphql?: string;
  properties?: Record<string, Schema>;
}

const TAGS = [
  { name: 'clients', description: 'The people to reach.' },
  { name: 'mailings', description: 'Campaigns: one text to every client that matches a filter.' },
  { name: 'messages', description: 'One mailing to one client.' },
  { name: 'statistics', description: 'Mailings and messages in numbers.' },
  { name: 'dictionaries', description: 'What values can be.' },
  { name: 'tokens', description: 'Secrets for programs.' },
];

/** Whose descriptions the parameters of lists have. */
const FILTERS: Readonly<Record<string, string>> = {
  clients: 'ClientFilterInput',
  mailings: 'MailingFilterInput',
  messages: 'MessageFilterInput',
};

const DESCRIPTION = `Heliograph over REST: the same functions as its GraphQL API at \`/graphql\`, which can do more and tells live what happens.

Lists are pages: \`Link\` says where the next one is. Errors are problems (RFC 9457). \`ETag\` names the state that is stored; what follows from
the clock, \`localTime\` for instance, is no part of it.`;

/** How the document is made: from the zod schemas of the routes, in the words of the GraphQL schema. */
export function openApi(schema: GraphQLSchema): FastifyDynamicSwaggerOptions {
  return {
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Heliograph',
        version: '1',
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' } as { name: string },
      },
      servers: [{ url: '/' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An access token.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: sessionCookie(null).name,
            description: 'Of whoever signed in.',
          },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (given) => finish(jsonSchemaTransformObject(given) as Document, schema) as never,
  };
}

/** What the libraries leave open. */
function finish(document: Document, schema: GraphQLSchema): Document {
  const components = dropUnused(document);
  for (const component of Object.values(components)) describe(component, schema);
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    const words = descriptionsIn(schema, FILTERS[operation.tags?.[0] ?? '']);
    for (const parameter of operation.parameters ?? []) {
      // What stands in an address is text.
      parameter.schema = parameter.schema?.anyOf?.find(({ type }) => type === 'string') ?? parameter.schema;
      parameter.description ??= parameter.in === 'path' ? 'Which one.' : (words[parameter.name] ?? '');
    }
    addHeaders(operation);
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      response.description = DONE[status] ?? response.description;
    }
  }
  return withShortNames(tidy(document) as Document);
}

/** A choice of one is no choice: what the libraries leave of a union whose other half no document can say. */
function tidy(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(tidy);
  if (typeof part !== 'object' || part === null) return part;
  const { anyOf, ...rest } = part as { anyOf?: object[] };
  const whole = anyOf?.length === 1 ? { ...anyOf[0], ...rest } : part;
  return Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, tidy(value)]));
}

/** The libraries call what comes `…Input`, also where nothing that goes has the same name. */
function withShortNames(document: Document): Document {
  const names = Object.keys(document.components?.schemas ?? {});
  const short = names.map((name) => /^(.+)Input$/.exec(name)?.[1]).filter((name) => name && !names.includes(name));
  const pattern = new RegExp(`"(#/components/schemas/)?(${short.join('|')})Input"`, 'g');
  return JSON.parse(JSON.stringify(document).replace(pattern, '"$1$2"'));
}

/** The libraries make a component for what comes and one for what goes of each schema. */
function dropUnused(document: Document): Record<string, Schema> {
  const components = document.components?.schemas ?? {};
  const unused = Object.keys(components).filter(
    (name) => !JSON.stringify(document).includes(`"#/components/schemas/${name}"`),
  );
  for (const name of unused) delete components[name];
  return unused.length === 0 ? components : dropUnused(document);
}

/** Fields say what they are in the words of the GraphQL type they are fields of, so that it is written once. */
function describe(component: Schema, schema: GraphQLSchema): void {
  const words = descriptionsIn(schema, component.graphql);
  component.description ??= schema.getType(component.graphql ?? '')?.description ?? '';
  delete component.graphql;
  for (const [name, field] of Object.entries(component.properties ?? {})) {
    if (field.graphql) describe(field, schema);
    field.description ??= words[name] ?? '';
  }
}

function descriptionsIn(schema: GraphQLSchema, name = ''): Record<string, string | null | undefined> {
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInputObjectType(type)) return {};
  return Object.fromEntries(Object.entries(type.getFields()).map(([field, { description }]) => [field, description]));
}

/** What it means when it went well. */
const DONE: Readonly<Record<string, string>> = {
  200: 'It is done; here is what there is now.',
  201: 'It was made: `Location` says where it is.',
  202: 'It was begun: `Location` says where to see how far it is.',
  204: 'It is gone.',
  304: 'It is what you have already.',
};

const text = { type: 'string' } as const;
const HEADERS = {
  ETag: { description: 'The state that is stored, for `If-Match` and `If-None-Match`.', schema: text },
  Location: { description: 'Where it is.', schema: text },
  Link: { description: 'Where the list begins and goes on: `rel="first"`, `rel="next"` (RFC 8288).', schema: text },
  'Total-Count': { description: 'How many the whole list has; only with `count=true`.', schema: { type: 'integer' } },
  'Retry-After': { description: 'When to try again, in seconds.', schema: { type: 'integer' } },
} as const;

function addHeaders({ responses = {}, parameters = [] }: Operation): void {
  const has = (name: string) => parameters.some((each) => each.name === name);
  const add = (status: string, ...names: (keyof typeof HEADERS)[]) => {
    const response = responses[status];
    if (response) response.headers = Object.fromEntries(names.map((name) => [name, HEADERS[name]]));
  };
  if (has('cursor')) add('200', 'Link', 'Total-Count');
  if (has('if-match') || has('if-none-match')) add('200', 'ETag');
  add('201', 'Location', 'ETag');
  add('202', 'Location');
  add('304', 'ETag');
  add('429', 'Retry-After');
  add('503', 'Retry-After');
  if (parameters.some((each) => each.in === 'query' && each.schema?.type === 'array') || has('cursor'))
    responses['431'] = { description: 'The address is longer than some 16,000 characters.' };
}
