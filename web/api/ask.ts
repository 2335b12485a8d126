import { GRAPHQL_PATH } from './addresses.js';

/** Nobody is signed in: the one-time link has not been opened in this browser, or the session is over. */
export class SignedOut extends Error {
  override readonly name = 'SignedOut';
}

interface Answer<T> {
  data?: T | null;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

/**
 * Asks the API one query or mutation, as whoever the session cookie says.
 *
 * @throws {SignedOut} when the server answers UNAUTHENTICATED
 * @throws {Error} with a sentence that may be shown, when the server can't be reached or refuses
 */
export async function ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const response = await fetch(GRAPHQL_PATH, {
    method: 'POST',
    // Apollo's guard against cross-site requests lets through what a plain HTML form could not have sent.
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
  }).catch(() => {
    throw new Error('The server does not answer. Is it still running?');
  });
  const answer = (await response.json().catch(() => ({}))) as Answer<T>;
  const fault = answer.errors?.[0];
  if (response.status === 401 || fault?.extensions?.code === 'UNAUTHENTICATED') throw new SignedOut();
  if (fault !== undefined) throw new Error(fault.message);
  if (!answer.data) throw new Error(`The server answered with HTTP ${response.status} and no data.`);
  return answer.data;
}

/** Leads back here afterwards. */
export function goToSignIn(): void {
  location.replace(`/sign-in?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
}
