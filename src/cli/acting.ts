import type pg from 'pg';
import { CLI } from './with-database.js';

/**
 * Does something that changes what there is, on record.
 *
 * @param action as the mutation is named that does the same, where there is one: `mailingStart`
 * @param subjectId what it is done to; null: something new, or many
 * @param fields the names of what was given
 * @param made the id of what it made, or found; undefined: of nothing that has one
 * @throws what `work` throws
 */
export type Acting = <T>(
  action: string,
  subjectId: string | null,
  fields: readonly string[],
  work: () => Promise<T>,
  made?: (result: T) => string | undefined,
) => Promise<T>;

/** What is done at the command line is on record as what is done by the API is. */
export async function acting(pool: pg.Pool): Promise<Acting> {
  const [{ AuditLog, nounOf }, { AuditOutcome }, { createLogger }] = await Promise.all([
    import('../access/audit-log.js'),
    import('../access/audit-event.js'),
    import('../platform/log.js'),
  ]);
  const audit = new AuditLog(pool, createLogger({ level: 'silent', pretty: false }));
  return (action, subjectId, fields, work, made) =>
    audit.around({ actor: CLI, action, subjectKind: nounOf(action), subjectId, fields, ip: null }, work, (result) => ({
      outcome: AuditOutcome.DONE,
      subjectId: made?.(result),
    }));
}
