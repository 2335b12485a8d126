import { type Permission, PermissionName, type Role } from '../access/permission.js';
import { Sessions } from '../access/sessions.js';
import { addPerson } from './people.js';
import type { RunningApi } from './running-api.js';

/** Somebody with an account and a browser. */
export interface Person {
  id: string;
  email: string;
  /** What their browser sends along. */
  headers: { cookie: string };
}

let count = 0;

/** Adds somebody with an account, and opens a session for them as a good password would. */
export async function signedIn(running: RunningApi, role: Role): Promise<Person> {
  const email = `${role}${++count}@example.org`;
  const id = await addPerson(running, email, role);
  const session = await new Sessions(running.database.pool).open({ userId: id }, { way: 'password', ip: null });
  return { id, email, headers: { cookie: `heliograph_session=${session?.secret}` } };
}

/** A token just made, and how it is sent. */
export interface MadeToken {
  id: string;
  secret: string;
  headers: { authorization: string };
}

/** Has somebody make a token. @param headers of that person; left out: the admin token's */
export async function makeToken(
  running: RunningApi,
  scopes: readonly Permission[],
  headers?: Record<string, string>,
  more: object = {},
): Promise<MadeToken> {
  const input = { name: 'script', scopes: scopes.map(nameOf), ...more };
  const mutation = `mutation ($input: TokenInput!) {
    tokenCreate(input: $input) { token { id } secret userErrors { field message } } }`;
  const { body } = await running.ask(mutation, { input }, headers);
  const { token, secret } = body.data.tokenCreate;
  return { id: token.id, secret, headers: { authorization: `Bearer ${secret}` } };
}

/** A permission as GraphQL writes it. */
export function nameOf(permission: Permission): string {
  return Object.entries(PermissionName).find(([, value]) => value === permission)?.[0] ?? '';
}
