import { startEmbeddedPostgres } from '../embedded/embedded-postgres.js';

// A process that starts the embedded Postgres and then only waits: for tests that kill it.
const [dir = '', settings = '{}'] = process.argv.slice(2);
try {
  const postgres = await startEmbeddedPostgres({ dir, settings: JSON.parse(settings) });
  process.stdout.write(`ready ${postgres.pid} ${postgres.url}\n`);
  setInterval(() => {}, 60_000);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
