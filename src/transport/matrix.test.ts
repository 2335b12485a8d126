import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audienceOf } from '../access/guard-schema.js';
import { ALL_PERMISSIONS, type Audience, isPermission, type Permission, ROLES } from '../access/permission.js';
import { makeToken, type Person, signedIn } from '../testing/credentials.js';
import { LiveSocket } from '../testing/live-socket.js';
import { LiveStream } from '../testing/live-stream.js';
import { type RootField, rootFields } from '../testing/operations.js';
import { type Answer, type RunningApi, send, startApi } from '../testing/running-api.js';
import { buildHeliographSchema } from './schema.js';

const CANARY = { phone: '79998887766', text: 'canary words of a text 7c1f' };
const schema = buildHeliographSchema(
  {
    get: () => {
      throw new Error('nothing is asked of it');
    },
  },
  null,
);
const fields = rootFields(schema, CANARY);

let running: RunningApi;
/** Bearers of exactly one permission, and of all but one. */
const only = new Map<Audience, string>();
const without = new Map<Audience, string>();
let expired: string;
let viewer: Person;
/** Everything that was answered, for the canaries. */
const answers: unknown[] = [];

beforeAll(async () => {
  running = await startApi();
  viewer = await signedIn(running, 'viewer');
  const token = async (scopes: readonly Permission[]) => (await makeToken(running, scopes)).secret;
  for (const permission of ALL_PERMISSIONS) {
    only.set(permission, await token([permission]));
    without.set(permission, await token(ALL_PERMISSIONS.filter((each) => each !== permission)));
  }
  only.set('signed-in', await token(['clients:read']));
  const past = await makeToken(running, ALL_PERMISSIONS);
  await running.database.pool.query('update api_token set expires_at = clock_timestamp() where id = $1', [past.id]);
  expired = past.secret;
});
afterAll(() => running.close());

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
/** FORBIDDEN on a field of the input is another thing than FORBIDDEN: somebody was let in, and asked for too much. */
const codesOf = (body: { errors?: { extensions: { code: string; field?: string } }[] }) =>
  body.errors?.map(({ extensions: { code, field } }) => (field === undefined ? code : `${code} on a field`)) ?? [];

async function overHttp({ source, variables }: RootField, headers: Record<string, string>): Promise<Answer> {
  const answer = await running.ask(source, variables, headers);
  answers.push(answer.body);
  return answer;
}

/** The codes of what came first. */
async function overSocket({ source, variables, kind }: RootField, secret: string): Promise<string[]> {
  const live = await LiveSocket.admitted(running.url, secret);
  live.subscribe('1', source, variables);
  const { type, payload } = await live.next('1');
  answers.push(payload);
  await live.close();
  if (type === 'complete') throw new Error(`${kind} was over at once`);
  return codesOf(type === 'error' ? { errors: payload } : payload);
}

/** The codes of what came first; none where something else than a subscription is asked for. */
async function overStream({ source, variables, kind }: RootField, secret: string): Promise<string[]> {
  if (kind !== 'subscription') return [];
  const stream = await LiveStream.open(running.url, source, variables, bearer(secret));
  const { event, data } = await stream.next();
  answers.push(data);
  stream.close();
  if (event !== 'next') throw new Error('a stream was over at once');
  return codesOf(data);
}

describe.each(fields.map((field) => [`${field.kind} ${field.name}`, field] as const))('%s', (_name, field) => {
  const audience = field.audience ?? 'everyone';

  it('is closed to nobody and to whose token has expired, over HTTP, WebSocket and event stream', async () => {
    for (const headers of [{}, bearer(expired)]) {
      const stream = await LiveStream.open(running.url, field.source, field.variables, headers);
      expect(stream.status).toBe(401);
      stream.close();
      const answer = await overHttp(field, headers);
      expect([answer.status, codesOf(answer.body)]).toEqual([401, ['UNAUTHENTICATED']]);
      const live = new LiveSocket(running.url);
      await live.opened();
      if ('authorization' in headers) live.say({ type: 'connection_init', payload: headers });
      live.subscribe('1', field.source, field.variables);
      expect((await live.closed()).code).toBe(4401);
    }
  });

  // Whoever is signed in may do what is open to all who are.
  if (isPermission(audience)) {
    it(`is closed to who may do all but ${audience}`, async () => {
      const secret = without.get(audience)!;
      if (field.kind !== 'subscription') {
        expect(codesOf((await overHttp(field, bearer(secret))).body)).toEqual(['FORBIDDEN']);
      }
      expect(await overSocket(field, secret)).toEqual(['FORBIDDEN']);
      if (field.kind === 'subscription') expect(await overStream(field, secret)).toEqual(['FORBIDDEN']);
    });
  }

  it(`is open to who may do ${audience} and nothing else, and is no fault of ours`, async () => {
    // Of what it leads to, and of tokens for tokens, other tests speak.
    if (['tokenCreate', 'tokens'].includes(field.name)) return;
    const secret = only.get(audience)!;
    const codes = [
      ...(field.kind === 'subscription' ? [] : codesOf((await overHttp(field, bearer(secret))).body)),
      ...(await overSocket(field, secret)),
      ...(await overStream(field, secret)),
    ];
    for (const wrong of ['FORBIDDEN', 'UNAUTHENTICATED', 'INTERNAL_SERVER_ERROR', 'UNAVAILABLE']) {
      expect(codes).not.toContain(wrong);
    }
  });
});

describe('by the table of roles', () => {
  const OWN = ['dailyReportSendToMe', 'tokenCreate', 'tokenRevoke', 'passwordChange'];

  it('nothing that changes anything is open to viewers, but what is their own', () => {
    const open = fields.filter(
      ({ kind, audience }) =>
        kind === 'mutation' && (audience === 'signed-in' || (ROLES.viewer as readonly unknown[]).includes(audience)),
    );
    expect(open.map(({ name }) => name).sort()).toEqual(OWN.sort());
  });

  it('a viewer is let read what their role says, over HTTP, and refused all else', async () => {
    for (const field of fields.filter(({ kind }) => kind === 'query')) {
      const codes = codesOf((await overHttp(field, viewer.headers)).body);
      const open = field.audience === 'signed-in' || (ROLES.viewer as readonly unknown[]).includes(field.audience);
      if (!open) expect([field.name, codes]).toEqual([field.name, ['FORBIDDEN']]);
    }
  });
});

/** What kinds of things only holders of a permission may come upon, by whatever way. */
const KEPT: Record<string, readonly Audience[]> = {
  Client: ['clients:read', 'clients:write'],
  Message: ['mailings:read', 'mailings:write'],
  Mailing: ['mailings:read', 'mailings:write'],
  User: ['access:admin'],
  AuditEvent: ['access:admin'],
};

it.each(Object.entries(KEPT))('no way leads to a %s but for who may see one', (kept, audiences) => {
  const ways: string[] = [];
  const walk = (type: GraphQLObjectType, allowed: readonly Audience[], path: string, seen: Set<string>) => {
    for (const field of Object.values(type.getFields())) {
      const audience = audienceOf(field);
      const now = audience === undefined ? allowed : [...new Set([...allowed, audience])].sort();
      const next = getNamedType(field.type);
      if (!isObjectType(next) || audiences.some((each) => now.includes(each))) continue;
      const way = `${path}.${field.name}`;
      if (next.name === kept) ways.push(way);
      else if (!seen.has(`${next.name} ${now}`)) walk(next, now, way, seen.add(`${next.name} ${now}`));
    }
  };
  const seen = new Set<string>();
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (root) walk(root, [], root.name, seen);
  }
  expect(ways).toEqual([]);
});

describe('REST, by its own document', () => {
  it('closes each operation to nobody, the expired and who lacks the permission, and opens it to who has no other', async () => {
    const { body: document } = await send(`${running.url}/openapi.json`, { headers: bearer(only.get('signed-in')!) });
    let count = 0;
    for (const [path, methods] of Object.entries<Record<string, { description?: string }>>(document.paths)) {
      for (const [method, { description }] of Object.entries(methods)) {
        const needs = /Needs the permission `([\w:]+)`/.exec(description ?? '')?.[1] as Permission | undefined;
        const url = running.url + path.replaceAll(/\{\w+\}/g, '999999999');
        const ask = async (headers: Record<string, string>) => {
          const body = method === 'get' ? {} : { body: JSON.stringify({ name: CANARY.text, phone: CANARY.phone }) };
          const type = method === 'get' ? {} : { 'content-type': 'application/json' };
          const answer = await send(url, { method: method.toUpperCase(), headers: { ...type, ...headers }, ...body });
          answers.push({ errors: answer.status < 400 ? [] : answer.body });
          return answer.status === 403 && answer.body.errors.length > 0 ? 'let in, but to a field' : answer.status;
        };
        const at = `${method} ${path}`;
        expect([at, await ask({}), await ask(bearer(expired))]).toEqual([at, 401, 401]);
        if (needs) expect([at, await ask(bearer(without.get(needs)!))]).toEqual([at, 403]);
        // Tokens are for people.
        if (at === 'get /api/v1/tokens') continue;
        const right = await ask(bearer(only.get(needs ?? 'signed-in')!));
        expect([401, 403, 500, 503], at).not.toContain(right);
        count++;
      }
    }
    expect(count).toBeGreaterThan(20);
  });
});

it('keeps phones, tokens and words that were given out of the log and out of every error', () => {
  const logged = running.logged();
  const errors = JSON.stringify(answers, (key, value) => (key === 'data' ? userErrorsIn(value) : value));
  expect(errors.length).toBeGreaterThan(1_000);
  for (const secret of [CANARY.phone, CANARY.text, expired, ...only.values(), ...without.values()]) {
    expect(logged).not.toContain(secret);
    expect(errors).not.toContain(secret);
  }
});

/** All that an answer's data says is wrong. */
function userErrorsIn(data: unknown): unknown {
  return Object.values(data ?? {}).map((payload) => (payload as { userErrors?: unknown } | null)?.userErrors ?? null);
}
