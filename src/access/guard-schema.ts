import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { PhoneNumber } from '../graphql/scalars.js';
import { AuditOutcome } from './audit-event.js';
import { type AuditLog, namesIn, nounOf } from './audit-log.js';
import { maskPhones, maskPhonesWithin } from './mask-phone.js';
import { type Audience, authorize } from './permission.js';
import type { RequestContext } from './request-context.js';

type Resolve = GraphQLFieldResolver<unknown, RequestContext>;
type Field = GraphQLField<unknown, RequestContext>;

/** Scalars that can't hold a phone, or are ids. All others are searched for phones before those see them who may not. */
const NO_PHONE_WITHIN = ['ID', 'Int', 'Float', 'Boolean', 'SafeInt', 'DateTime', 'LocalTime', 'TimeZone'];

/**
 * Puts the guards on a schema, whichever way it is then asked: a field with `@Allow` answers only those it is open to; nobody
 * without `clients:phones` gets a phone whole, be it a field of its own or a part of a text; and each mutation is on record.
 *
 * @param audit null: for a schema that answers nothing
 * @returns the same schema
 * @throws Error when a field of Query, Mutation or Subscription does not say whom it is open to
 */
export function guardSchema(schema: GraphQLSchema, audit: AuditLog | null): GraphQLSchema {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const open = roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {})
      .filter((field) => audienceOf(field) === undefined)
      .map((field) => `${root?.name}.${field.name}`),
  );
  if (open.length > 0)
    throw new Error(`These fields need @Allow, or nobody knows whom they are for: ${open.join(', ')}`);
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    if (audit) field.resolve = audited(field.resolve ?? defaultFieldResolver, audit);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) guardField(field);
  }
  return schema;
}

/** Whom a field is open to; undefined: to whoever sees its parent. */
export function audienceOf(field: Pick<Field, 'extensions'>): Audience | undefined {
  return field.extensions['allow'] as Audience | undefined;
}

function guardField(field: Field): void {
  const type = getNamedType(field.type);
  if (isScalarType(type) && !NO_PHONE_WITHIN.includes(type.name) && !field.extensions['publicWords']) {
    field.resolve = masked(
      field.resolve ?? defaultFieldResolver,
      type.name === PhoneNumber.name ? maskPhones : maskPhonesWithin,
    );
  }
  const audience = audienceOf(field);
  if (audience === undefined) return;
  field.resolve = guarded(field.resolve ?? defaultFieldResolver, audience);
  if (field.subscribe) field.subscribe = guarded(field.subscribe, audience);
}

function guarded(resolve: Resolve, audience: Audience): Resolve {
  return (source, args, context, info) => {
    authorize(context.actor, audience);
    return resolve(source, args, context, info);
  };
}

/** A mutation is named after what it is about, and says which by `id`; its answer has it under that name, or is a job. */
function audited(resolve: Resolve, audit: AuditLog): Resolve {
  return (source, args: Record<string, unknown>, context, info) => {
    const action = info.fieldName;
    const subjectKind = nounOf(action);
    const act = {
      actor: context.actor,
      action,
      subjectKind,
      subjectId: idOf(args) ?? (typeof args['name'] === 'string' ? args['name'] : null),
      fields: Object.entries(args).flatMap(([name, value]) => {
        const within = namesIn(value);
        return within.length === 0 ? [name] : within.map((inner) => `${name}.${inner}`);
      }),
      ip: context.ip,
    };
    return audit.around(
      act,
      async () => await resolve(source, args, context, info),
      (payload) => ({
        outcome: hasErrors(payload) ? AuditOutcome.REFUSED : AuditOutcome.DONE,
        subjectId: idOf(part(payload, subjectKind === 'clientJob' ? 'job' : subjectKind)),
      }),
    );
  };
}

function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function idOf(value: unknown): string | undefined {
  const id = part(value, 'id');
  return typeof id === 'string' ? id : undefined;
}

function hasErrors(payload: unknown): boolean {
  const errors = part(payload, 'userErrors');
  return Array.isArray(errors) && errors.length > 0;
}

function masked(resolve: Resolve, mask: (value: unknown) => unknown): Resolve {
  return (source, args, context, info) => {
    const value = resolve(source, args, context, info);
    if (context.actor.can('clients:phones')) return value;
    return value instanceof Promise ? value.then(mask) : mask(value);
  };
}
