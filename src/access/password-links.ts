import type pg from 'pg';
import { AppError } from '../errors.js';
import type { Mailer } from '../platform/mailer.js';
import { userAs } from './actor.js';
import { AuditOutcome } from './audit-event.js';
import { type AuditLog, record } from './audit-log.js';
import { checkPassword, type Passwords } from './password.js';
import { hashSecret, looksLikeSecret, newSecret } from './secret.js';
import type { OpenedSession, Sessions } from './sessions.js';
import { setPassword } from './set-password.js';
import { type FailedTries, NOBODY, signInAct, type Who } from './sign-in-act.js';
import type { SignInLimits } from './sign-in-limits.js';

/** How long a link lets a password be set. */
const LINK_LIFE = '1 hour';

export interface PasswordLinksOptions {
  pool: pg.Pool;
  sessions: Sessions;
  passwords: Passwords;
  limits: SignInLimits;
  audit: Pick<AuditLog, 'around'>;
  failures: Pick<FailedTries, 'note'>;
  /** Null: letters can't be sent, and an admin hands links over. */
  mailer: Mailer | null;
  /** The address people reach the server under, without a slash at the end. */
  baseUrl: () => string;
}

/** Who a link is for. */
export interface LinkHolder {
  id: string;
  email: string;
}

/** @param email in small letters @returns null: nobody has an account by it, or it is disabled */
export async function findLinkHolder(pool: pg.Pool, email: string): Promise<LinkHolder | null> {
  const { rows } = await pool.query<LinkHolder>(
    'select id, email from user_account where email = $1 and disabled_at is null',
    [email],
  );
  return rows[0] ?? null;
}

/**
 * Makes a link, good for one use within an hour. Those that are over are removed on the way.
 *
 * @param base the address people reach the server under, without a slash at the end
 * @param by who asked for it; left out: that is on record already
 */
export async function issuePasswordLink(pool: pg.Pool, base: string, user: LinkHolder, by?: Who): Promise<string> {
  const secret = newSecret();
  if (by) await record(pool, signInAct('userLink', { actor: by, userId: user.id, ip: null }), AuditOutcome.DONE);
  await pool.query('delete from session where expires_at < clock_timestamp()');
  await pool.query(
    `insert into session (secret_hash, kind, user_id, expires_at)
     values ($1, 'PASSWORD', $2, clock_timestamp() + $3::interval)`,
    [hashSecret(secret), user.id, LINK_LIFE],
  );
  // With the e-mail, so that password managers know whose password it is.
  return `${base}/reset-password#${secret}.${encodeURIComponent(user.email)}`;
}

/**
 * One-time links by which a person sets a password: an invitation, or the way back for who forgot it. The secret stands
 * behind the #, which browsers send to nobody: no log of a proxy has it, and a preview of the link does not use it up.
 */
export class PasswordLinks {
  constructor(private readonly options: PasswordLinksOptions) {}

  /**
   * Makes a link and mails it.
   *
   * @returns the link where no mail is set up: whoever asked hands it over. Null: it is on its way
   * @throws AppError UNAVAILABLE when the mail server does not take the letter
   */
  async hand(user: LinkHolder): Promise<string | null> {
    const link = await issuePasswordLink(this.options.pool, this.options.baseUrl(), user);
    if (this.options.mailer === null) return link;
    await this.options.mailer.send({
      to: user.email,
      subject: 'Set your password for Heliograph',
      text: `Open this link to set your password. It works once, within one hour:\n\n${link}\n\nIf you did not expect this letter, do nothing: nothing changes.\n`,
    });
    return null;
  }

  /** Mails a link to whoever has an account by this e-mail, and does nothing for others. Nobody waits for it: that would tell. */
  async mailTo(email: string, ip: string): Promise<void> {
    const { pool, mailer, audit } = this.options;
    if (mailer === null) return;
    const user = await findLinkHolder(pool, email);
    const asked = signInAct('passwordForget', { actor: NOBODY, userId: user?.id ?? null, ip });
    await audit.around(
      asked,
      async () => user && (await this.hand(user)),
      () => ({ outcome: user ? AuditOutcome.DONE : AuditOutcome.REFUSED }),
    );
  }

  /**
   * Uses a link up: its user has this password from now on, every session of theirs is over, and a new one is open. A
   * password that is refused leaves the link good.
   *
   * @throws AppError NOT_FOUND on `link`; BAD_USER_INPUT on `password`
   */
  async redeem(secret: string, password: string, ip: string): Promise<OpenedSession> {
    const { pool, passwords, sessions, limits, audit, failures } = this.options;
    const hash = looksLikeSecret(secret) ? hashSecret(secret) : '';
    const { rows } = await pool.query<LinkHolder & { isNew: boolean }>(
      `select u.id, u.email, u.password_hash is null and u.last_sign_in_at is null as "isNew" from session s join user_account u on u.id = s.user_id
       where s.secret_hash = $1 and s.kind = 'PASSWORD' and s.expires_at > clock_timestamp() and u.disabled_at is null`,
      [hash],
    );
    const user = rows[0];
    if (user === undefined) {
      await failures.note('passwordReset', { way: 'passwordLink', ip });
      throw linkIsOver();
    }
    checkPassword(password, user.email, 'password');
    const passwordHash = await passwords.hash(password);
    const act = { actor: userAs(user), userId: user.id, way: 'passwordLink', ip } as const;
    const session = await audit.around(
      signInAct(user.isNew ? 'invitationAccept' : 'passwordReset', act),
      async () => {
        const done = await setPassword(pool, { userId: user.id, passwordHash, link: hash });
        const opened = done ? await sessions.open({ userId: user.id, passwordHash }, act) : null;
        if (opened === null) throw linkIsOver();
        return opened;
      },
      () => ({ outcome: AuditOutcome.DONE }),
    );
    await limits.forget('account', user.email);
    return session;
  }
}

function linkIsOver(): AppError {
  return new AppError('NOT_FOUND', 'This link was used already, or its hour is over. Ask for a new one.', 'link');
}
