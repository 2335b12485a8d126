import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeToken } from '../testing/credentials.js';
import { addPerson } from '../testing/people.js';
import { rest } from '../testing/rest.js';
import { type RunningApi, startApi } from '../testing/running-api.js';
import type { Permission } from './permission.js';

const LAST = 'This is the last admin who can sign in. Make somebody else an admin first, and have them sign in.';
const UPDATE = `mutation ($id: ID!, $input: UserUpdateInput!) {
  it: userUpdate(id: $id, input: $input) { user { role } userErrors { field code message } } }`;
const INVITE = `mutation ($input: UserInviteInput!) { it: userInvite(input: $input) { link userErrors { field } } }`;
const LINK = 'mutation ($id: ID!) { it: userLink(id: $id) { link userErrors { field } } }';

let running: RunningApi;
beforeAll(async () => {
  running = await startApi();
});
afterAll(() => running.close());
beforeEach(() => running.database.pool.query('delete from user_account'));

async function update(id: string, input: object, headers?: Record<string, string>) {
  return (await running.ask(UPDATE, { id, input }, headers)).body;
}

describe('the last admin who can sign in', () => {
  it('is neither demoted nor disabled, whoever asks, and it is said what to do first', async () => {
    const id = await addPerson(running, 'anna@example.org', 'admin');
    // Neither can sign in, so neither counts.
    const invited = await addPerson(running, 'invited@example.org', 'admin');
    await running.database.pool.query('update user_account set password_hash = null where id = $1', [invited]);
    const gone = await addPerson(running, 'gone@example.org', 'admin');
    await running.database.pool.query('update user_account set disabled_at = now() where id = $1', [gone]);
    for (const [field, input] of Object.entries({ disabled: { disabled: true }, role: { role: 'OPERATOR' } })) {
      const userErrors = [{ field, code: 'CONFLICT', message: LAST }];
      expect((await update(id, input)).data.it).toEqual({ user: null, userErrors });
    }
    expect((await update(id, { name: 'Anna', role: 'ADMIN' })).data.it.userErrors).toEqual([]);
    expect((await update(invited, { disabled: true })).data.it.userErrors).toEqual([]);
    await addPerson(running, 'boris@example.org', 'admin');
    expect((await update(id, { role: 'OPERATOR' })).data.it.user.role).toBe('OPERATOR');
  });

  it('is left also when two take it from each other at once', async () => {
    for (let round = 0; round < 10; round++) {
      await running.database.pool.query('delete from user_account');
      const ids = [
        await addPerson(running, 'a@example.org', 'admin'),
        await addPerson(running, 'b@example.org', 'admin'),
      ];
      const answers = await Promise.all(
        ids.map((id, i) => update(id, i === 0 ? { role: 'VIEWER' } : { disabled: true })),
      );
      expect(answers.flatMap(({ data }) => data.it.userErrors)).toMatchObject([{ code: 'CONFLICT', message: LAST }]);
    }
  });
});

describe('whoever looks after users and holds nothing else', () => {
  const token = async (...scopes: Permission[]) => (await makeToken(running, ['access:admin', ...scopes])).headers;
  const refused = (body: { errors: { extensions: object }[] }, field: string) =>
    expect(body.errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', field });

  it('gives nobody a role that may do more, be it to an account that is new, changed or enabled again', async () => {
    const bare = await token();
    const some = await token('clients:read', 'mailings:read');
    const input = (role: string) => ({ email: `${role}@example.org`, name: 'Anna', role });
    refused((await running.ask(INVITE, { input: input('VIEWER') }, bare)).body, 'role');
    refused((await running.ask(INVITE, { input: input('OPERATOR') }, some)).body, 'role');
    expect((await running.ask(INVITE, { input: input('VIEWER') }, some)).body.data.it.link).toContain('#');

    const id = await addPerson(running, 'boris@example.org', 'viewer');
    refused(await update(id, { role: 'ADMIN' }, some), 'role');
    await update(id, { disabled: true }, bare);
    // It could be enabled at the same moment.
    refused(await update(id, { role: 'ADMIN' }, some), 'role');
    refused(await update(id, { disabled: false }, bare), 'disabled');
    refused(await update(id, { disabled: false, role: 'ADMIN' }, some), 'role');
    expect((await update(id, { disabled: false }, some)).data.it.userErrors).toEqual([]);
    const { rows } = await running.database.pool.query('select role from user_account where id = $1', [id]);
    expect(rows).toEqual([{ role: 'viewer' }]);
  });

  it('may take rights away, which gives nobody anything', async () => {
    await addPerson(running, 'stays@example.org', 'admin');
    const id = await addPerson(running, 'boris@example.org', 'admin');
    const bare = await token();
    expect((await update(id, { role: 'VIEWER' }, bare)).data.it.user.role).toBe('VIEWER');
    expect((await update(id, { disabled: true }, bare)).data.it.userErrors).toEqual([]);
  });

  it('gets no link by which to become somebody who may do more', async () => {
    const id = await addPerson(running, 'boris@example.org', 'operator');
    refused((await running.ask(LINK, { id }, await token('clients:read', 'mailings:read'))).body, 'id');
    expect((await running.ask(LINK, { id })).body.data.it.link).toContain('#');
  });

  it('holds no link either by which to become what somebody is made later', async () => {
    const id = await addPerson(running, 'boris@example.org', 'viewer');
    const { link } = (await running.ask(LINK, { id }, await token('clients:read', 'mailings:read'))).body.data.it;
    await update(id, { name: 'Boris', role: 'VIEWER' });
    await update(id, { role: 'ADMIN' });
    const body = { link: /#([\w-]+)/.exec(link)?.[1], password: 'four words of some length' };
    expect((await rest(running, 'POST', '/reset-password', body)).status).toBe(404);
  });
});
