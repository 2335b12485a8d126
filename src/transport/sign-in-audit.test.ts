import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OIDC_CALLBACK } from '../access/oidc.js';
import { accountOf } from '../access/oidc-account.js';
import { type MailServer, startMailServer } from '../testing/mail-server.js';
import { addPerson, cookieOf, post, signIn } from '../testing/people.js';
import { enter, type RunningApi, send, startApi } from '../testing/running-api.js';

const PASSWORD = 'a quite different set of words';
/** Somebody who types their password where the e-mail belongs must not find it in the log. */
const CANARY = 'canary-4471@example.org';
const OIDC = { issuer: 'https://127.0.0.1:1', clientId: 'us', clientSecret: null };

let mail: MailServer;
let running: RunningApi;
beforeAll(async () => {
  mail = await startMailServer();
  const oidc = { ...OIDC, roleClaim: null, defaultRole: null };
  running = await startApi({ config: { oidc, mail: { url: mail.url, from: 'heliograph@example.org' } } });
});
afterAll(async () => {
  await running.close();
  await mail.close();
});
beforeEach(() => running.database.pool.query('delete from sign_in_limit; delete from audit_event'));

/** Who, what, to whom, how, what came of it; the oldest first. */
async function rows(): Promise<unknown[][]> {
  const { rows } = await running.database.pool.query({
    text: `select actor_id, action, subject_id, details ->> 'way', outcome from audit_event order by id`,
    rowMode: 'array',
  });
  return rows;
}

describe('the audit log', () => {
  it('has who came in by a password, who tried, and who went out, and nothing that was typed', async () => {
    const id = await addPerson(running, 'anna@example.org');
    await signIn(running, 'anna@example.org', 'wrong');
    await signIn(running, CANARY, 'wrong');
    const cookie = cookieOf(await signIn(running, 'anna@example.org'));
    await send(`${running.url}/sign-out`, { method: 'POST', headers: { cookie } });
    await send(`${running.url}/sign-out`, { method: 'POST', headers: { cookie } });
    expect(await rows()).toEqual([
      ['nobody', 'userSignIn', id, 'password', 'REFUSED'],
      ['nobody', 'userSignIn', null, 'password', 'REFUSED'],
      [`user:${id}`, 'userSignIn', id, 'password', 'DONE'],
      [`user:${id}`, 'userSignOut', id, null, 'DONE'],
    ]);
    const { rows: stored } = await running.database.pool.query('select e::text as row from audit_event e');
    const text = stored.map(({ row }) => row).join();
    expect(text).not.toMatch(/canary|wrong/);
    expect(text.match(/127\.0\.0\.1/g)).toHaveLength(4);
  });

  it('has links made and used, an invitation taken up, and a password asked for and set anew', async () => {
    const cookie = await enter(running);
    const INVITE = 'mutation ($input: UserInviteInput!) { userInvite(input: $input) { user { id } } }';
    const input = { email: 'boris@example.org', name: 'Boris', role: 'VIEWER' };
    const { id } = (await running.ask(INVITE, { input }, { cookie })).body.data.userInvite.user;
    const redeem = async (letters: number) => {
      await expect.poll(() => mail.letters.length).toBe(letters);
      const text = mail.letters.at(-1)!.raw.replace(/=\r\n/g, '');
      const link = /reset-password#([\w-]+)/.exec(text)![1];
      return await post(`${running.url}/reset-password`, { link, password: PASSWORD });
    };
    expect((await redeem(1)).status).toBe(204);
    await post(`${running.url}/forgot-password`, { email: 'boris@example.org' });
    expect((await redeem(2)).status).toBe(204);
    await post(`${running.url}/forgot-password`, { email: CANARY });
    const mine = `user:${id}`;
    // Nobody waits for the last one: it is written down first, and what came of it after.
    await expect.poll(rows).toEqual([
      ['server', 'linkCreate', null, null, 'DONE'],
      ['session', 'userSignIn', null, 'oneTimeLink', 'DONE'],
      ['session', 'userInvite', id, null, 'DONE'],
      [mine, 'invitationAccept', id, 'passwordLink', 'DONE'],
      [mine, 'userSignIn', id, 'passwordLink', 'DONE'],
      ['nobody', 'passwordForget', id, null, 'DONE'],
      [mine, 'passwordReset', id, 'passwordLink', 'DONE'],
      [mine, 'userSignIn', id, 'passwordLink', 'DONE'],
      ['nobody', 'passwordForget', null, null, 'REFUSED'],
    ]);
  });

  it('has an account that the provider makes or ties to somebody, and a role that it changes, and no more', async () => {
    const { pool } = running.database;
    const settings = { ...OIDC, roleClaim: 'role', defaultRole: null };
    const person = { subject: 'idp dora', email: 'dora@example.org', name: 'Dora' };
    const come = (role: 'viewer' | 'admin', who = person) => accountOf(pool, { ...who, role }, settings, '192.0.2.1');
    const id = await come('viewer');
    await come('viewer');
    await come('admin');
    const other = await addPerson(running, 'erik@example.org', 'viewer');
    await come('viewer', { subject: 'idp erik', email: 'erik@example.org', name: 'Erik' });
    expect(await rows()).toEqual([
      ['oidc', 'userCreate', id, 'provider', 'DONE'],
      ['oidc', 'userUpdate', id, 'provider', 'DONE'],
      ['oidc', 'userUpdate', other, 'provider', 'DONE'],
    ]);
    const { rows: details } = await pool.query(`select details -> 'fields' as fields from audit_event order by id`);
    expect(details.map(({ fields }) => fields)).toEqual([['email', 'name', 'role'], ['role'], ['oidcSubject']]);
  });

  it('is not filled by whoever tries without end, whichever way', async () => {
    const { pool } = running.database;
    const tries: Record<string, () => Promise<unknown>> = {
      password: () => signIn(running, CANARY, 'wrong'),
      provider: () => send(`${running.url}${OIDC_CALLBACK}?code=x`),
      oneTimeLink: () => send(`${running.url}/enter/${'A'.repeat(43)}`),
      passwordLink: () => post(`${running.url}/reset-password`, { link: 'B'.repeat(43), password: PASSWORD }),
    };
    // Twenty of an address are free in all; of a password five.
    await pool.query(`insert into sign_in_limit (scope, tries, free_at, tried_at)
      values ('failure:127.0.0.1', 17, clock_timestamp(), clock_timestamp())`);
    for (const attempt of Object.values(tries)) for (let i = 0; i < 7; i++) await attempt();
    const ways = (await rows()).map(([, , , way]) => way);
    expect(ways.filter((way) => way === 'password')).toHaveLength(5);
    expect(ways).toHaveLength(5 + 3);
  });

  it('keeps a session from being opened that could not be written down', async () => {
    const { pool } = running.database;
    await addPerson(running, 'clara@example.org');
    await pool.query('alter table audit_event rename to elsewhere');
    try {
      const answer = await signIn(running, 'clara@example.org');
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([500, null]);
      expect((await send(await running.api.adminLink().catch(() => `${running.url}/`))).headers.get('set-cookie')).toBe(
        null,
      );
    } finally {
      await pool.query('alter table elsewhere rename to audit_event');
    }
    const { rows } = await pool.query(
      `select from session s join user_account u on u.id = s.user_id where u.email = 'clara@example.org'`,
    );
    expect(rows).toHaveLength(0);
  });
});
