import type pg from 'pg';
import { inTransaction } from '../platform/transaction.js';
import { LINK_SESSION, userAs } from './actor.js';
import { AuditOutcome } from './audit-event.js';
import { record } from './audit-log.js';
import type { Role } from './permission.js';
import { hashSecret, looksLikeSecret, newSecret } from './secret.js';
import { type Arrival, signInAct, type Who } from './sign-in-act.js';

/** How long a one-time link opens anything. */
const LINK_LIFE = '1 hour';
/** How long a browser stays signed in. */
const SESSION_LIFE = '30 days';

/** A session just opened. */
export interface OpenedSession {
  /** For the browser's cookie; it is stored nowhere else. */
  secret: string;
  expiresAt: Date;
}

/** A session that holds, and whose it is. */
export interface LivingSession {
  /** By which it is known from here on. */
  hash: string;
  /** As the account stands now. Null: somebody who opened the one-time link of a server's start. */
  user: { id: string; email: string; role: Role } | null;
}

/** What a user must still be when a session is opened for them. */
export interface Proof {
  userId: string;
  /** The hash that the password was checked against; undefined: they came by another way. */
  passwordHash?: string;
}

/** One-time links, and the browser sessions that they and signing in open, each with its row in the audit log. Only hashes of secrets are stored; every moment is the database's. */
export class Sessions {
  constructor(private readonly pool: pg.Pool) {}

  /** Makes a link's secret, good for one use within an hour. Sessions and links that are over are removed on the way. */
  async issueLink(by: Who): Promise<string> {
    const secret = newSecret();
    await record(this.pool, signInAct('linkCreate', { actor: by, ip: null }), AuditOutcome.DONE);
    await this.pool.query('delete from session where expires_at < clock_timestamp()');
    await this.pool.query(
      `insert into session (secret_hash, kind, expires_at) values ($1, 'LINK', clock_timestamp() + $2::interval)`,
      [hashSecret(secret), LINK_LIFE],
    );
    return secret;
  }

  /**
   * Uses a link up and opens a session, in one statement: of two that come at once, the second waits for the row's lock
   * and then finds it used. Null: there is no such link, or it was used, or its hour is over.
   */
  async redeemLink(secret: string, ip: string): Promise<OpenedSession | null> {
    if (!looksLikeSecret(secret)) return null;
    const session = newSecret();
    return await inTransaction(this.pool, async (tx) => {
      const { rows } = await tx.query<{ expiresAt: Date }>(
        `with link as (
           update session set used_at = clock_timestamp()
           where secret_hash = $1 and kind = 'LINK' and used_at is null and expires_at > clock_timestamp()
           returning 1
         )
         insert into session (secret_hash, kind, expires_at)
         select $2, 'SESSION', clock_timestamp() + $3::interval from link
         returning expires_at as "expiresAt"`,
        [hashSecret(secret), hashSecret(session), SESSION_LIFE],
      );
      if (rows[0] === undefined) return null;
      const act = signInAct('userSignIn', { actor: LINK_SESSION, way: 'oneTimeLink', ip });
      await record(tx, act, AuditOutcome.DONE);
      return { secret: session, expiresAt: rows[0].expiresAt };
    });
  }

  /**
   * Signs a user in. Their row is locked against changes meanwhile: whoever disables them or changes the password at the
   * same moment comes before it, and then there is no session, or after it, and ends it.
   *
   * @returns null: they are disabled, or have another password by now
   */
  async open({ userId, passwordHash }: Proof, arrival: Arrival): Promise<OpenedSession | null> {
    const secret = newSecret();
    return await inTransaction(this.pool, async (tx) => {
      const { rows } = await tx.query<{ id: string; email: string; expiresAt: Date }>(
        `with still as (
           select id, email from user_account
           where id = $1 and disabled_at is null and ($2::text is null or password_hash = $2) for no key update
         ), seen as (
           update user_account u set last_sign_in_at = clock_timestamp() from still where u.id = still.id
         ), opened as (
           insert into session (secret_hash, kind, user_id, expires_at)
           select $3, 'SESSION', id, clock_timestamp() + $4::interval from still
           returning expires_at as "expiresAt"
         )
         select * from still, opened`,
        [userId, passwordHash ?? null, hashSecret(secret), SESSION_LIFE],
      );
      const [user] = rows;
      if (user === undefined) return null;
      const act = signInAct('userSignIn', { actor: userAs(user), userId, ...arrival });
      await record(tx, act, AuditOutcome.DONE);
      return { secret, expiresAt: user.expiresAt };
    });
  }

  /** The session of a cookie; null: there is no such session, or it is over. */
  async find(secret: string): Promise<LivingSession | null> {
    if (!looksLikeSecret(secret)) return null;
    const [session] = await this.living([hashSecret(secret)]);
    return session ?? null;
  }

  /** Which of these sessions still hold, and whose they are. */
  async living(hashes: readonly string[]): Promise<LivingSession[]> {
    const { rows } = await this.pool.query<{ hash: string; id: string | null; email: string; role: Role }>({
      name: 'living-sessions',
      text: `select s.secret_hash as hash, u.id, u.email, u.role
             from session s left join user_account u on u.id = s.user_id
             where s.secret_hash = any($1) and s.kind = 'SESSION' and s.expires_at > clock_timestamp()
               and u.disabled_at is null`,
      values: [hashes],
    });
    return rows.map(({ hash, id, email, role }) => ({ hash, user: id === null ? null : { id, email, role } }));
  }

  /** Ends a session at once. */
  async end(hash: string): Promise<void> {
    await this.pool.query(`delete from session where secret_hash = $1 and kind = 'SESSION'`, [hash]);
  }
}
