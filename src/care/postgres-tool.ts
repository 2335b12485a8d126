import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { AppError } from '../errors.js';

/** PostgreSQL's own programs that backups are made and restored with. */
export type PostgresTool = 'pg_dump' | 'pg_restore';

/**
 * Runs one of PostgreSQL's programs against a database. Its address goes over the environment (libpq's PGHOST and the like), never
 * over the arguments, which everybody on the machine can read.
 *
 * The package that brings the embedded server has none of these programs, and pg_dump refuses a server newer than itself.
 *
 * @throws AppError UNAVAILABLE when there is no such program, it is older than the server, or it fails, with what it said
 */
export async function runPostgresTool(tool: PostgresTool, args: readonly string[], databaseUrl: string): Promise<void> {
  await checkVersion(tool, databaseUrl);
  const { code, said } = await run(tool, [...args, '--no-password'], connectionEnvironment(databaseUrl));
  if (code !== 0) throw new AppError('UNAVAILABLE', `${tool} failed: ${said.trim().split('\n').slice(-3).join(' ')}`);
}

/** `host=…` and its kin as libpq reads them from the environment. */
function connectionEnvironment(databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl);
  const sslmode = url.searchParams.get('sslmode');
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    PGHOST: url.hostname.replace(/^\[|\]$/g, ''),
    PGPORT: url.port || '5432',
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
    ...(sslmode !== null && { PGSSLMODE: sslmode }),
  };
}

async function checkVersion(tool: PostgresTool, databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int / 10000 as version`,
  );
  await client.end();
  const needed = rows[0]!.version;
  const { said } = await run(tool, ['--version'], {});
  const version = Number(/\(PostgreSQL\) (\d+)/.exec(said)?.[1] ?? 0);
  if (version >= needed) return;
  throw new AppError(
    'UNAVAILABLE',
    `The server is PostgreSQL ${needed}, and ${tool} is of version ${version}: install PostgreSQL's client programs of version ${needed} or newer, and see that they come first in PATH.`,
  );
}

async function run(tool: PostgresTool, args: string[], env: Record<string, string>) {
  const child = spawn(tool, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const failed = once(child, 'error').then(() => {
    throw new AppError(
      'UNAVAILABLE',
      `There is no ${tool} in PATH: install PostgreSQL's client programs (Debian: postgresql-client). Or copy the data folder while nothing runs on it (docs/backup.md).`,
    );
  });
  const [out, errors, [code]] = await Promise.race([
    Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]),
    failed,
  ]);
  return { code: code as number | null, said: out + errors };
}
