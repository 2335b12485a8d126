import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { audienceOf } from '../access/guard-schema.js';
import type { Audience } from '../access/permission.js';

/** One root field of the schema, and an operation that asks for it and nothing else. */
export interface RootField {
  kind: 'query' | 'mutation' | 'subscription';
  name: string;
  audience: Audience | undefined;
  source: string;
  variables: Record<string, unknown>;
}

/** What is given where a type wants a value; a scalar that is not here gets `text`. */
export interface Samples {
  text: string;
  phone: string;
}

/** Why somebody stops all sending is no message's text, and is to be read in the log. */
const REASON = 'a reason';

/** Each root field, asked with everything it can be given. */
export function rootFields(schema: GraphQLSchema, samples: Samples): RootField[] {
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return roots.flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {}).map((field) => ({
      kind,
      name: field.name,
      audience: audienceOf(field),
      ...operation(kind, field, samples),
    })),
  );
}

function operation(kind: RootField['kind'], field: GraphQLField<unknown, unknown>, samples: Samples) {
  const args = field.args.filter((arg) => isRequiredArgument(arg) || arg.name !== 'after');
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = args.map(({ name }) => `${name}: $${name}`).join(', ');
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  return {
    source: `${kind}${declared && ` (${declared})`} { ${field.name}${passed && `(${passed})`}${selection} }`,
    variables: Object.fromEntries(
      args.map(({ name, type }) => [name, name === 'reason' ? REASON : sampleOf(type, samples)]),
    ),
  };
}

/** Input objects within input objects are filled as far as they have to be. */
function sampleOf(type: GraphQLInputType, samples: Samples, depth = 0): unknown {
  const inner = getNullableType(type);
  if (isListType(inner)) return [sampleOf(inner.ofType, samples, depth)];
  if (isEnumType(inner)) return inner.getValues()[0]?.name;
  if (isInputObjectType(inner)) {
    const wanted = Object.values(inner.getFields()).filter((field) => depth === 0 || isRequiredInputField(field));
    return Object.fromEntries(wanted.map((field) => [field.name, sampleOf(field.type, samples, depth + 1)]));
  }
  const known: Record<string, unknown> = {
    ID: '999999999',
    Int: 1,
    Float: 1,
    SafeInt: 1,
    Boolean: isNonNullType(type) ? false : null,
    DateTime: '2030-01-01T00:00:00Z',
    LocalTime: '09:00',
    TimeZone: 'Europe/Moscow',
    PhoneNumber: samples.phone,
    JSONObject: { name: samples.text, spare: samples.phone },
  };
  const value = getNamedType(inner).name;
  return Object.hasOwn(known, value) ? known[value] : samples.text;
}
