import type pg from 'pg';
import type { Logger } from '../platform/log.js';
import { Mailer } from '../platform/mailer.js';
import type { SignInConfig } from '../sign-in-settings.js';
import type { AuditLog } from './audit-log.js';
import { Oidc } from './oidc.js';
import { Passwords } from './password.js';
import { PasswordLinks } from './password-links.js';
import { Sessions } from './sessions.js';
import { SignIn } from './sign-in.js';
import { FailedTries } from './sign-in-act.js';
import { SignInLimits } from './sign-in-limits.js';

/** All that the ways in are made of. */
export interface SignInParts {
  sessions: Sessions;
  limits: SignInLimits;
  signIn: SignIn;
  links: PasswordLinks;
  failures: FailedTries;
  /** Null: no provider is set up. */
  oidc: Oidc | null;
  /** Whether letters can be sent. */
  canMail: boolean;
}

/** @param baseUrl the address people reach the server under, without a slash at the end; known once it listens */
export function createSignIn(
  {
    pool,
    config,
    log,
    audit,
  }: { pool: pg.Pool; config: Pick<SignInConfig, 'mail' | 'oidc'>; log: Logger; audit: AuditLog },
  baseUrl: () => string,
): SignInParts {
  const limits = new SignInLimits(pool);
  const failures = new FailedTries(pool, limits);
  const parts = { pool, audit, limits, failures, sessions: new Sessions(pool), passwords: new Passwords() };
  const mailer = config.mail && new Mailer(config.mail.url, config.mail.from, log);
  return {
    ...parts,
    signIn: new SignIn(parts),
    links: new PasswordLinks({ ...parts, mailer, baseUrl }),
    oidc: config.oidc && new Oidc(config.oidc, baseUrl, log),
    canMail: mailer !== null,
  };
}
