import { expect, it } from 'vitest';
import { createApp } from './app.js';
import { loadConfig } from './config.js';
import { recordingLog, send } from './testing/running-api.js';
import { createTestDatabase } from './testing/test-database.js';

it('answers people over connections that claims do not need', async () => {
  const database = await createTestDatabase();
  const config = loadConfig({ PORT: '0', CHANNEL: 'console' });
  const app = await createApp(config, { log: recordingLog().log, databaseUrl: database.url });
  try {
    expect((await send(`${app.url}/readyz`)).body.parts.database).toBe(true);
    const { rows } = await database.pool.query<{ name: string; query: string }>(
      `select application_name as name, query from pg_stat_activity where datname = current_database()`,
    );
    // A pool opens no connection before somebody needs one.
    expect(rows.map(({ name }) => name)).toContain('heliograph api');
    expect(rows).not.toContainEqual({ name: 'heliograph all', query: 'select 1' });
  } finally {
    await app.close();
    await database.drop();
  }
});
