import type pg from 'pg';
import { AppError } from '../errors.js';
import type { OidcSettings } from '../sign-in-settings.js';
import { AuditOutcome } from './audit-event.js';
import { record } from './audit-log.js';
import type { OidcPerson } from './oidc.js';
import { accountOf } from './oidc-account.js';
import { checkPassword, type Passwords } from './password.js';
import type { OpenedSession, Sessions } from './sessions.js';
import { setPassword } from './set-password.js';
import { NOBODY, signInAct } from './sign-in-act.js';
import type { SignInLimits } from './sign-in-limits.js';

export interface SignInOptions {
  pool: pg.Pool;
  sessions: Sessions;
  passwords: Passwords;
  limits: SignInLimits;
}

/** What somebody brings along to sign in. */
export interface PasswordTry {
  /** In small letters. */
  email: string;
  password: string;
  /** The address it came from. */
  address: string;
}

interface Account {
  id: string;
  email: string;
  passwordHash: string | null;
}

/** The ways in and onward with a password. Whether an e-mail is known shows in no answer and takes no other time. */
export class SignIn {
  constructor(private readonly options: SignInOptions) {}

  /** @throws AppError UNAUTHENTICATED, the same for whatever is wrong; TooManyTries; UNAVAILABLE */
  async byPassword({ email, password, address }: PasswordTry): Promise<OpenedSession> {
    const { pool, limits, passwords, sessions } = this.options;
    await limits.charge('address', address);
    await limits.charge('account', email);
    const account = await this.#find('email = $1 and disabled_at is null', email);
    const matches = await passwords.matches(password, account?.passwordHash ?? null);
    const session =
      matches && account?.passwordHash
        ? await sessions.open(
            { userId: account.id, passwordHash: account.passwordHash },
            { way: 'password', ip: address },
          )
        : null;
    if (session === null) {
      // As many as the limits let through: those that they refuse leave no row.
      const failed = { actor: NOBODY, userId: account?.id ?? null, way: 'password', ip: address } as const;
      await record(pool, signInAct('userSignIn', failed), AuditOutcome.REFUSED);
      throw new AppError('UNAUTHENTICATED', 'The e-mail or the password is wrong.');
    }
    await limits.forget('account', email);
    await limits.giveBack('address', address);
    return session;
  }

  /**
   * Lets somebody in whom the OpenID provider vouches for.
   *
   * @throws AppError FORBIDDEN when there is no account for them, or it is disabled
   */
  async byProvider(person: OidcPerson, settings: OidcSettings, ip: string): Promise<OpenedSession> {
    const userId = await accountOf(this.options.pool, person, settings, ip);
    const session = await this.options.sessions.open({ userId }, { way: 'provider', ip });
    if (session === null) throw new AppError('FORBIDDEN', 'Your account is disabled. Ask an admin.');
    return session;
  }

  /**
   * Gives a user another password; all sessions of theirs are over, also the one it was asked in.
   *
   * @throws AppError BAD_USER_INPUT on `currentPassword` or `newPassword`; TooManyTries
   */
  async changePassword(userId: string, currentPassword: string, newPassword: string): Promise<void> {
    const { pool, limits, passwords } = this.options;
    const account = await this.#find('id = $1', userId);
    if (account === null) throw new AppError('NOT_FOUND', 'There is no such user.');
    checkPassword(newPassword, account.email, 'newPassword');
    await limits.charge('account', account.email);
    const { passwordHash } = account;
    const matches = await passwords.matches(currentPassword, passwordHash);
    const next = matches ? await passwords.hash(newPassword) : null;
    const done =
      next !== null &&
      passwordHash !== null &&
      (await setPassword(pool, { userId, passwordHash: next, previous: passwordHash }));
    if (!done) throw new AppError('BAD_USER_INPUT', 'currentPassword is wrong.', 'currentPassword');
    await limits.forget('account', account.email);
  }

  async #find(which: 'id = $1' | 'email = $1 and disabled_at is null', value: string): Promise<Account | null> {
    const { rows } = await this.options.pool.query<Account>(
      `select id, email, password_hash as "passwordHash" from user_account where ${which}`,
      [value],
    );
    return rows[0] ?? null;
  }
}
