import { buildSchema, type ExecutionArgs, type ExecutionResult, parse } from 'graphql';
import { expect, it } from 'vitest';
import { ADMIN, LINK_SESSION } from '../access/actor.js';
import type { RequestContext } from '../access/request-context.js';
import { Subscriber } from './subscribe.js';

const schema = buildSchema(
  `type Query { a: Int } type Tick { n: Int, slow(by: Int): Int } type Subscription { ticks(after: Int): Tick }`,
);

/** A feed that hands out events one by one, as often as somebody asks. */
function subscribed(events: object[], worked: unknown[]) {
  schema.getSubscriptionType()!.getFields()['ticks']!.subscribe = async function* () {
    for (const ticks of events) yield ticks;
  };
  schema.getSubscriptionType()!.getFields()['ticks']!.resolve = (tick, _args, context) => {
    worked.push(context);
    return tick;
  };
  const made: unknown[] = [];
  const subscriber = new Subscriber(({ actor }) => {
    const context = { actor } as RequestContext;
    made.push(context);
    return context;
  });
  const collect = async (query: string, variableValues: Record<string, unknown> = {}, actor = ADMIN) => {
    const args: ExecutionArgs = { schema, document: parse(query), variableValues, contextValue: { actor } };
    const answers = await subscriber.subscribe(args);
    const results: ExecutionResult[] = [];
    for await (const result of answers as AsyncIterable<ExecutionResult>) results.push(result);
    return results;
  };
  return { collect, made };
}

it('works out an event once for all who ask the same, wherever each began', async () => {
  const worked: unknown[] = [];
  const { collect, made } = subscribed([{ n: 1 }, { n: 2 }], worked);
  const query = 'subscription ($after: Int) { ticks(after: $after) { n } }';
  const all = await Promise.all([1, 2, 3, null].map((after) => collect(query, { after })));
  for (const results of all)
    expect(results.map(({ data }) => data)).toMatchObject([{ ticks: { n: 1 } }, { ticks: { n: 2 } }]);
  expect(worked).toHaveLength(2);
  expect(new Set(made).size).toBe(2);
});

it('does not take a variable that is null for one that is left out', async () => {
  const { collect } = subscribed([{ n: 1, slow: ({ by }: { by: number | null }) => by }], []);
  const query = 'subscription ($by: Int = 3) { ticks { slow(by: $by) } }';
  const asked = [{}, { by: null }, { by: 5 }].map((variables) => collect(query, variables));
  const data = (await Promise.all(asked)).map(([result]) => result?.data?.['ticks']);
  expect(data).toMatchObject([{ slow: 3 }, { slow: null }, { slow: 5 }]);
});

it('works an answer that failed out again', async () => {
  let tries = 0;
  const slow = () => {
    tries += 1;
    if (tries === 1) throw new Error('not now');
    return tries;
  };
  const { collect } = subscribed([{ n: 1, slow }], []);
  const answers = [];
  for (let n = 0; n < 3; n++) answers.push(...(await collect('subscription { ticks { slow } }')));
  expect(answers).toMatchObject([
    { errors: [{ message: 'not now' }], data: { ticks: { slow: null } } },
    { data: { ticks: { slow: 2 } } },
    { data: { ticks: { slow: 2 } } },
  ]);
});

it('does not give one the answer of another who asks something else, or is somebody else', async () => {
  const worked: unknown[] = [];
  const { collect } = subscribed([{ n: 1, slow: 5 }], worked);
  const query = 'subscription ($by: Int, $with: Boolean = true) { ticks { n @include(if: $with) slow(by: $by) } }';
  const asked = [
    collect(query, { by: 1 }),
    collect(query, { by: 2 }),
    collect(query, { by: 1, with: false }),
    collect('subscription { ticks { n } }'),
    collect('subscription { ticks { n } }', {}, LINK_SESSION),
    collect('subscription { ticks { ...f } } fragment f on Tick { slow(by: 3) }'),
  ];
  const data = (await Promise.all(asked)).map(([result]) => result?.data?.['ticks']);
  expect(data).toMatchObject([{ n: 1, slow: 5 }, { n: 1, slow: 5 }, { slow: 5 }, { n: 1 }, { n: 1 }, { slow: 5 }]);
  expect(data[2]).not.toHaveProperty('n');
  expect(worked).toHaveLength(6);
});
