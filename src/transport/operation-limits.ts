import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  GraphQLList,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  getVariableValues,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** What one answer may cost at the most. */
const LIMITS = {
  /** Fields inside of fields. From a list of mailings to a message's client it takes eight. */
  depth: 12,
  /** Entries of lists. */
  entries: 10_000,
  /** Fields, so that many names for one thing do not multiply what entries cost. */
  fields: 100_000,
} as const;
/** No list gives more for one `first`: those that ask for more are refused at the field. */
const MAX_PAGE = 100;
/** Changes in one event of a subscription, about. */
const EVENT_ENTRIES = 1_000;

/** Second names for fields, so that nobody asks the same costly thing a hundred times at once. */
const MAX_ALIASES = 15;
/** `@include`, `@skip` and the like in one document. */
const MAX_DIRECTIVES = 50;

/** What an operation, or one parent's selections, may cost at the most. */
export interface Cost {
  depth: number;
  entries: number;
  fields: number;
}

/** What was asked, after validation: fragments are known and do not go in circles. */
export interface AskedOperation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: { readonly [name: string]: unknown } | null | undefined;
}

/**
 * What the answer may cost at the most, whatever there is. Introspection costs nothing: graphql-js bounds that itself.
 *
 * @returns null: it may be executed, if only to say what is wrong with its variables
 */
export function costOf({ schema, document, operation, variables }: AskedOperation): Cost | null {
  const known = FIXED_COSTS.get(operation);
  if (known !== undefined) return known;
  const root = schema.getRootType(operation.operation);
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}, { maxErrors: 1 });
  if (!root || coerced === undefined) return null;
  const isEvent = operation.operation === OperationTypeNode.SUBSCRIPTION;
  const estimate = new Estimate(schema, document, coerced);
  const cost = estimate.of(operation.selectionSet, root, isEvent);
  if (!estimate.dependsOnVariables) FIXED_COSTS.set(operation, cost);
  return cost;
}

/** Of operations that cost the same whatever their variables are: Apollo keeps the documents that it is often asked. */
const FIXED_COSTS = new WeakMap<OperationDefinitionNode, Cost>();

/** A cost as answers show it, beside what is the most. */
export function shownCost({ depth, entries, fields }: Cost): Record<string, unknown> {
  return { depth, entries, fields, limits: LIMITS };
}

/**
 * Refuses an operation whose answer could keep the process busy for seconds, before anything of it is executed.
 *
 * @param asked or what it costs, where that is known already
 */
export function refuseExpensive(asked: AskedOperation | Cost): GraphQLError | null {
  const cost = 'depth' in asked ? asked : costOf(asked);
  if (cost === null) return null;
  const { depth, entries, fields } = cost;
  if (depth > LIMITS.depth) return refusal(`is nested ${depth} deep; ${LIMITS.depth} is the most`);
  if (entries > LIMITS.entries) {
    return refusal(`may give more than ${LIMITS.entries} entries of lists: ask for fewer at once with \`first\``);
  }
  if (fields > LIMITS.fields) {
    return refusal(`may give more than ${LIMITS.fields} fields: ask for fewer, or for fewer entries with \`first\``);
  }
  return null;
}

function refusal(what: string): GraphQLError {
  return new GraphQLError(`The operation ${what}.`, { extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
}

/** Documents that were found to repeat little. */
const HARMLESS = new WeakSet<DocumentNode>();

/** Refuses a document that repeats what costs work before anything of it is executed. */
export function refuseRepetitive(document: DocumentNode): GraphQLError | null {
  if (HARMLESS.has(document)) return null;
  let [aliases, directives] = [0, 0];
  visit(document, {
    enter(node) {
      if (node.kind === Kind.FIELD && node.alias !== undefined) aliases += 1;
      if (node.kind === Kind.DIRECTIVE) directives += 1;
    },
  });
  if (aliases > MAX_ALIASES) return refusal(`has ${aliases} aliases; ${MAX_ALIASES} are the most`);
  if (directives > MAX_DIRECTIVES) return refusal(`has ${directives} directives; ${MAX_DIRECTIVES} are the most`);
  HARMLESS.add(document);
  return null;
}

function isVariableFirst({ name, value }: ArgumentNode): boolean {
  return name.value === 'first' && value.kind === Kind.VARIABLE;
}

class Estimate {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  /** Costs of fragments: each may be spread twice in the next, which would double the work with every one. */
  readonly #known = new Map<string, Cost>();
  /** Somewhere `first` is a variable. */
  dependsOnVariables = false;

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly variables: { [name: string]: unknown },
  ) {
    for (const each of document.definitions) {
      if (each.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(each.name.value, each);
    }
  }

  /** @param isEvent no list was entered yet on the way from a subscription's root */
  of({ selections }: SelectionSetNode, parent: GraphQLCompositeType, isEvent: boolean): Cost {
    const cost: Cost = { depth: 0, entries: 0, fields: 0 };
    for (const selection of selections) {
      const { depth, entries, fields } =
        selection.kind === Kind.FIELD
          ? this.#field(selection, parent, isEvent)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? this.#spread(selection.name.value, isEvent)
            : this.of(selection.selectionSet, this.#type(selection.typeCondition?.name.value) ?? parent, isEvent);
      cost.depth = Math.max(cost.depth, depth);
      cost.entries += entries;
      cost.fields += fields;
    }
    return cost;
  }

  #spread(name: string, isEvent: boolean): Cost {
    const key = `${name} ${isEvent}`;
    const fragment = this.#fragments.get(name);
    const type = this.#type(fragment?.typeCondition.name.value);
    const cost =
      this.#known.get(key) ??
      (fragment && type ? this.of(fragment.selectionSet, type, isEvent) : { depth: 0, entries: 0, fields: 0 });
    this.#known.set(key, cost);
    return cost;
  }

  #field(node: FieldNode, parent: GraphQLCompositeType, isEvent: boolean): Cost {
    const name = node.name.value;
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    if (field === undefined || name.startsWith('__')) return { depth: 0, entries: 0, fields: 1 };
    const type = getNamedType(field.type);
    if (!node.selectionSet || !isCompositeType(type)) return { depth: 1, entries: 0, fields: 1 };
    const page = this.#page(field, node);
    const isEventList = isEvent && getNullableType(field.type) instanceof GraphQLList;
    const inner = this.of(node.selectionSet, type, isEvent && !isEventList);
    const times = page ?? (isEventList ? EVENT_ENTRIES : 1);
    return {
      depth: inner.depth + 1,
      entries: (times === 1 && page === null ? 0 : times) + times * inner.entries,
      fields: 1 + times * inner.fields,
    };
  }

  /** How many entries a list is asked for, by its default where it is not said, or has at the most; null: it says neither. */
  #page(field: GraphQLField<unknown, unknown>, node: FieldNode): number | null {
    if (!field.args.some(({ name }) => name === 'first')) return (field.extensions['entries'] as number) ?? null;
    this.dependsOnVariables ||= node.arguments?.some(isVariableFirst) ?? false;
    const { first } = getArgumentValues(field, node, this.variables);
    return typeof first === 'number' ? Math.min(Math.max(first, 1), MAX_PAGE) : MAX_PAGE;
  }

  #type(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : this.schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }
}
