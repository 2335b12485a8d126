import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './command.js';
import { ROOT } from './repository.js';
import { withDatabase } from './with-database.js';

export const seedCommand: Command = {
  name: 'seed',
  does: 'load the example clients (examples/clients.csv)',
  more: 'Their phones belong to nobody. Those that are there already are brought up to date.',
  examples: [{ line: 'seed', does: 'load 10,000 example clients' }],
  async run(call) {
    const { migrate } = await import('../platform/migrate.js');
    const { importClients } = await import('../bulk/import-clients.js');
    return await withDatabase(call, { make: true }, async (pool, url) => {
      await migrate(url);
      const { imported } = await importClients(pool, createReadStream(join(ROOT, 'examples/clients.csv')));
      call.say(`${imported.toLocaleString('en-US')} example clients are there.`);
      return 0;
    });
  },
};
