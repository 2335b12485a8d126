import * as argon2 from '@node-rs/argon2';
import { BulkheadRejectedError, bulkhead } from 'cockatiel';
import { AppError } from '../errors.js';
import { newSecret } from './secret.js';

/** Argon2id with 19 MiB, two passes and one lane: OWASP's Password Storage Cheat Sheet. About 30 ms of one core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashes at the same time: half of libuv's threads, so that files and names are found meanwhile. */
const AT_ONCE = 2;
/** Those that wait for them; more are sent away. */
const WAITING = 100;

/** OWASP ASVS 5.0 §6.2.1 recommends 15 where nothing but the password stands before an account. */
export const MIN_PASSWORD = 15;
export const MAX_PASSWORD = 256;
/** Fewer different characters than this are a key that was held down. */
const MIN_DIFFERENT = 5;

/** Hashes passwords, and compares them with their hashes. */
export class Passwords {
  readonly #argon: Pick<typeof argon2, 'hash' | 'verify'>;
  readonly #gate = bulkhead(AT_ONCE, WAITING);
  /** Compared with where there is nothing to compare with, so that it takes as long. */
  readonly #nobodys: Promise<string>;

  constructor(argon: Pick<typeof argon2, 'hash' | 'verify'> = argon2) {
    this.#argon = argon;
    this.#nobodys = argon.hash(newSecret(), COST);
  }

  /** @throws AppError UNAVAILABLE when too many are at it */
  async hash(password: string): Promise<string> {
    return await this.#inTurn(() => this.#argon.hash(asStored(password), COST));
  }

  /**
   * Whether this is the password. Takes the same time where there is none.
   *
   * @param stored null: there is no such account, or it has no password
   * @throws AppError UNAVAILABLE when too many are at it
   */
  async matches(password: string, stored: string | null): Promise<boolean> {
    const same = await this.#inTurn(
      async () => await this.#argon.verify(stored ?? (await this.#nobodys), asStored(password)),
    );
    return same && stored !== null;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#gate.execute(work);
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw new AppError('UNAVAILABLE', 'Too many people are signing in just now. Try again in a moment.');
    }
  }
}

/**
 * Checks a new password. Long ones need no rules about digits and signs (NIST SP 800-63B §3.1.1.2).
 *
 * @param field where the caller gave it
 * @throws AppError BAD_USER_INPUT on that field
 */
export function checkPassword(password: string, email: string, field: string): void {
  const plain = asStored(password).toLowerCase();
  const wrong =
    [...plain].length < MIN_PASSWORD
      ? `must have at least ${MIN_PASSWORD} characters: a few words are easy to remember`
      : plain.length > MAX_PASSWORD
        ? `must have at most ${MAX_PASSWORD} characters`
        : new Set(plain).size < MIN_DIFFERENT
          ? `must have at least ${MIN_DIFFERENT} different characters`
          : plain.includes(email)
            ? 'must not contain the e-mail'
            : null;
  if (wrong !== null) throw new AppError('BAD_USER_INPUT', `${field} ${wrong}.`, field);
}

/** Keyboards write the same letter in several ways; compatibility forms are made one (NIST SP 800-63B §3.1.1.2). */
function asStored(password: string): string {
  return password.normalize('NFKC');
}
