import type pg from 'pg';
import { AppError } from '../errors.js';
import { inTransaction } from '../platform/transaction.js';
import type { OidcSettings } from '../sign-in-settings.js';
import { AuditOutcome } from './audit-event.js';
import { record } from './audit-log.js';
import type { OidcPerson } from './oidc.js';
import type { Role } from './permission.js';
import { PROVIDER, signInAct } from './sign-in-act.js';

interface Known {
  id: string;
  role: Role;
  subject: string | null;
}

/**
 * The account of somebody whom the provider vouches for: the one they came by before, else the one with their e-mail, else
 * a new one where the settings give it a role. With a role claim the provider decides on roles, each time anew.
 *
 * @returns the user's id
 * @throws AppError FORBIDDEN when no role is theirs, or the e-mail's account is somebody else's at the provider
 */
export async function accountOf(
  pool: pg.Pool,
  person: OidcPerson,
  settings: OidcSettings,
  ip: string,
): Promise<string> {
  const { subject, email, name } = person;
  const id = await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<Known>(
      `select id, role, oidc_subject as subject from user_account where oidc_subject = $1 or email = $2
       order by oidc_subject is not distinct from $1 desc limit 1 for update`,
      [subject, email],
    );
    const [known] = rows;
    const role = roleOf(person, known, settings);
    if (role === null || (known && known.subject !== null && known.subject !== subject)) return null;
    const written = known
      ? await tx.query<{ id: string }>(
          'update user_account set oidc_subject = $2, role = $3 where id = $1 returning id',
          [known.id, subject, role],
        )
      : await tx.query<{ id: string }>(
          `insert into user_account (email, name, role, oidc_subject) values ($1, $2, $3, $4)
           on conflict do nothing returning id`,
          [email, name, role, subject],
        );
    const userId = written.rows[0]?.id;
    if (userId === undefined) return null;
    // As where an admin changes it (users.ts): who made a link for what this user was may hold less than they are now.
    if (known && known.role !== role) {
      await tx.query(`delete from session where user_id = $1 and kind = 'PASSWORD'`, [userId]);
    }
    const fields = changed(known, role);
    const act = signInAct(known ? 'userUpdate' : 'userCreate', {
      actor: PROVIDER,
      userId,
      way: 'provider',
      ip,
      fields,
    });
    if (fields.length > 0) await record(tx, act, AuditOutcome.DONE);
    return userId;
  });
  if (id === null) throw new AppError('FORBIDDEN', 'You have no account here. Ask an admin to invite you.');
  return id;
}

/** What about an account is the provider's doing just now, for the audit log. */
function changed(known: Known | undefined, role: Role): string[] {
  if (known === undefined) return ['email', 'name', 'role'];
  return [...(known.subject === null ? ['oidcSubject'] : []), ...(known.role === role ? [] : ['role'])];
}

function roleOf(person: OidcPerson, known: Known | undefined, settings: OidcSettings): Role | null {
  const given = settings.roleClaim === null ? known?.role : person.role;
  return given ?? settings.defaultRole;
}
