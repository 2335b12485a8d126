import { afterAll, beforeAll, expect, it } from 'vitest';
import { addPerson, PASSWORD } from '../testing/people.js';
import { recordingLog } from '../testing/running-api.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { AuditLog } from './audit-log.js';
import { createSignIn } from './sign-in-parts.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('asks the database and the password the same of an e-mail that is known, disabled, invited or nobody’s', async () => {
  const { pool } = database;
  const { log } = recordingLog();
  const ids: string[] = [];
  for (const email of ['known@example.org', 'disabled@example.org', 'invited@example.org']) {
    ids.push(await addPerson({ database }, email));
  }
  await pool.query('update user_account set disabled_at = now() where id = $1', [ids[1]]);
  await pool.query('update user_account set password_hash = null where id = $1', [ids[2]]);

  const asked: string[] = [];
  const watched = new Proxy(pool, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (name !== 'query') return typeof value === 'function' ? value.bind(target) : value;
      return (text: string, values: unknown[]) => {
        asked.push(text);
        return target.query(text, values);
      };
    },
  });
  const parts = { pool: watched, config: { mail: null, oidc: null }, log, audit: new AuditLog(watched, log) };
  const { signIn } = createSignIn(parts, () => 'http://127.0.0.1');
  const statements = async (email: string, password: string) => {
    asked.length = 0;
    const attempt = signIn.byPassword({ email, password, address: '192.0.2.1' });
    await expect(attempt).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    return [...asked];
  };
  const known = await statements('known@example.org', 'wrong');
  expect(known.join()).toMatch(/sign_in_limit.*user_account.*audit_event/s);
  for (const [email, password] of [
    ['disabled@example.org', PASSWORD],
    ['invited@example.org', PASSWORD],
    ['nobody@example.org', 'wrong'],
  ] as const) {
    expect(await statements(email, password), email).toEqual(known);
  }
});
