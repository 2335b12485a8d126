import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 bytes in base64url: what newSecret makes, and nothing else is worth a look into the database. */
const SECRET_SHAPE = /^[\w-]{43}$/;

/** 256 random bits, as 43 characters that stand in an address or a cookie as they are. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function looksLikeSecret(text: string): boolean {
  return SECRET_SHAPE.test(text);
}

/** SHA-256 in hex: what is stored of a secret. A secret of 256 random bits needs no slow hash. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret);
}

/** Compares in a time that tells nothing about where, or by how many characters, the two differ. */
export function sameSecret(given: string, expected: string): boolean {
  return matcherOf(expected)(given);
}

/** The same for a secret that is compared with often. */
export function matcherOf(expected: string): (given: string) => boolean {
  const digest = hash('sha256', expected, 'buffer');
  return (given) => timingSafeEqual(hash('sha256', given, 'buffer'), digest);
}
