import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MailServer, startMailServer } from '../testing/mail-server.js';
import { addPerson, cookieOf, PASSWORD, post, signIn } from '../testing/people.js';
import { enter, type RunningApi, startApi } from '../testing/running-api.js';

const NEW_PASSWORD = 'a quite different set of words';
const WHO = '{ viewer { name role } }';
const INVITE = `mutation ($input: UserInviteInput!) {
  it: userInvite(input: $input) { user { id email name role createdAt lastSignInAt disabledAt } link userErrors { field message code } }
}`;
const UPDATE = `mutation ($id: ID!, $input: UserUpdateInput!) {
  it: userUpdate(id: $id, input: $input) { user { name role disabledAt } userErrors { field message code } }
}`;
const CHANGE = `mutation ($old: String!, $new: String!) {
  it: passwordChange(currentPassword: $old, newPassword: $new) { userErrors { field message code } }
}`;

let mail: MailServer;
/** One that sends letters, and one that can't. */
let running: RunningApi;
let mute: RunningApi;

beforeAll(async () => {
  mail = await startMailServer();
  running = await startApi({ config: { mail: { url: mail.url, from: 'heliograph@example.org' } } });
  mute = await startApi();
});
afterAll(async () => {
  await running.close();
  await mute.close();
  await mail.close();
});
beforeEach(async () => {
  mail.letters.length = 0;
  for (const { database } of [running, mute]) await database.pool.query('delete from sign_in_limit');
});

/** The link in the newest letter to somebody. */
async function mailedLink(email: string): Promise<string> {
  await expect.poll(() => mail.letters.some(({ to }) => to.includes(email))).toBe(true);
  const { raw } = mail.letters.findLast(({ to }) => to.includes(email))!;
  return /http:\S+/.exec(raw.replace(/=\r\n/g, '').replaceAll('=3D', '='))![0];
}

function secretOf(link: string): string {
  return /^#([\w-]+)/.exec(new URL(link).hash)![1]!;
}

async function redeem({ url }: RunningApi, link: string, password = NEW_PASSWORD) {
  return await post(`${url}/reset-password`, { link: secretOf(link), password });
}

describe('an invitation', () => {
  const input = { email: 'Anna@Example.org', name: 'Anna', role: 'VIEWER' };

  it('makes an account, and where no mail is set up gives the link that lets its owner in', async () => {
    const { it: invited } = (await mute.ask(INVITE, { input })).body.data;
    expect(invited).toMatchObject({
      user: { email: 'anna@example.org', name: 'Anna', role: 'VIEWER', lastSignInAt: null, disabledAt: null },
      userErrors: [],
    });
    expect(invited.link).toMatch(new RegExp(`^${mute.url}/reset-password#[\\w-]{43}\\.anna%40example\\.org$`));
    const answer = await redeem(mute, invited.link);
    expect([answer.status, answer.text]).toEqual([204, '']);
    const { body } = await mute.ask(WHO, {}, { cookie: cookieOf(answer) });
    expect(body.data.viewer).toEqual({ name: 'user:anna@example.org', role: 'VIEWER' });
    expect((await signIn(mute, 'anna@example.org', NEW_PASSWORD)).status).toBe(204);
  });

  it('goes by mail where a mail server is set up, and is shown to nobody', async () => {
    const { it: invited } = (await running.ask(INVITE, { input })).body.data;
    expect([invited.link, invited.userErrors]).toEqual([null, []]);
    const link = await mailedLink('anna@example.org');
    expect(mail.letters[0]).toMatchObject({ from: 'heliograph@example.org', to: ['anna@example.org'] });
    // Plain text, in which nothing can be markup.
    expect(mail.letters[0]?.raw.match(/^Content-Type: .*$/gim)).toEqual([expect.stringMatching(/: text\/plain/i)]);
    expect((await redeem(running, link)).status).toBe(204);
    expect(running.logged()).not.toContain(secretOf(link));
  });

  it('is refused for an e-mail that has an account, and names wrong fields', async () => {
    await addPerson(mute, 'there@example.org');
    const again = await mute.ask(INVITE, { input: { ...input, email: 'THERE@example.org' } });
    expect(again.body.data.it).toMatchObject({
      user: null,
      link: null,
      userErrors: [{ field: 'email', code: 'CONFLICT' }],
    });
    const wrong = await mute.ask(INVITE, { input: { email: 'no e-mail', name: 'a\nb', role: 'ADMIN' } });
    expect(wrong.body.data.it.userErrors.map(({ field }: { field: string }) => field)).toEqual(['email', 'name']);
  });
});

describe('the first person', () => {
  it('comes in by the link of the start, makes an account of their own, and goes on as that', async () => {
    const cookie = await enter(mute);
    expect((await mute.ask(WHO, {}, { cookie })).body.data.viewer).toEqual({ name: 'session', role: 'ADMIN' });
    const input = { email: 'first@example.org', name: 'First', role: 'ADMIN' };
    const { link } = (await mute.ask(INVITE, { input }, { cookie })).body.data.it;
    const body = { link: secretOf(link), password: NEW_PASSWORD };
    const mine = cookieOf(await post(`${mute.url}/reset-password`, body, { cookie }));
    expect((await mute.ask(WHO, {}, { cookie: mine })).body.data.viewer).toMatchObject({ role: 'ADMIN' });
    expect((await mute.ask(WHO, {}, { cookie })).status).toBe(401);
  });
});

describe('a forgotten password', () => {
  it('is replaced by a link in a letter; every session there was is over', async () => {
    await addPerson(running, 'forgot@example.org');
    const before = cookieOf(await signIn(running, 'forgot@example.org'));
    expect((await post(`${running.url}/forgot-password`, { email: 'forgot@example.org' })).status).toBe(204);
    const answer = await redeem(running, await mailedLink('forgot@example.org'));
    expect(answer.status).toBe(204);
    expect((await running.ask(WHO, {}, { cookie: before })).status).toBe(401);
    expect((await running.ask(WHO, {}, { cookie: cookieOf(answer) })).status).toBe(200);
    expect((await signIn(running, 'forgot@example.org', PASSWORD)).status).toBe(401);
    expect((await signIn(running, 'forgot@example.org', NEW_PASSWORD)).status).toBe(204);
  });

  it('brings no letter to who has no account, or is disabled, and few to anybody', async () => {
    const id = await addPerson(running, 'away@example.org');
    await running.database.pool.query('update user_account set disabled_at = clock_timestamp() where id = $1', [id]);
    await addPerson(running, 'often@example.org');
    const ask = async (email: string) => (await post(`${running.url}/forgot-password`, { email })).status;
    expect([await ask('away@example.org'), await ask('nobody@example.org')]).toEqual([204, 204]);
    const often: number[] = [];
    for (let i = 0; i < 5; i++) often.push(await ask('often@example.org'));
    expect(often).toEqual([204, 204, 204, 429, 429]);
    await expect.poll(() => mail.letters.length).toBe(3);
    expect(mail.letters.every(({ to }) => to[0] === 'often@example.org')).toBe(true);
  });

  it('leads past a limit that somebody else used up', async () => {
    await addPerson(running, 'victim@example.org');
    for (let i = 0; i < 6; i++) await signIn(running, 'victim@example.org', 'wrong');
    expect((await signIn(running, 'victim@example.org')).status).toBe(429);
    await post(`${running.url}/forgot-password`, { email: 'victim@example.org' });
    expect((await redeem(running, await mailedLink('victim@example.org'))).status).toBe(204);
    expect((await signIn(running, 'victim@example.org', NEW_PASSWORD)).status).toBe(204);
  });
});

describe('a link that sets a password', () => {
  async function linkFor(email: string): Promise<string> {
    const id = await addPerson(mute, email);
    const { body } = await mute.ask('mutation ($id: ID!) { userLink(id: $id) { link } }', { id });
    return body.data.userLink.link;
  }

  it('works once, also when ten come at the same time', async () => {
    const link = await linkFor('once@example.org');
    const tries = Array.from({ length: 10 }, (_, i) => redeem(mute, link, `${NEW_PASSWORD} ${i}`));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([204, ...Array(9).fill(404)]);
    expect((await redeem(mute, link)).body.errors[0].extensions).toMatchObject({ code: 'NOT_FOUND', field: 'link' });
  });

  it('works for an hour, and not for who is disabled', async () => {
    const late = await linkFor('late@example.org');
    const { rows } = await mute.database.pool.query(
      `update session set expires_at = clock_timestamp() where kind = 'PASSWORD'
       returning round(extract(epoch from expires_at - created_at) / 60) as minutes, secret_hash`,
    );
    expect(rows.map(({ secret_hash }) => secret_hash)).not.toContain(secretOf(late));
    expect((await redeem(mute, late)).status).toBe(404);
    const disabled = await linkFor('disabled@example.org');
    await mute.database.pool.query(`update user_account set disabled_at = now() where email = 'disabled@example.org'`);
    expect((await redeem(mute, disabled)).status).toBe(404);
  });

  it('is no session, and opens nothing at /enter', async () => {
    const secret = secretOf(await linkFor('other@example.org'));
    expect((await mute.ask(WHO, {}, { cookie: `heliograph_session=${secret}` })).status).toBe(401);
    expect((await fetch(`${mute.url}/enter/${secret}`)).status).toBe(410);
    const admin = (await mute.api.adminLink()).split('/').at(-1)!;
    expect((await redeem(mute, `http://x/#${admin}`)).status).toBe(404);
  });

  it.each([
    ['fourteen letters', 'abcdefghijklmn', 'at least 15 characters'],
    ['a key held down', 'a'.repeat(40), 'at least 5 different'],
    ['the e-mail', 'x picky@example.org x', 'must not contain the e-mail'],
    ['a whole book', 'abcdef'.repeat(100), 'at most 256'],
  ])('takes no password of %s, and stays good', async (_what, password, why) => {
    await mute.database.pool.query(`delete from user_account where email = 'picky@example.org'`);
    const link = await linkFor('picky@example.org');
    const refused = await redeem(mute, link, password);
    expect([refused.status, refused.body.errors[0].extensions.field]).toEqual([400, 'password']);
    expect(refused.body.errors[0].message).toContain(why);
    expect((await redeem(mute, link)).status).toBe(204);
  });
});

describe('an account', () => {
  it('loses all of its sessions when it is disabled, and can be enabled again', async () => {
    const id = await addPerson(mute, 'leaver@example.org');
    const cookies = [await signIn(mute, 'leaver@example.org'), await signIn(mute, 'leaver@example.org')].map(cookieOf);
    const { body } = await mute.ask(UPDATE, { id, input: { disabled: true } });
    expect(body.data.it.user.disabledAt).not.toBeNull();
    for (const cookie of cookies) expect((await mute.ask(WHO, {}, { cookie })).status).toBe(401);
    expect((await signIn(mute, 'leaver@example.org')).status).toBe(401);
    await mute.ask(UPDATE, { id, input: { disabled: false } });
    for (const cookie of cookies) expect((await mute.ask(WHO, {}, { cookie })).status).toBe(401);
    expect((await signIn(mute, 'leaver@example.org')).status).toBe(204);
  });

  it('has another role from the next request on', async () => {
    await addPerson(mute, 'stays@example.org', 'admin');
    const id = await addPerson(mute, 'riser@example.org', 'viewer');
    const cookie = cookieOf(await signIn(mute, 'riser@example.org'));
    const users = async () => (await mute.ask('{ users { totalCount } }', {}, { cookie })).body;
    expect((await users()).errors[0].extensions.code).toBe('FORBIDDEN');
    await mute.ask(UPDATE, { id, input: { role: 'ADMIN' } });
    expect((await users()).data.users.totalCount).toBeGreaterThan(0);
    await mute.ask(UPDATE, { id, input: { role: 'OPERATOR' } });
    expect((await users()).errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it('gets another password from its owner, which ends all of its sessions', async () => {
    await addPerson(mute, 'changer@example.org');
    const [cookie, other] = [await signIn(mute, 'changer@example.org'), await signIn(mute, 'changer@example.org')].map(
      cookieOf,
    );
    const change = async (old: string) =>
      (await mute.ask(CHANGE, { old, new: NEW_PASSWORD }, { cookie: cookie! })).body;
    expect((await change('wrong')).data.it.userErrors).toMatchObject([
      { field: 'currentPassword', code: 'BAD_USER_INPUT' },
    ]);
    expect((await change(PASSWORD)).data.it.userErrors).toEqual([]);
    for (const each of [cookie!, other!]) expect((await mute.ask(WHO, {}, { cookie: each })).status).toBe(401);
    expect((await signIn(mute, 'changer@example.org', NEW_PASSWORD)).status).toBe(204);
  });

  it('is not opened by guessing in one request under many names', async () => {
    await addPerson(mute, 'guessed@example.org');
    const cookie = cookieOf(await signIn(mute, 'guessed@example.org'));
    const guesses = Array.from(
      { length: 14 },
      (_, i) =>
        `g${i}: passwordChange(currentPassword: "${i}", newPassword: "${NEW_PASSWORD}") { userErrors { code } }`,
    );
    const right = `last: passwordChange(currentPassword: "${PASSWORD}", newPassword: "${NEW_PASSWORD}") { userErrors { code } }`;
    const { body } = await mute.ask(`mutation { ${guesses.join(' ')} ${right} }`, {}, { cookie });
    expect(body.errors[0].extensions.code).toBe('RATE_LIMITED');
    expect((await signIn(mute, 'guessed@example.org', NEW_PASSWORD)).status).toBe(429);
    await mute.database.pool.query('delete from sign_in_limit');
    expect((await signIn(mute, 'guessed@example.org')).status).toBe(204);
  });
});
