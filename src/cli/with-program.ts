import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { Actor } from '../access/actor.js';
import type { EditParts } from '../mailing/lifecycle-parts.js';
import type { Call } from './call.js';
import type { ExitCode } from './command.js';
import { CLI, withDatabase } from './with-database.js';

/** Whoever sits at the command line has the database's password, and may do everything. */
export const CLI_ACTOR = new Actor({ ...CLI, role: 'admin' });

/** What commands work with that do what the API does: by its functions, and on its record. */
export interface Program extends EditParts {
  em: EntityManager;
  pool: pg.Pool;
  databaseUrl: string;
  /**
   * Does something that changes what there is, on record.
   *
   * @param action as the mutation is named that does the same: `mailingStart`
   * @param subjectId what it is done to; null: something new
   * @param fields the names of what was given
   * @param made the id of what it made
   * @throws what `work` throws
   */
  act<T>(
    action: string,
    subjectId: string | null,
    fields: readonly string[],
    work: () => Promise<T>,
    made?: (result: T) => string,
  ): Promise<T>;
}

/** Does some work with the parts of the program, on the database that the settings mean. */
export async function withProgram(call: Call, work: (program: Program) => Promise<ExitCode>): Promise<ExitCode> {
  const [{ createOrm }, { entities }, { AuditLog, nounOf }, { AuditOutcome }, { ChangeBell }, { createLogger }] =
    await Promise.all([
      import('../platform/orm.js'),
      import('../entities.js'),
      import('../access/audit-log.js'),
      import('../access/audit-event.js'),
      import('../live/change-bell.js'),
      import('../platform/log.js'),
    ]);
  const { gateway } = call.config();
  return await withDatabase(call, { make: false }, async (pool, databaseUrl) => {
    // What a command does it says itself, and what goes wrong is thrown.
    const log = createLogger({ level: 'silent', pretty: false });
    const orm = await createOrm({ databaseUrl, entities, poolSize: 2 });
    const bell = new ChangeBell(pool);
    const audit = new AuditLog(pool, log);
    // A bell that is not rung costs a second: the sweep finds in the rows what is to be done.
    const scheduler = { ring: async () => {} };
    const timeoutMs = () => gateway.timeoutMs;
    try {
      return await work({
        ...{ pool, databaseUrl, em: orm.em.fork(), bell, log, scheduler, timeoutMs },
        act: (action, subjectId, fields, run, made) =>
          audit.around(
            { actor: CLI_ACTOR, action, subjectKind: nounOf(action), subjectId, fields, ip: null },
            run,
            (result) => ({ outcome: AuditOutcome.DONE, subjectId: made?.(result) }),
          ),
      });
    } finally {
      await bell.flush();
      await orm.close();
    }
  });
}
