import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/embedded/embedded-postgres.js';
import { entities } from '../src/entities.js';
import { createOrm } from '../src/platform/orm.js';

/**
 * `npm run migration -- <name>`: has the generator write what is missing between the migrations and the entities, on a
 * database made for the purpose. The new class is then named in migrations/all.ts by hand.
 */
const name = process.argv[2];
if (!name || !/^[a-z0-9-]+$/.test(name)) {
  process.stderr.write('Usage: npm run migration -- <name-in-lower-case>\n');
  process.exit(2);
}
const dir = await mkdtemp(join(tmpdir(), 'heliograph-migration-'));
const postgres = await startEmbeddedPostgres({ dir });
try {
  const orm = await createOrm({ databaseUrl: postgres.url, entities });
  await orm.migrator.up();
  const { fileName, diff } = await orm.migrator.create(undefined, false, false, name);
  await orm.close();
  process.stdout.write(
    diff.up.length === 0
      ? 'The entities describe what the migrations make: nothing to write.\n'
      : `migrations/${fileName} is written. Read it, then add its class to migrations/all.ts.\n`,
  );
} finally {
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}
