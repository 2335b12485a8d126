import 'reflect-metadata';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/embedded/embedded-postgres.js';
import { entities } from '../src/entities.js';
import { createOrm } from '../src/platform/orm.js';

/**
 * `npm run migration -- <name>`: has the generator write what is missing between the migrations and the entities, on a
 * database made for the purpose. Only the way forward, as nothing goes back (docs/deploy.md). The new class is then named in
 * migrations/all.ts by hand.
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
  const { up } = await orm.schema.getUpdateSchemaMigrationSQL({ wrap: false });
  await orm.close();
  const statements = up.split(/;\s*\n/).map((statement) => statement.replace(/;\s*$/, '').trim());
  process.stdout.write(await write(name, statements.filter(Boolean)));
} finally {
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}

/** @returns what was done, for a person */
async function write(name: string, statements: readonly string[]): Promise<string> {
  if (statements.length === 0) return 'The entities describe what the migrations make: nothing to write.\n';
  const at = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const className = `Migration${at}${name.replace(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase())}`;
  const sql = statements.map((statement) => `    this.addSql(\`${statement.replaceAll('`', '\\`')}\`);\n`).join('');
  const text = `import { Migration } from '@mikro-orm/migrations';

/** What it is for. */
export class ${className} extends Migration {
  override up(): void {
    this.addSql(\`set local lock_timeout = '1s'\`);
${sql}  }
}
`;
  await writeFile(new URL(`../../migrations/${at}-${name}.ts`, import.meta.url), text);
  return `migrations/${at}-${name}.ts is written. Read it, say what it is for, then add { name: '${at}-${name}', class: ${className} } to migrations/all.ts.\n`;
}
