import { Passwords } from '../access/password.js';
import type { Role } from '../access/permission.js';
import type { RunningApi } from './running-api.js';
import { type Answer, send } from './running-api.js';

export const PASSWORD = 'correct horse battery staple';
let hash: Promise<string> | undefined;

/** Adds somebody with an account; the same password for all, hashed once. */
export async function addPerson(
  { database }: Pick<RunningApi, 'database'>,
  email: string,
  role: Role = 'operator',
): Promise<string> {
  hash ??= new Passwords().hash(PASSWORD);
  const { rows } = await database.pool.query<{ id: string }>(
    'insert into user_account (email, name, role, password_hash) values ($1, $1, $2, $3) returning id',
    [email, role, await hash],
  );
  return rows[0]!.id;
}

/** Posts JSON, as a program does. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return await send(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Tries to sign in by a password. */
export async function signIn({ url }: { url: string }, email: string, password = PASSWORD): Promise<Answer> {
  return await post(`${url}/sign-in`, { email, password });
}

/** The Cookie header of the session that an answer opened. */
export function cookieOf({ headers }: Answer): string {
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}
