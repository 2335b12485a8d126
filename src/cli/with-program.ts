import type { EntityManager } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { Actor } from '../access/actor.js';
import type { EditParts } from '../mailing/lifecycle-parts.js';
import { type Acting, acting } from './acting.js';
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
  act: Acting;
}

/** Does some work with the parts of the program, on the database that the settings mean. */
export async function withProgram(call: Call, work: (program: Program) => Promise<ExitCode>): Promise<ExitCode> {
  const [{ createOrm }, { entities }, { ChangeBell }, { createLogger }] = await Promise.all([
    import('../platform/orm.js'),
    import('../entities.js'),
    import('../live/change-bell.js'),
    import('../platform/log.js'),
  ]);
  const { gateway } = call.config();
  return await withDatabase(call, { make: false }, async (pool, databaseUrl) => {
    // What a command does it says itself, and what goes wrong is thrown.
    const log = createLogger({ level: 'silent', pretty: false });
    const orm = await createOrm({ databaseUrl, entities, poolSize: 2 });
    const bell = new ChangeBell(pool);
    // A bell that is not rung costs a second: the sweep finds in the rows what is to be done.
    const scheduler = { ring: async () => {} };
    const timeoutMs = () => gateway.timeoutMs;
    try {
      return await work({
        ...{ pool, databaseUrl, em: orm.em.fork(), bell, log, scheduler, timeoutMs },
        act: await acting(pool),
      });
    } finally {
      await bell.flush();
      await orm.close();
    }
  });
}
