import type { Command } from './command.js';
import { withDatabase } from './with-database.js';

export const migrateCommand: Command = {
  name: 'migrate',
  does: 'bring the database to the newest schema',
  more: 'A start does the same. Doing it apart lets one process migrate before many start.',
  examples: [{ line: 'migrate', does: 'bring the database to the newest schema' }],
  async run(call) {
    const { migrate } = await import('../platform/migrate.js');
    return await withDatabase(call, { make: true }, async (_pool, url) => {
      const count = await migrate(url);
      call.say(count === 0 ? 'The database is up to date.' : `Brought the database up to date by ${count} migrations.`);
      return 0;
    });
  },
};
