import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  concatAST,
  getIntrospectionQuery,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  separateOperations,
  type TypeNode,
  visit,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import { refuseExpensive, refuseRepetitive } from './operation-limits.js';
import { schemaToPrint } from './schema.js';

const WEB = join(import.meta.dirname, '../../web');
/** By a name that the compiler does not follow: the pages are a project of their own, and not to be built with this one. */
const pages = async (file: string) => await import(join(WEB, file));
const { FIRST_MUTATION, FIRST_QUERY, FIRST_SUBSCRIPTION } = await pages('guide/examples.ts');
const { NEWEST_MAILING, readyTabs } = await pages('graphiql/tabs.ts');

const schema = schemaToPrint();
/** What the dashboard asks, by name; whatever a variable is for, it may be left out here. */
const documents = concatAST(globSync(join(WEB, '**/*.graphql')).map((file) => parse(readFileSync(file, 'utf8'))));
const operations = Object.entries(separateOperations(documents)).map(([name, document]) => {
  const optional = visit(document, {
    enter: (node) => (node.kind === Kind.VARIABLE_DEFINITION ? { ...node, type: nullable(node.type) } : undefined),
  });
  return [name, print(optional)] as const;
});

const page = (inner: string, first = '(first: 100)') => `messages${first} { edges { node { mailing { ${inner} } } } }`;
const nested = (levels: number): string => (levels === 0 ? 'id' : page(nested(levels - 1)));

function nullable(type: TypeNode): TypeNode {
  return type.kind === Kind.NON_NULL_TYPE ? type.type : type;
}

/** What is said against an operation. */
function refused(source: string, variables: Record<string, unknown> = {}): string | undefined {
  const document = parse(source);
  const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition') as OperationDefinitionNode;
  const refusal = refuseRepetitive(document) ?? refuseExpensive({ schema, document, operation, variables });
  return refusal?.message;
}

describe('an operation', () => {
  const tabs = readyTabs(new Date('2026-11-21T12:00:00Z'), '42').map(({ query }: { query: string }) => query);

  it.each([
    ...tabs,
    NEWEST_MAILING,
    FIRST_QUERY,
    FIRST_MUTATION,
    FIRST_SUBSCRIPTION,
    getIntrospectionQuery(),
    '{ mailings(first: 99) { edges { node { messages(first: 100) { edges { node { id } } } } } } }',
  ])('of our pages, and any of that size, is let through: %s', (source) => {
    expect(refused(source)).toBeUndefined();
  });

  it.each(operations)('of the dashboard is let through, whole pages of a hundred at once: %s', (_name, source) => {
    expect(refused(source, { first: 100 })).toBeUndefined();
  });

  it('whose document is known is judged anew where its variables say how many it asks for', () => {
    const source = `query ($first: Int) { ${page(page('id'), '(first: $first)')} }`;
    const document = parse(source);
    const operation = document.definitions[0] as OperationDefinitionNode;
    const judged = (variables: Record<string, unknown>) => refuseExpensive({ schema, document, operation, variables });
    expect([judged({ first: 1 }), judged({ first: 100 })?.message, judged({ first: 1 })]).toEqual([
      null,
      expect.stringContaining('entries of lists'),
      null,
    ]);
  });

  it.each<[string, string, Record<string, unknown>?]>([
    ['deep', `{ mailing(id: "1") { ${page(page(page('id', ''), ''), '')} } }`],
    ['entries', `{ mailings(first: 100) { edges { node { messages(first: 100) { edges { node { id } } } } } } }`],
    ['entries', `query ($n: Int!) { mailings(first: $n) { edges { node { ${page('id')} } } } }`, { n: 100 }],
    ['entries', `query ($n: Int = 100) { mailings(first: $n) { edges { node { ${page('id')} } } } }`],
    ['entries', `{ mailings(first: 99999999) { edges { node { ${page('id')} } } } }`],
    [
      'entries',
      `{ mailings(first: 40) { edges { node { ${Array.from({ length: 15 }, (_, n) => `a${n}: ${page('id', '')}`).join(' ')} } } } }`,
    ],
    [
      'entries',
      `subscription { messageStatusChanged(mailingId: "1") { changes { message { mailing { messages(first: 10) { edges { cursor } } } } } } }`,
    ],
    [
      'fields',
      `{ mailings(first: 99) { edges { node { messages(first: 100) { edges { ${Array.from({ length: 15 }, (_, n) => `a${n}: __typename`).join(' ')} } } } } } }`,
    ],
    [
      'entries',
      `{ mailing(id: "1") { ...f0 } } ${Array.from({ length: 60 }, (_, n) => `fragment f${n} on Mailing { ${n === 59 ? page('id', '') : `...f${n + 1} ...f${n + 1}`} }`).join(' ')}`,
    ],
    ['aliases', `{ ${Array.from({ length: 16 }, (_, n) => `a${n}: viewer { name }`).join(' ')} }`],
    ['directives', `{ viewer { name ${'@include(if: true) '.repeat(51)} } }`],
  ])('with too much of %s is refused, and told so', (what, source, variables) => {
    expect(refused(source, variables)).toMatch(new RegExp(`^The operation .*${what}`));
  });

  it('counts variables that are left out by their defaults', () => {
    const source = `query ($n: Int = 5) { mailings(first: $n) { edges { node { ${page('id')} } } } }`;
    expect(refused(source)).toBeUndefined();
    expect(refused(source, { n: 100 })).toContain('entries');
    expect(refused(`query ($n: Int!) { mailings(first: $n) { totalCount } }`)).toBeUndefined();
  });
});

it('counts lists without pages by how many entries they can have', () => {
  const source = (first: number) => `{ mailings(first: ${first}) { edges { node { throughput { at sent other } } } } }`;
  expect(refused(source(80))).toBeUndefined();
  expect(refused(source(100))).toContain('entries');
});

describe('over both transports', () => {
  let running: RunningApi;
  beforeAll(async () => {
    running = await startApi();
  });
  afterAll(() => running.close());

  it('an operation that is too large is a mistake of whoever asks, and a usual one is answered', async () => {
    const large = `query ($n: Int) { mailings(first: $n) { edges { node { ${nested(1)} } } } }`;
    const live = await LiveSocket.admitted(running.url);
    const overHttp = await running.ask(large, { n: 100 });
    expect(overHttp.status).toBe(400);
    live.subscribe('1', large, { n: 100 });
    for (const errors of [overHttp.body.errors, (await live.next('1')).payload]) {
      expect(errors).toMatchObject([
        { message: expect.stringContaining('10000'), extensions: { code: 'BAD_USER_INPUT' } },
      ]);
    }
    const limits = { depth: 12, entries: 10_000, fields: 100_000 };
    expect((await running.ask(large, { n: 10 })).body).toEqual({
      data: { mailings: { edges: [] } },
      extensions: { cost: { depth: 8, entries: 10 + 10 * 100, fields: expect.any(Number), limits } },
    });
    expect(overHttp.body.extensions.cost).toMatchObject({ entries: 100 + 100 * 100, limits });
    live.subscribe('2', large, { n: 10 });
    expect((await live.next('2')).payload).toEqual({ data: { mailings: { edges: [] } } });
    expect((await running.ask(getIntrospectionQuery())).body.data.__schema.types).not.toHaveLength(0);
    await live.close();
  });
});
