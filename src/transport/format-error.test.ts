import { buildSchema, GraphQLError, type GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../errors.js';
import { type BareServer, startBareServer } from '../testing/bare-server.js';
import { LiveSocket } from '../testing/live-socket.js';
import { LiveStream } from '../testing/live-stream.js';

const PHONE = '79161234567';
const SECRET = 'canary-gateway-token-77';
const SQL = `insert into client (phone) values ('${PHONE}')`;
const LEAKS = [PHONE, SECRET, 'insert into', '    at ', 'node_modules', '/src/'];

const boom = () => {
  throw Object.assign(new Error(`${SQL} failed, Authorization: Bearer ${SECRET}`), { query: SQL, detail: PHONE });
};
const generator = async function* () {
  yield { ticks: 1 };
  boom();
};
const fields: Record<string, () => unknown> = {
  boom,
  rejects: async () => boom(),
  throwsText: () => {
    throw `${SQL} ${SECRET}`;
  },
  nothing: () => null,
  outOfRange: () => Number(PHONE),
  graphql: () => {
    throw new GraphQLError(`${SQL} ${SECRET}`, { extensions: { code: 'LEAK', sql: SQL } });
  },
  ours: () => {
    throw new AppError('CONFLICT', 'The mailing is RUNNING: pause it first.', 'id');
  },
  away: () => {
    throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
  },
  wrapped: () => {
    throw new Error('query failed', { cause: Object.assign(new Error('shutting down'), { code: '57P01' }) });
  },
};

function schema(): GraphQLSchema {
  const built = buildSchema(`
    type Query { boom: String rejects: String throwsText: String nothing: String! outOfRange: Int graphql: String
      ours: String away: String! wrapped: String! echo(number: Int, text: String): String sum(of: [Int!]): Int }
    type Subscription { ticks: Int }`);
  for (const [name, resolve] of Object.entries(fields)) built.getQueryType()!.getFields()[name]!.resolve = resolve;
  built.getSubscriptionType()!.getFields()['ticks']!.subscribe = generator;
  return built;
}

let server: BareServer;
beforeAll(async () => {
  server = await startBareServer(schema(), [SECRET]);
});
afterAll(() => server.close());

interface Told {
  message: string;
  extensions: Record<string, string>;
}

/** The one error of a query, over either transport. */
const transports: Record<string, (query: string, variables?: object) => Promise<Told>> = {
  HTTP: async (query, variables) => {
    const { body } = await server.ask(query, variables);
    expect(body.errors).toHaveLength(1);
    return body.errors[0];
  },
  WebSocket: async (query, variables) => {
    const live = await LiveSocket.admitted(server.url);
    live.subscribe('1', query, variables);
    const { type, payload } = await live.next('1');
    await live.close();
    const errors = type === 'error' ? payload : payload.errors;
    expect(errors).toHaveLength(1);
    return errors[0];
  },
};

describe.each(Object.entries(transports))('over %s', (_transport, ask) => {
  it.each(['boom', 'rejects', 'throwsText', 'nothing', 'outOfRange', 'graphql'])(
    'a fault of ours is masked and logged once, with its cause but no secret: %s',
    async (field) => {
      const before = server.logged().length;
      const told = await ask(`{ ${field} }`);
      expect(told.extensions).toEqual({
        code: 'INTERNAL_SERVER_ERROR',
        requestId: expect.stringMatching(/^[a-p]{24}$/),
      });
      expect(told.message).toContain(told.extensions['requestId']);
      for (const leak of LEAKS) expect(JSON.stringify(told)).not.toContain(leak);
      const logged = server.logged().slice(before);
      const lines = logged.split('\n').filter((line) => line.includes('"level":"error"'));
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0]!)).toMatchObject({
        requestId: told.extensions['requestId'],
        msg: 'an operation failed',
      });
      expect(lines[0]).toMatch(/"err":/);
      for (const leak of [PHONE, SECRET]) expect(logged).not.toContain(leak);
    },
  );

  it('what a user can mend is told as it is, and not logged as a fault', async () => {
    const before = server.logged().length;
    expect(await ask('{ ours }')).toMatchObject({
      message: 'The mailing is RUNNING: pause it first.',
      extensions: { code: 'CONFLICT', field: 'id' },
    });
    expect(server.logged().slice(before)).not.toContain('"level":"error"');
  });

  it('a database that is away is said to be, not blamed on anybody', async () => {
    for (const field of ['away', 'wrapped']) {
      const told = await ask(`{ ${field} }`);
      expect(told.extensions).toEqual({ code: 'UNAVAILABLE' });
      expect(told.message).not.toContain('127.0.0.1');
    }
  });

  it.each([
    ['{ boom', undefined, 'GRAPHQL_PARSE_FAILED'],
    ['{ unknown }', undefined, 'GRAPHQL_VALIDATION_FAILED'],
    [`{ echo(number: ${PHONE}) }`, undefined, 'GRAPHQL_VALIDATION_FAILED'],
    ['query ($n: Int) { echo(number: $n) }', { n: Number(PHONE) }, 'BAD_USER_INPUT'],
    ['query ($n: Int) { echo(number: $n) }', { n: '+7 (916) 123-45-67' }, 'BAD_USER_INPUT'],
  ])(
    'a request that is wrong keeps its explanation, without the phone number it repeats: %s',
    async (query, variables, code) => {
      const told = await ask(query, variables);
      expect(told.extensions).toEqual({ code });
      expect(told.message.length).toBeGreaterThan(10);
      expect(told.message).not.toContain(PHONE);
      expect(told.message).not.toContain('123-45-67');
    },
  );
});

it('a request with more mistakes than anybody counts is still about the request', async () => {
  const before = server.logged().length;
  const query = 'query ($of: [Int!]) { sum(of: $of) }';
  const variables = { of: Array.from({ length: 60 }, () => 'none') };
  const live = await LiveSocket.admitted(server.url);
  live.subscribe('1', query, variables);
  const told = [(await server.ask(query, variables)).body.errors, (await live.next('1')).payload.errors];
  await live.close();
  for (const errors of told) {
    expect(errors.at(-1).message).toContain('Too many errors processing variables');
    expect(new Set(errors.map(({ extensions }: Told) => extensions['code']))).toEqual(new Set(['BAD_USER_INPUT']));
  }
  expect(server.logged().slice(before)).not.toContain('"level":"error"');
});

it('a request that Apollo refuses by its own words is refused with one of ours', async () => {
  for (const answer of [await server.ask('query A { ours } query B { ours }'), await server.ask('')]) {
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT' });
  }
});

it('a database that is away is HTTP 503, and when to come back', async () => {
  const { status, headers } = await server.ask('{ away }');
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
});

it('a subscription that fails midway is told so, masked, and the socket lives on', async () => {
  const live = await LiveSocket.admitted(server.url);
  live.subscribe('1', 'subscription { ticks }');
  expect((await live.next('1')).payload).toEqual({ data: { ticks: 1 } });
  const { type, payload } = await live.next('1');
  expect(type).toBe('error');
  expect(payload[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
  for (const leak of LEAKS) expect(JSON.stringify(payload)).not.toContain(leak);
  live.subscribe('2', '{ ours }');
  expect((await live.next('2')).payload.errors[0].extensions.code).toBe('CONFLICT');
  await live.close();
});

it('and so it is in an event stream, which is over with that', async () => {
  const stream = await LiveStream.open(server.url, 'subscription { ticks }');
  expect(await stream.data()).toEqual({ ticks: 1 });
  const { data } = await stream.next();
  expect(data.errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
  for (const leak of LEAKS) expect(JSON.stringify(data)).not.toContain(leak);
  expect([(await stream.next()).event, (await stream.next()).event]).toEqual(['complete', 'end']);
});
