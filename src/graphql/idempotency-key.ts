import type { KeyedCall } from '../platform/idempotency.js';
import { parseInput, trimmedLine } from './parse-input.js';

/** Characters of a key at the most. */
const MAX_KEY = 200;

/** What the argument `idempotencyKey` of a mutation looks like. */
export const idempotencyKeyArg = {
  nullable: true,
  description: `Made up by the caller, up to ${MAX_KEY} printable characters. The same key with the same input within three days makes nothing new and gives the same answer; with other input it is a CONFLICT.`,
};

/**
 * @param actor whoever asks: keys of others are other keys
 * @param operation the mutation's name
 * @param key as it was given; nothing: the call is made anew each time
 * @param input everything else the caller gave
 * @throws InputError on `idempotencyKey`
 */
export function keyedCall(
  actor: { readonly id: string },
  operation: string,
  key: string | null | undefined,
  input: unknown,
): KeyedCall | null {
  if (key == null) return null;
  return { actor: actor.id, operation, key: parseInput(trimmedLine(MAX_KEY), key, ['idempotencyKey']), input };
}
