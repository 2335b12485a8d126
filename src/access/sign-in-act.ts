import type pg from 'pg';
import type { Actor } from './actor.js';
import { AuditOutcome } from './audit-event.js';
import { type Act, record } from './audit-log.js';
import { type SignInLimits, TooManyTries } from './sign-in-limits.js';

/** As the audit log writes somebody down. */
export type Who = Pick<Actor, 'id' | 'name'>;
/** Who tried and did not get in, or asks for a letter: anybody. What they typed as an e-mail is not written down. */
export const NOBODY: Who = { id: 'nobody', name: 'nobody' };
/** The OpenID provider, where it makes an account or gives another role. */
export const PROVIDER: Who = { id: 'oidc', name: 'oidc' };

/** How somebody comes in, and from which address. */
export interface Arrival {
  way: 'password' | 'passwordLink' | 'provider' | 'oneTimeLink';
  /** Null: from within. */
  ip: string | null;
}

interface Parts extends Partial<Arrival> {
  actor: Who;
  /** Whom it is about; null: nobody with an account, or nobody knows. */
  userId?: string | null;
  ip: string | null;
  fields?: readonly string[];
}

/** What people do around signing in, which is no mutation, as the audit log has it. */
export function signInAct(action: string, { actor, userId = null, way, ip, fields = [] }: Parts): Act {
  return { actor, action, subjectKind: 'user', subjectId: userId, fields, ip, ...(way && { way }) };
}

/** Writes down tries to come in that failed: of each address so many as the limit lets through, or they would fill the log. */
export class FailedTries {
  constructor(
    private readonly pool: pg.Pool,
    private readonly limits: Pick<SignInLimits, 'charge'>,
  ) {}

  /** @throws what pg throws */
  async note(action: string, { way, ip }: { way: Arrival['way']; ip: string }): Promise<void> {
    try {
      await this.limits.charge('failure', ip);
    } catch (error) {
      if (error instanceof TooManyTries) return;
      throw error;
    }
    await record(this.pool, signInAct(action, { actor: NOBODY, way, ip }), AuditOutcome.REFUSED);
  }
}
