import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';

/**
 * `subscribe` of graphql-js, but each event is answered with a context of its own. There, one context serves a
 * subscription for as long as it lives, and whatever resolvers load and remember for an event grows and goes stale in it.
 */
export async function subscribe<C>(
  args: ExecutionArgs,
  nextContext: (first: C) => C,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const events = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in events)) return events;
  const source = events[Symbol.asyncIterator]();
  const answers: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      const event = await source.next();
      if (event.done) return { done: true, value: undefined };
      try {
        const contextValue = nextContext(args.contextValue as C);
        return { done: false, value: await execute({ ...args, rootValue: event.value, contextValue }) };
      } catch (error) {
        // Whoever iterates does not return what has thrown.
        await source.return?.();
        throw error;
      }
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => answers,
  };
  return answers;
}
