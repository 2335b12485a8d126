import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiTokens } from '../access/api-tokens.js';
import { hashSecret } from '../access/secret.js';
import { runCli } from '../testing/run-cli.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';

let database: TestDatabase;
let env: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  env = { DATABASE_URL: database.url, CHANNEL: 'console', PUBLIC_URL: 'https://mail.example' };
});
afterAll(() => database.drop());

const cli = (...words: string[]) => runCli(words, { env });

it('token: makes one whose secret opens what its scopes allow, lists it without, and ends it', async () => {
  const made = await cli('token', 'create', 'reports', '--scopes', 'mailings:read');
  expect(made).toMatchObject({ code: 0, err: 'This is shown once: keep it where secrets are kept.\n' });
  const secret = made.out.trim();
  const tokens = new ApiTokens(database.pool);
  const { actor } = (await tokens.identify(secret))!;
  expect([actor.name, actor.permissions]).toEqual(['token:reports', ['mailings:read']]);
  const [listed] = JSON.parse((await cli('token', 'list', '--json')).out);
  expect(listed).toMatchObject({ name: 'reports', scopes: ['mailings:read'], createdBy: 'cli', revokedAt: null });
  expect((await cli('token', 'list')).out).not.toContain(secret);
  expect((await cli('token', 'revoke', listed.id)).out).toMatch(/^Token \d+ \(reports\) is revoked since /);
  expect(await tokens.identify(secret)).toBeNull();
  expect(await cli('token', 'create', 'x', '--scopes', 'everything')).toMatchObject({ code: 2, out: '' });
  expect((await cli('token', 'create', 'x', '--expires', '2001-01-01T00:00:00Z')).err).toBe(
    'expiresAt must be in the future.\n',
  );
  const { rows } = await database.pool.query(
    `select action, subject_id, outcome from audit_event where subject_kind = 'token' order by id`,
  );
  expect(rows).toEqual([
    { action: 'tokenCreate', subject_id: listed.id, outcome: 'DONE' },
    { action: 'tokenRevoke', subject_id: listed.id, outcome: 'DONE' },
    { action: 'tokenCreate', subject_id: null, outcome: 'REFUSED' },
    { action: 'tokenCreate', subject_id: null, outcome: 'REFUSED' },
  ]);
});

it('user: lets somebody in by a link, gives another role, keeps out, and keeps the last admin', async () => {
  const { pool } = database;
  const added = await cli('user', 'add', 'Ann@Example.org', 'admin', '--name', 'Ann', '--json');
  const { user, link } = JSON.parse(added.out);
  expect(user).toMatchObject({ email: 'ann@example.org', name: 'Ann', role: 'admin', disabledAt: null });
  const secret = /^https:\/\/mail\.example\/reset-password#([\w-]{43})\.ann%40example\.org$/.exec(link)?.[1] ?? '';
  const session = await pool.query('select kind, user_id from session where secret_hash = $1', [hashSecret(secret)]);
  expect(session.rows).toEqual([{ kind: 'PASSWORD', user_id: user.id }]);
  await pool.query(`update user_account set password_hash = 'x' where id = $1`, [user.id]);
  expect(await cli('user', 'role', 'ann@example.org', 'viewer')).toMatchObject({ code: 2, out: '' });
  await cli('user', 'add', 'bob@example.org', 'admin');
  await pool.query(`update user_account set password_hash = 'x'`);
  expect((await cli('user', 'role', 'ANN@example.org', 'viewer')).out).toBe('ann@example.org is viewer.\n');
  expect((await cli('user', 'disable', user.id)).out).toMatch(/^ann@example\.org is viewer, disabled since /);
  expect((await cli('user', 'disable', user.id, '--undo')).out).toBe('ann@example.org is viewer.\n');
  expect(await cli('user', 'disable', 'nobody@example.org')).toMatchObject({
    code: 2,
    err: 'There is no user with this id.\n',
  });
  expect(await cli('user', 'add', 'ann@example.org', 'viewer')).toMatchObject({
    code: 2,
    err: 'Somebody has an account by this e-mail already.\n',
  });
  const { rows } = await pool.query(
    `select action, outcome from audit_event where subject_kind = 'user' and actor = 'cli' and subject_id = $1 order by id`,
    [user.id],
  );
  expect(rows).toEqual([
    { action: 'userInvite', outcome: 'DONE' },
    { action: 'userUpdate', outcome: 'REFUSED' },
    ...Array(3).fill({ action: 'userUpdate', outcome: 'DONE' }),
  ]);
});
