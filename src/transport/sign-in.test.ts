import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addPerson, cookieOf, PASSWORD, post, signIn } from '../testing/people.js';
import { enter, type RunningApi, send, startApi } from '../testing/running-api.js';

const WHO = '{ viewer { name role } }';
let running: RunningApi;
let person = 0;

beforeAll(async () => {
  running = await startApi({ config: { trustProxy: [] } });
});
afterAll(() => running.close());
// Everybody here comes from the same address.
beforeEach(() => running.database.pool.query('delete from sign_in_limit'));

async function somebody(): Promise<{ email: string; id: string }> {
  const email = `person${++person}@example.org`;
  return { email, id: await addPerson(running, email) };
}

/** A form as our page sends it. */
async function sendForm(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return await send(running.url + path, {
    method: 'POST',
    headers: { origin: running.url, ...headers },
    body: new URLSearchParams(fields),
  });
}

describe('signing in by a password', () => {
  it('opens a session with the role of the account, in a cookie that scripts do not get', async () => {
    const { email } = await somebody();
    const answer = await signIn(running, ` ${email.toUpperCase()} `);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([204, 'no-store']);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^heliograph_session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    const { body } = await running.ask(WHO, {}, { cookie: cookieOf(answer) });
    expect(body.data.viewer).toEqual({ name: `user:${email}`, role: 'OPERATOR' });
  });

  it('takes the form of our own page, and leads on from it', async () => {
    const { email } = await somebody();
    const good = await sendForm('/sign-in', { email, password: PASSWORD });
    expect([good.status, good.headers.get('location')]).toEqual([303, '/']);
    expect((await running.ask(WHO, {}, { cookie: cookieOf(good) })).status).toBe(200);
    const bad = await sendForm('/sign-in', { email, password: 'wrong' });
    expect([bad.status, bad.headers.get('location')]).toEqual([303, '/sign-in#UNAUTHENTICATED']);
    expect(bad.headers.get('set-cookie')).toBeNull();
  });

  it('ends the session that the browser had before', async () => {
    const { email } = await somebody();
    const before = await enter(running);
    await post(`${running.url}/sign-in`, { email, password: PASSWORD }, { cookie: before });
    expect((await running.ask(WHO, {}, { cookie: before })).status).toBe(401);
  });

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1'])('is not brought about by %s', async (origin) => {
    const { email } = await somebody();
    const form = await sendForm('/sign-in', { email, password: PASSWORD }, { origin });
    expect(form.headers.get('set-cookie')).toBeNull();
    for (const path of ['sign-in', 'forgot-password', 'reset-password']) {
      const answer = await post(`${running.url}/${path}`, { email, password: PASSWORD }, { origin });
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null]);
    }
  });

  it('takes forms nowhere else', async () => {
    const { email } = await somebody();
    const cookie = cookieOf(await signIn(running, email));
    expect((await sendForm('/graphql', { query: WHO }, { cookie })).status).toBe(415);
  });

  it.each([
    ['no body', undefined],
    ['a list', []],
    ['no e-mail', { password: PASSWORD }],
    ['a number for an e-mail', { email: 7, password: PASSWORD }],
    ['NUL in the e-mail', { email: 'a\0@example.org', password: PASSWORD }],
    ['an e-mail that is too long', { email: `${'a'.repeat(300)}@example.org`, password: PASSWORD }],
    ['an empty password', { email: 'a@example.org', password: '' }],
    ['a field that is not known', { email: 'a@example.org', password: PASSWORD, role: 'admin' }],
  ])('refuses %s with 400, and says nothing of it again', async (_what, body) => {
    const { status, text } = await post(`${running.url}/sign-in`, body);
    expect(status).toBe(400);
    expect(text).not.toContain(PASSWORD);
  });

  it('hashes a password as OWASP says, and keeps it in no other form', async () => {
    const { email } = await somebody();
    await signIn(running, email);
    const { rows } = await running.database.pool.query('select u::text as row, password_hash from user_account u');
    expect(rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(rows.map(({ row }) => row).join()).not.toContain(PASSWORD);
    expect(running.logged()).not.toContain(PASSWORD);
  });
});

describe('whether an e-mail is known', () => {
  /** All of an answer that somebody could tell apart; each request has an id by chance. */
  const visible = ({ status, text, headers }: Awaited<ReturnType<typeof signIn>>) => ({
    status,
    text,
    headers: [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name)),
  });

  it('does not show in the answer to a wrong password', async () => {
    const { email } = await somebody();
    const { email: disabled, id } = await somebody();
    await running.database.pool.query('update user_account set disabled_at = clock_timestamp() where id = $1', [id]);
    const { email: invited, id: other } = await somebody();
    await running.database.pool.query('update user_account set password_hash = null where id = $1', [other]);
    const known = visible(await signIn(running, email, 'wrong'));
    expect(known.status).toBe(401);
    for (const [who, password] of [
      ['nobody@example.org', 'wrong'],
      [disabled, PASSWORD],
      [disabled, 'wrong'],
      [invited, PASSWORD],
    ]) {
      expect(visible(await signIn(running, who!, password)), who).toEqual(known);
    }
  });

  it('does not show in the limit either: who does not exist has to wait just so', async () => {
    const { email } = await somebody();
    const statuses = async (who: string) => {
      const answers: number[] = [];
      for (let i = 0; i < 7; i++) answers.push((await signIn(running, who, 'wrong')).status);
      return answers;
    };
    expect(await statuses(email)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect(await statuses('nobody@example.org')).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });

  it('does not show when somebody forgot the password', async () => {
    const { email } = await somebody();
    const known = visible(await post(`${running.url}/forgot-password`, { email }));
    expect(known).toMatchObject({ status: 204, text: '' });
    expect(visible(await post(`${running.url}/forgot-password`, { email: 'nobody@example.org' }))).toEqual(known);
  });
});

describe('the limit of an address', () => {
  /** Guesses at so many accounts, each from another address as it says. */
  async function guess({ url }: RunningApi, times: number, forwarded: (i: number) => string): Promise<number[]> {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++) {
      const body = { email: `guess${i}@example.org`, password: 'wrong' };
      statuses.push((await post(`${url}/sign-in`, body, { 'x-forwarded-for': forwarded(i) })).status);
    }
    return statuses;
  }
  const all = (status: number, times: number) => Array<number>(times).fill(status);

  it('holds for whoever makes up another X-Forwarded-For each time, and says when to come again', async () => {
    expect(await guess(running, 22, (i) => `198.51.100.${i}`)).toEqual([...all(401, 20), ...all(429, 2)]);
    const refused = await post(`${running.url}/sign-in`, { email: 'guess@example.org', password: 'wrong' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    expect(refused.body.errors[0].extensions.code).toBe('RATE_LIMITED');
    const form = await sendForm('/sign-in', { email: 'guess@example.org', password: 'wrong' });
    expect(form.headers.get('location')).toBe('/sign-in#RATE_LIMITED');
  });

  it('is that of the peer which a trusted proxy names, whatever stands before it', async () => {
    const behind = await startApi({ config: { trustProxy: ['loopback'] } });
    try {
      expect(await guess(behind, 21, (i) => `198.51.100.${i}, 203.0.113.7`)).toEqual([...all(401, 20), 429]);
      expect(await guess(behind, 1, () => '203.0.113.8')).toEqual([401]);
    } finally {
      await behind.close();
    }
  });

  it('is not used up by those who get in', async () => {
    const { email } = await somebody();
    for (let i = 0; i < 25; i++) expect((await signIn(running, email)).status).toBe(204);
  });
});
