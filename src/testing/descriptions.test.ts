import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, it } from 'vitest';

const ROOTS = ['Query', 'Mutation', 'Subscription'];

/** What of a schema has no description: types, fields, arguments, enum values and input fields, by their coordinates. */
function undescribed(schema: GraphQLSchema): string[] {
  const missing: string[] = [];
  const look = (at: string, { description }: { description?: string | null | undefined }) => {
    if (!description?.trim()) missing.push(at);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    if (!ROOTS.includes(type.name)) look(type.name, type);
    if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        look(`${type.name}.${field.name}`, field);
        for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name}:)`, arg);
      }
    }
  }
  return missing;
}

it('describes everything that is public', () => {
  const printed = readFileSync(join(import.meta.dirname, '../../schema.graphql'), 'utf8');
  expect(undescribed(buildSchema(printed))).toEqual([]);
});

it('is no empty promise: a field, an argument, a value or a type without a description is named', () => {
  const schema = buildSchema(`
    type Query { "Said." a(b: C): D  c: Int }
    input C { d: Int }
    "Said."
    enum D { E }
  `);
  expect(undescribed(schema)).toEqual(['Query.a(b:)', 'Query.c', 'C', 'C.d', 'D.E']);
});
