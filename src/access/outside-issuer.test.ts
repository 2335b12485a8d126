import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveSocket } from '../testing/live-socket.js';
import { type Answer, type RunningApi, startApi } from '../testing/running-api.js';

const WHO = '{ viewer { name role permissions } }';
const ISSUER = 'https://id.example.org/';
const KID = 'key-1';

/** An issuer's keys on 127.0.0.1, and how often somebody asked for them. */
async function serveKeys(keys: object[]) {
  const state = { asked: 0, away: false };
  const server = createServer((_request, response) => {
    state.asked++;
    response.writeHead(state.away ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  return { url, state, close: () => new Promise((resolve) => server.close(resolve)) };
}

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let running: RunningApi;
let keys: Keys;
let strangers: Keys;
let issuer: Awaited<ReturnType<typeof serveKeys>>;
let other: Awaited<ReturnType<typeof serveKeys>>;

beforeAll(async () => {
  [keys, strangers] = await Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('RS256')]);
  issuer = await serveKeys([{ ...(await exportJWK(keys.publicKey)), kid: KID, alg: 'RS256', use: 'sig' }]);
  other = await serveKeys([{ ...(await exportJWK(strangers.publicKey)), kid: KID, alg: 'RS256', use: 'sig' }]);
  const jwt = { issuer: ISSUER, audience: 'heliograph', jwksUrl: issuer.url, roleClaim: 'role' };
  running = await startApi({ config: { jwt } });
});
afterAll(async () => {
  await running.close();
  await Promise.all([issuer.close(), other.close()]);
});

const seconds = () => Math.floor(Date.now() / 1_000);
const claimsOf = (more: Record<string, unknown> = {}): JWTPayload => ({
  iss: ISSUER,
  aud: 'heliograph',
  sub: 'anna',
  exp: seconds() + 60,
  role: 'operator',
  ...more,
});

interface Making {
  claims?: Record<string, unknown>;
  header?: Partial<JWTHeaderParameters>;
  key?: CryptoKey | Uint8Array;
}

async function make({ claims, header, key = keys.privateKey }: Making = {}): Promise<string> {
  return await new SignJWT(claimsOf(claims)).setProtectedHeader({ alg: 'RS256', kid: KID, ...header }).sign(key);
}

const ask = (token: string): Promise<Answer> => running.ask(WHO, {}, { authorization: `Bearer ${token}` });

describe('a token of the issuer', () => {
  it('opens what its role may do, under the name of its subject', async () => {
    const { body } = await ask(await make());
    expect(body.data.viewer).toMatchObject({ name: 'jwt:anna', role: 'OPERATOR' });
    expect(body.data.viewer.permissions).toHaveLength(6);
  });

  it.each([
    ['the most of a list of roles', { role: ['viewer', 'admin', 'root'] }, 'ADMIN', 8],
    ['what scopes leave of a role', { scope: 'openid mailings:read access:admin' }, 'OPERATOR', 1],
    ['scopes alone', { role: undefined, scope: 'clients:read sending:control' }, 'OPERATOR', 2],
    ['several audiences', { aud: ['other', 'heliograph'] }, 'OPERATOR', 6],
    ['a clock that is a little ahead', { nbf: seconds() + 3 }, 'OPERATOR', 6],
  ])('may have %s', async (_what, claims, role, permissions) => {
    const { viewer } = (await ask(await make({ claims }))).body.data;
    expect([viewer.role, viewer.permissions.length]).toEqual([role, permissions]);
  });

  it('is asked for the key once, and for one that nobody knows no more than twice a minute', async () => {
    await ask(await make());
    const asked = issuer.state.asked;
    for (let n = 0; n < 5; n++) expect((await ask(await make({ header: { kid: `unknown-${n}` } }))).status).toBe(401);
    expect(issuer.state.asked).toBeLessThanOrEqual(asked + 1);
  });

  it('ends its live sockets when it expires', async () => {
    const live = await LiveSocket.admitted(running.url, await make({ claims: { exp: seconds() + 3 } }));
    expect((await live.closed()).code).toBe(4401);
  });
});

const refused: Record<string, () => Promise<string>> = {
  'no signature, and says so': async () => new UnsecuredJWT(claimsOf()).encode(),
  'none as its algorithm beside a signature': async () => {
    const [, claims, signature] = (await make()).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: KID })).toString('base64url');
    return [header, claims, signature].join('.');
  },
  'a signature made with the public key as a secret': async () =>
    make({ header: { alg: 'HS256' }, key: new TextEncoder().encode(await exportSPKI(keys.publicKey)) }),
  'an algorithm that the key is not for': async () => {
    const key = await importJWK({ ...(await exportJWK(keys.privateKey)), alg: 'RS512' }, 'RS512');
    return make({ header: { alg: 'RS512' }, key });
  },
  'a signature of somebody else’s key under the same name': async () => make({ key: strangers.privateKey }),
  'its key at an address of its own': async () => make({ header: { jku: other.url }, key: strangers.privateKey }),
  'its key within itself': async () =>
    make({ header: { jwk: await exportJWK(strangers.publicKey) }, key: strangers.privateKey }),
  'the right key, and an address of its own beside it': async () => make({ header: { jku: other.url } }),
  'a certificate at an address': async () => make({ header: { x5u: other.url } }),
  'a claim changed after it was signed': async () => {
    const [header, , signature] = (await make()).split('.');
    return [header, Buffer.from(JSON.stringify(claimsOf({ role: 'admin' }))).toString('base64url'), signature].join(
      '.',
    );
  },
  'another audience': async () => make({ claims: { aud: 'other' } }),
  'no audience': async () => make({ claims: { aud: undefined } }),
  'another issuer': async () => make({ claims: { iss: 'https://id.example.org' } }),
  'no issuer': async () => make({ claims: { iss: undefined } }),
  'an end that has passed': async () => make({ claims: { exp: seconds() - 1 } }),
  'no end': async () => make({ claims: { exp: undefined } }),
  'a beginning that has not come': async () => make({ claims: { nbf: seconds() + 60 } }),
  'no subject': async () => make({ claims: { sub: undefined } }),
  'a subject of two lines': async () => make({ claims: { sub: 'anna\nadmin' } }),
  'a role that is none of ours, and no scope': async () => make({ claims: { role: 'root', scope: 'openid' } }),
  'neither role nor scope': async () => make({ claims: { role: undefined } }),
  'two parts': async () => (await make()).split('.').slice(0, 2).join('.'),
  'no JSON': async () => 'eyJ.eyJ.eyJ',
};

describe('a token is refused with', () => {
  it.each(Object.entries(refused))('%s', async (_what, token) => {
    const answer = await ask(await token());
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(other.state.asked).toBe(0);
  });
});

it('is told that the issuer is away from who is refused for good, and its tokens never reach the log', async () => {
  const away = await serveKeys([]);
  away.state.away = true;
  const jwt = { issuer: ISSUER, audience: 'heliograph', jwksUrl: away.url, roleClaim: 'role' };
  const lonely = await startApi({ config: { jwt } });
  const token = await make();
  try {
    const answer = await lonely.ask(WHO, {}, { authorization: `Bearer ${token}` });
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([503, 'UNAVAILABLE']);
    expect(lonely.logged()).toContain('keys could not be fetched');
    const live = new LiveSocket(lonely.url);
    await live.opened();
    live.say({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    expect(await live.closed()).toEqual({ code: 1013, reason: 'Try again later' });
    for (const part of token.split('.')) expect(lonely.logged()).not.toContain(part);
  } finally {
    await lonely.close();
    await away.close();
  }
});
