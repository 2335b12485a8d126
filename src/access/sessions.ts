import type pg from 'pg';
import { hashSecret, looksLikeSecret, newSecret } from './secret.js';

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

/** One-time links and the browser sessions they open. Only hashes of secrets are stored; every moment is the database's. */
export class Sessions {
  constructor(private readonly pool: pg.Pool) {}

  /** Makes a link's secret, good for one use within an hour. Sessions and links that are over are removed on the way. */
  async issueLink(): Promise<string> {
    const secret = newSecret();
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
  async redeemLink(secret: string): Promise<OpenedSession | null> {
    if (!looksLikeSecret(secret)) return null;
    const session = newSecret();
    const { rows } = await this.pool.query<{ expiresAt: Date }>(
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
    return rows[0] ? { secret: session, expiresAt: rows[0].expiresAt } : null;
  }

  /** The hash by which the session of a cookie is known from here on; null: there is no such session, or it is over. */
  async find(secret: string): Promise<string | null> {
    if (!looksLikeSecret(secret)) return null;
    const hash = hashSecret(secret);
    return (await this.living([hash])).has(hash) ? hash : null;
  }

  /** Which of these sessions still hold. */
  async living(hashes: readonly string[]): Promise<Set<string>> {
    const { rows } = await this.pool.query<{ hash: string }>({
      name: 'living-sessions',
      text: `select secret_hash as hash from session
             where secret_hash = any($1) and kind = 'SESSION' and expires_at > clock_timestamp()`,
      values: [hashes],
    });
    return new Set(rows.map(({ hash }) => hash));
  }

  /** Ends a session at once. */
  async end(hash: string): Promise<void> {
    await this.pool.query(`delete from session where secret_hash = $1 and kind = 'SESSION'`, [hash]);
  }
}
