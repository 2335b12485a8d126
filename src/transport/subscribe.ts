import {
  type ASTVisitor,
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import type { RequestContext } from '../access/request-context.js';

/** Different questions about one event whose answers are kept: pages of ours ask one or two. */
const MOST_ANSWERS = 8;

type Answers = AsyncIterableIterator<ExecutionResult>;

/**
 * `subscribe` of graphql-js, but each event is answered with a context of its own, and once for all who ask the same.
 *
 * There, one context serves a subscription for as long as it lives, and whatever resolvers load and remember for an event
 * grows and goes stale in it. And of a thousand dashboards that watch one mailing, each would have the same answer worked
 * out again: feeds give the same event object to all of them, so it needs only to be looked up.
 */
export class Subscriber {
  /** Answers to an event by operation, for as long as the event itself is kept. */
  readonly #answers = new WeakMap<object, Map<string, Promise<ExecutionResult>>>();
  /** The subscriptions that go on. */
  readonly #going = new Set<Answers>();

  constructor(private readonly nextContext: (first: RequestContext) => RequestContext) {}

  /** How many subscriptions go on. */
  get active(): number {
    return this.#going.size;
  }

  /** For graphql-ws. Errors of the subscription itself come as a result, those of its feed are thrown by the iterator. */
  async subscribe(args: ExecutionArgs): Promise<Answers | ExecutionResult> {
    const events = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in events)) return events;
    const source = events[Symbol.asyncIterator]();
    const operation = describeOperation(args);
    const answers: Answers = {
      next: async () => {
        try {
          const event = await source.next();
          if (event.done) return await answers.return!();
          return { done: false, value: await this.#answer(args, operation, event.value) };
        } catch (error) {
          // Whoever iterates does not return what has thrown.
          await answers.return!();
          throw error;
        }
      },
      return: async () => {
        this.#going.delete(answers);
        await source.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => answers,
    };
    this.#going.add(answers);
    return answers;
  }

  #answer(args: ExecutionArgs, operation: string, event: unknown): Promise<ExecutionResult> {
    const work = async () =>
      execute({ ...args, rootValue: event, contextValue: this.nextContext(args.contextValue as RequestContext) });
    if (typeof event !== 'object' || event === null) return work();
    const known = this.#answers.get(event) ?? new Map<string, Promise<ExecutionResult>>();
    this.#answers.set(event, known);
    const kept = known.get(operation);
    if (kept !== undefined || known.size >= MOST_ANSWERS) return kept ?? work();
    const answer = work();
    known.set(operation, answer);
    // What failed for one may work for the next.
    const forget = () => known.delete(operation);
    answer.then(({ errors }) => errors && forget(), forget);
    return answer;
  }
}

/**
 * What the answer to an event depends on: who asks, the query, and the variables in its selections. Those in the
 * arguments of the subscribed field itself have done their work: they chose the events.
 */
function describeOperation({ document, operationName, variableValues, contextValue }: ExecutionArgs): string {
  const used = new Set<string>();
  const note: ASTVisitor = {
    enter(node) {
      if (node.kind === Kind.VARIABLE) used.add(node.name.value);
    },
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) visit(withoutRootArguments(definition), note);
    if (definition.kind === Kind.FRAGMENT_DEFINITION) visit(definition, note);
  }
  // One that is left out takes its default, and is not the same as null.
  const given = variableValues ?? {};
  const variables = [...used].filter((name) => Object.hasOwn(given, name)).sort();
  const { actor } = contextValue as RequestContext;
  return JSON.stringify([
    actor,
    document.loc?.source.body,
    operationName ?? null,
    variables.map((name) => [name, given[name]]),
  ]);
}

function withoutRootArguments(operation: OperationDefinitionNode): OperationDefinitionNode {
  const selections = operation.selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection,
  );
  return { ...operation, variableDefinitions: [], selectionSet: { ...operation.selectionSet, selections } };
}
