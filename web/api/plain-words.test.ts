import { CombinedError, type OperationResult } from 'urql';
import { expect, it } from 'vitest';
import { inWordsOf } from './plain-words.js';

const say = (message: string) => `«${message}»`;
const resultOf = (parts: Partial<OperationResult>) => parts as OperationResult;

it('what a person can mend is said anew, with its field and code, and nothing else of the answer changes', () => {
  const mailing = { id: '1', name: 'Sale' };
  const data = {
    taken: { mailing, userErrors: [{ field: 'endsAt', code: 'CONFLICT', message: 'Too late.' }] },
    viewer: null,
  };
  expect(inWordsOf(resultOf({ data }), say).data).toEqual({
    taken: { mailing, userErrors: [{ field: 'endsAt', code: 'CONFLICT', message: '«Too late.»' }] },
    viewer: null,
  });
});

it('so is an error of the request, which keeps its code: by it one is led to the sign-in', () => {
  const error = new CombinedError({
    graphQLErrors: [{ message: 'Not now.', extensions: { code: 'UNAVAILABLE' } }],
    response: { status: 503 },
  });
  const told = inWordsOf(resultOf({ error }), say).error;
  expect(told?.graphQLErrors.map(({ message, extensions }) => [message, extensions['code']])).toEqual([
    ['«Not now.»', 'UNAVAILABLE'],
  ]);
  expect(told?.response).toEqual({ status: 503 });
});
