import type { ApolloServerPlugin } from '@apollo/server';
import { defaultFieldResolver, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql';
import type { RequestContext } from '../access/request-context.js';
import { currentTrail, type RequestTrail, TRAIL_KINDS, type TrailKind } from '../platform/request-trail.js';

const NAMES: Readonly<Record<string, TrailKind>> = {
  mailing: 'mailing',
  message: 'message',
  client: 'client',
  clientJob: 'client_job',
  job: 'client_job',
};
/** Where an answer has such things: one, or a list. */
const IN_ANSWER = Object.entries(NAMES).map(([name, kind]) => ({ name, list: `${name}s`, kind }));

/**
 * Has every query and mutation note, for the log, what it was about: by its arguments (`id`, `mailingId`, `input.clientId`) and by
 * what it gives (`payload.mailing.id`). Lists are not gone through: that one was read says its name.
 *
 * @returns the same schema
 */
export function noteIds(schema: GraphQLSchema): GraphQLSchema {
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const resolve = field.resolve ?? defaultFieldResolver;
      const kind = kindOf(field.name);
      field.resolve = async (source, args: Record<string, unknown>, context, info) => {
        const trail = currentTrail();
        if (trail) noteArguments(trail, kind, args);
        const answer: unknown = await resolve(source, args, context, info);
        if (trail) noteAnswer(trail, kind, answer);
        return answer;
      };
    }
  }
  return schema;
}

/** Fields are named after what they are about: `mailingStart`, `messages`. */
function kindOf(field: string): TrailKind | undefined {
  if (field.startsWith('clientJob')) return 'client_job';
  return TRAIL_KINDS.find((kind) => new RegExp(`^${kind}s?([A-Z]|$)`).test(field));
}

function noteArguments(trail: RequestTrail, kind: TrailKind | undefined, args: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(args)) {
    const named = name === 'id' || name === 'ids' ? kind : NAMES[name.replace(/Ids?$/, '')];
    if (named) for (const id of [value].flat()) trail.touch(named, id);
    else if (name === 'input' && isObject(value)) noteArguments(trail, kind, value);
  }
}

function noteAnswer(trail: RequestTrail, kind: TrailKind | undefined, answer: unknown): void {
  if (!isObject(answer)) return;
  if (kind) trail.touch(kind, answer['id']);
  for (const { name, list, kind: named } of IN_ANSWER) {
    const thing = answer[name];
    if (isObject(thing)) trail.touch(named, thing['id']);
    const things = answer[list];
    if (Array.isArray(things)) for (const each of things) if (isObject(each)) trail.touch(named, each['id']);
  }
  const { userErrors } = answer;
  if (Array.isArray(userErrors) && userErrors.length > 0) trail.errors ??= ['USER_ERROR'];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields an operation asks for, by their names in the schema. */
export function rootFields(operation: OperationDefinitionNode): string[] {
  return operation.selectionSet.selections.flatMap((each) => (each.kind === Kind.FIELD ? [each.name.value] : []));
}

/** Has operations over HTTP note, for the log, what they call themselves, what they ask for and what went wrong. */
export const noteOperation: ApolloServerPlugin<RequestContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operationName, operation }) => {
      const trail = currentTrail();
      if (!trail) return;
      trail.operation = operationName ?? undefined;
      trail.fields = operation && rootFields(operation);
    },
    willSendResponse: async ({ response: { body } }) => {
      const trail = currentTrail();
      const errors = body.kind === 'single' ? (body.singleResult.errors ?? []) : [];
      if (trail && errors.length > 0)
        trail.errors = [...new Set(errors.map(({ extensions }) => String(extensions?.['code'])))];
    },
  }),
};
