import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OIDC_CALLBACK } from '../access/oidc.js';
import type { OidcSettings } from '../sign-in-settings.js';
import { OIDC_CLIENT, type OwnProvider, type ProviderPerson, startProvider } from '../testing/own-provider.js';
import { addPerson } from '../testing/people.js';
import { type Answer, type RunningApi, send, startApi } from '../testing/running-api.js';

const WHO = '{ viewer { name role } }';

let provider: OwnProvider;
let running: RunningApi;

/** A provider with a server of ours that signs people in by it. */
async function start(settings: Partial<OidcSettings> = {}): Promise<[RunningApi, OwnProvider]> {
  let api: RunningApi | undefined;
  const own = await startProvider(() => api!.url + OIDC_CALLBACK);
  api = await startApi({
    config: { oidc: { issuer: own.issuer, ...OIDC_CLIENT, roleClaim: null, defaultRole: null, ...settings } },
  });
  return [api, own];
}

beforeAll(async () => {
  [running, provider] = await start();
});
afterAll(async () => {
  await running.close();
  await provider.close();
});

/** A browser that goes where it is sent until it is somewhere for good, or about to go to `stop`. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();

  async go(url: string, stop = /^$/): Promise<{ url: string; answer: Answer }> {
    const { origin } = new URL(url);
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    const answer = await send(url, { headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/Expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name!);
      else jar.set(name!, value!);
    }
    const next = answer.headers.get('location');
    if (next === null) return { url, answer };
    const to = new URL(next, url).href;
    return stop.test(to) ? { url: to, answer } : await this.go(to, stop);
  }

  cookie(url: string, name = 'heliograph_session'): string | undefined {
    return this.#jars.get(url)?.get(name);
  }
}

/** Signs somebody in by the provider; who they are to us then, or where they were sent to. */
async function come(person: ProviderPerson, [api, own] = [running, provider]) {
  own.person = person;
  const browser = new Browser();
  const { url } = await browser.go(`${api.url}/sign-in/oidc`);
  const cookie = browser.cookie(api.url);
  if (cookie === undefined) return new URL(url).hash;
  expect(url).toBe(`${api.url}/`);
  return (await api.ask(WHO, {}, { cookie: `heliograph_session=${cookie}` })).body.data.viewer;
}

const verified = (sub: string, more: Partial<ProviderPerson> = {}): ProviderPerson => ({
  sub,
  email: `${sub}@example.org`,
  email_verified: true,
  name: `The ${sub}`,
  ...more,
});

describe('signing in by an OpenID provider', () => {
  it('leads to the account with the verified e-mail, and from then on to the same one', async () => {
    await addPerson(running, 'anna@example.org', 'operator');
    expect(await come(verified('anna', { email: 'Anna@Example.org' }))).toEqual({
      name: 'user:anna@example.org',
      role: 'OPERATOR',
    });
    expect(await come(verified('anna', { email: 'married@example.org' }))).toEqual({
      name: 'user:anna@example.org',
      role: 'OPERATOR',
    });
  });

  it('asks with code, PKCE, state and nonce, anew each time', async () => {
    const asked = await Promise.all(
      [1, 2].map(
        async () => new URL((await new Browser().go(`${running.url}/sign-in/oidc`, /\/auth\?/)).url).searchParams,
      ),
    );
    for (const one of asked) {
      expect(Object.fromEntries(one)).toMatchObject({
        client_id: OIDC_CLIENT.clientId,
        redirect_uri: running.url + OIDC_CALLBACK,
        response_type: 'code',
        scope: 'openid email profile',
        code_challenge_method: 'S256',
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        state: expect.stringMatching(/^[0-9a-f]{64}$/),
        nonce: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(new Set([one.get('state'), one.get('nonce'), one.get('code_challenge')]).size).toBe(3);
    }
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked[0]!.get(name)).not.toBe(asked[1]!.get(name));
  });

  it.each([
    ['not verified', { email_verified: false }],
    ['said to be verified by nobody', {}],
    ['missing', { email: undefined, email_verified: true }],
    ['no text', { email: 7, email_verified: true }],
    ['no e-mail', { email: 'unsure', email_verified: true }],
    ['cut short by NUL', { email: 'unsure@example.org\0', email_verified: true }],
    ['too long', { email: `${'a'.repeat(300)}@example.org`, email_verified: true }],
    ['the same in small letters only, by a Kelvin sign', { email: '\u212Aim@example.org', email_verified: true }],
  ])('takes no e-mail that is %s', async (_how, claims) => {
    await running.database.pool.query(`delete from user_account where email = 'unsure@example.org'`);
    await addPerson(running, 'unsure@example.org');
    await running.database.pool.query(`delete from user_account where email = 'kim@example.org'`);
    await addPerson(running, 'kim@example.org');
    const person = { sub: 'unsure', email: 'unsure@example.org', ...claims } as unknown as ProviderPerson;
    expect(await come(person)).toBe('#OIDC_EMAIL');
  });

  it('lets nobody in who was not invited, is disabled, or has the e-mail of somebody else', async () => {
    expect(await come(verified('stranger'))).toBe('#OIDC_FORBIDDEN');
    const id = await addPerson(running, 'gone@example.org');
    await running.database.pool.query('update user_account set disabled_at = clock_timestamp() where id = $1', [id]);
    expect(await come(verified('gone'))).toBe('#OIDC_FORBIDDEN');
    await addPerson(running, 'boris@example.org');
    expect(await come(verified('boris'))).toMatchObject({ name: 'user:boris@example.org' });
    expect(await come(verified('another', { email: 'boris@example.org' }))).toBe('#OIDC_FORBIDDEN');
  });

  it('opens nothing by the answer to somebody else, or by an answer taken twice', async () => {
    await addPerson(running, 'clara@example.org');
    provider.person = verified('clara');
    const mine = new Browser();
    const { url: back } = await mine.go(`${running.url}/sign-in/oidc`, /callback/);
    const others = new Browser();
    await others.go(`${running.url}/sign-in/oidc`, /\/auth\?/);
    for (const browser of [new Browser(), others]) {
      expect(new URL((await browser.go(back)).url).hash).toBe('#OIDC_UNAUTHENTICATED');
      expect(browser.cookie(running.url)).toBeUndefined();
    }
    const forged = new URL(back);
    forged.searchParams.set('state', '0'.repeat(64));
    expect(new URL((await mine.go(forged.href)).url).hash).toBe('#OIDC_UNAUTHENTICATED');
    const again = new Browser();
    const { url: second } = await again.go(`${running.url}/sign-in/oidc`, /callback/);
    expect((await again.go(second)).url).toBe(`${running.url}/`);
    expect(new URL((await again.go(second)).url).hash).toBe('#OIDC_UNAUTHENTICATED');
    const { rows } = await running.database.pool.query(
      `select outcome from audit_event where action = 'userSignIn' and details ->> 'way' = 'provider' order by id desc limit 2`,
    );
    expect(rows.map(({ outcome }) => outcome)).toEqual(['REFUSED', 'DONE']);
  });

  it('logs neither code, token nor secret', async () => {
    const browser = new Browser();
    const { url } = await browser.go(`${running.url}/sign-in/oidc`, /callback/);
    const trip = browser.cookie(running.url, 'heliograph_session_oidc')!;
    await browser.go(url);
    const hidden = [new URL(url).searchParams.get('code')!, trip, OIDC_CLIENT.clientSecret];
    for (const secret of hidden) expect(running.logged()).not.toContain(secret);
    expect(running.logged()).toContain(OIDC_CALLBACK);
  });
});

describe('roles of the provider', () => {
  it('hold at each sign-in anew: the highest of those that the claim names', async () => {
    const both = await start({ roleClaim: 'heliograph_role' });
    try {
      const come2 = (heliograph_role?: string | string[]) =>
        come(verified('dora', { heliograph_role: heliograph_role! }), both);
      expect(await come2(['staff', 'viewer', 'admin'])).toEqual({ name: 'user:dora@example.org', role: 'ADMIN' });
      expect(await come2('operator')).toMatchObject({ role: 'OPERATOR' });
      const links = async () =>
        (await both[0].database.pool.query(`select from session where kind = 'PASSWORD'`)).rowCount;
      await both[0].database.pool.query(
        `insert into session (secret_hash, kind, user_id, expires_at) select '\\x01', 'PASSWORD', id, now() + interval '1 hour' from user_account where email = 'dora@example.org'`,
      );
      expect([await come2('operator'), await links()]).toMatchObject([{ role: 'OPERATOR' }, 1]);
      // Nobody who made a link for the operator is to be the admin by it.
      expect([await come2('admin'), await links()]).toMatchObject([{ role: 'ADMIN' }, 0]);
      for (const none of [[], 'root', 'constructor', undefined]) expect(await come2(none)).toBe('#OIDC_FORBIDDEN');
    } finally {
      await both[0].close();
      await both[1].close();
    }
  });

  it('fall back to the default of the settings', async () => {
    const both = await start({ defaultRole: 'viewer' });
    try {
      expect(await come(verified('erik'), both)).toEqual({ name: 'user:erik@example.org', role: 'VIEWER' });
      expect(await come(verified('fay', { heliograph_role: 'admin' }), both)).toMatchObject({ role: 'VIEWER' });
      // Nobody is kept out by their name: it is mended.
      for (const [sub, name, kept] of [
        ['gil', ' G\0i\nl ', 'G i l'],
        ['hal', `${'x'.repeat(99)}😀😀`, `${'x'.repeat(99)}😀`],
        ['ida', '\0', 'ida@example.org'],
      ] as const) {
        expect(await come(verified(sub, { name }), both)).toMatchObject({ role: 'VIEWER' });
        const found = 'select name from user_account where email = $1';
        expect((await both[0].database.pool.query(found, [`${sub}@example.org`])).rows).toEqual([{ name: kept }]);
      }
      expect(await come({ ...verified('x'), sub: 'a\u0001b' }, both)).toBe('#OIDC_UNAUTHENTICATED');
    } finally {
      await both[0].close();
      await both[1].close();
    }
  });
});

it('says so when the provider does not answer', async () => {
  const [api, own] = await start({ defaultRole: 'viewer' });
  try {
    await own.close();
    const { url } = await new Browser().go(`${api.url}/sign-in/oidc`);
    expect(new URL(url).hash).toBe('#OIDC_UNAVAILABLE');
  } finally {
    await api.close();
  }
});

it('is offered where it is set up', async () => {
  expect((await send(`${running.url}/sign-in/ways`)).body).toEqual({ password: true, mail: false, oidc: true });
});
