import { cacheExchange } from '@urql/exchange-graphcache';
import type { Sink } from 'graphql-ws';
import {
  Client,
  type CombinedError,
  fetchExchange,
  mapExchange,
  type OperationResult,
  subscriptionExchange,
} from 'urql';
import { language } from '../i18n/i18n.js';
import { GRAPHQL_PATH } from './addresses.js';
import { goToSignIn } from './ask.js';
import { normalised } from './cache.js';
import { openLive } from './live.js';
import { hasSentences, inWordsOf } from './plain-words.js';

/** The socket of all subscriptions, for what has to be read without the cache as well: many changes a second. */
export const live = openLive(goToSignIn);

const SERVER = {
  url: GRAPHQL_PATH,
  preferGetMethod: false,
  // Apollo's guard against cross-site requests lets through what a plain HTML form could not have sent.
  fetchOptions: { headers: { accept: 'application/json', 'apollo-require-preflight': 'true' } },
} as const;

/** What the server has to say to people comes in their language, wherever it is shown. The words are loaded with the first of it. */
const inPlainWords = mapExchange({ onResult: (result) => (hasSentences(result) ? said(result) : undefined) });

async function said(result: OperationResult): Promise<OperationResult> {
  // Without the words, the server's own are better than none.
  const words = await import('../i18n/server-sentences.js').catch(() => null);
  return words === null ? result : inWordsOf(result, (message) => words.sayIn(language(), message));
}

const signInAgain = mapExchange({
  onError: (error) => {
    if (isSignedOut(error)) goToSignIn();
  },
});

/** The same without a cache, for lists of any length: the cache forgets nothing. */
export const uncached = new Client({ ...SERVER, exchanges: [inPlainWords, signInAgain, fetchExchange] });

/**
 * Queries, mutations and subscriptions, as whoever the session cookie says. What has an id is kept once, so that a change
 * seen by one part of a page is seen by all of them. Who is not signed in any more is led to the sign-in.
 */
export const client = new Client({
  ...SERVER,
  exchanges: [
    inPlainWords,
    signInAgain,
    cacheExchange(normalised),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({
          unsubscribe: live.subscribe({ query: query ?? '', variables: variables ?? null }, sink as Sink),
        }),
      }),
    }),
  ],
});

function isSignedOut(error: CombinedError): boolean {
  return error.graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAUTHENTICATED');
}
