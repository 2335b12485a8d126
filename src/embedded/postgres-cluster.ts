import { type SpawnOptions, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  lchownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { AppError } from '../errors.js';
import { unwritable } from './make-folder.js';
import { decideRunAs, type PostgresBinaries, type RunAs } from './postgres-binaries.js';

/** Name of the superuser and of the database. */
export const POSTGRES_NAME = 'heliograph';

/** A cluster on disk, ready to be started. */
export interface Cluster {
  /** The data directory, absolute and without symlinks. */
  path: string;
  /** Where the server writes its messages. */
  logFile: string;
  password: string;
  runAs: RunAs;
}

/**
 * Opens the cluster in the folder, and makes it when there is none.
 *
 * It is made beside its final name and renamed when it is whole, so that a process killed in the middle leaves nothing
 * that a later start would take for a database.
 *
 * @param dir what makeFolder returned
 * @param durable whether the new files are flushed to the disk; only tests can do without
 */
export async function openCluster(dir: string, binaries: PostgresBinaries, durable: boolean): Promise<Cluster> {
  try {
    const path = join(dir, 'cluster');
    const exists = existsSync(path);
    const runAs = decideRunAs(exists ? statSync(path).uid : undefined);
    const password = readPassword(dir, exists);
    removeHalfMade(dir);
    own(dir, runAs);
    const cluster = { path, password, runAs, logFile: join(dir, 'postgres.log') };
    if (!exists) await createCluster(dir, binaries, cluster, durable);
    return cluster;
  } catch (error) {
    throw error instanceof AppError ? error : unwritable(dir, error);
  }
}

function readPassword(dir: string, clusterExists: boolean): string {
  const file = join(dir, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (clusterExists) {
    throw new AppError(
      'UNAVAILABLE',
      `The database's password file ${file} is gone: put it back, or move the folder away.`,
    );
  }
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Root that runs the server as somebody else hands the folder over to them, links themselves and not what they lead to. */
function own(path: string, runAs: RunAs): void {
  if (runAs.uid === undefined || runAs.gid === undefined) return;
  const stat = lstatSync(path);
  if (stat.uid !== runAs.uid) lchownSync(path, runAs.uid, runAs.gid);
  if (stat.isDirectory()) for (const name of readdirSync(path)) own(join(path, name), runAs);
}

async function createCluster(
  dir: string,
  binaries: PostgresBinaries,
  cluster: Cluster,
  durable: boolean,
): Promise<void> {
  const fresh = join(dir, `cluster.new-${process.pid}-${randomBytes(4).toString('hex')}`);
  // The built-in C.UTF-8 sorts by code point and folds case by Unicode's rules, the same on every machine and version
  // (a system's own locales change with its C library, and with them the order that indexes rely on).
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${POSTGRES_NAME}`, `--pwfile=${join(dir, 'password')}`, '--auth=scram-sha-256'];
  const flags = durable ? ['--no-instructions'] : ['--no-instructions', '--no-sync'];
  await run(binaries.initdb, [`--pgdata=${fresh}`, ...locale, ...access, ...flags], cluster.runAs);
  const single = ['--single', '-D', fresh, ...(durable ? [] : ['-c', 'fsync=off']), 'postgres'];
  await run(binaries.postgres, single, cluster.runAs, `CREATE DATABASE ${POSTGRES_NAME}\n`);
  renameSync(fresh, cluster.path);
}

/** Half-made clusters of killed processes. One whose maker is still at it can't be removed yet; a later start will. */
function removeHalfMade(dir: string): void {
  for (const name of readdirSync(dir).filter((entry) => entry.startsWith('cluster.new-'))) {
    try {
      rmSync(join(dir, name), { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
    }
  }
}

/** Runs one of the short-lived programs to its end. */
async function run(binary: string, args: string[], runAs: RunAs, input = ''): Promise<void> {
  const child = spawnPostgres(binary, args, runAs, { stdio: ['pipe', 'ignore', 'pipe'] });
  const failed = once(child, 'error').then(([error]) => {
    throw new AppError(
      'UNAVAILABLE',
      `${binary} can't be run${runAs.uid === undefined ? '' : ` as user ${runAs.uid}, because root itself may not run it`} ` +
        `(${error.code}): start Heliograph as an ordinary user, or set DATABASE_URL.`,
    );
  });
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const [said, [code, signal]] = await Promise.race([Promise.all([text(child.stderr!), once(child, 'close')]), failed]);
  if (code === 0) return;
  throw new AppError('UNAVAILABLE', `The embedded database could not be made: ${lastComplaint(said) ?? signal}.`);
}

/**
 * Starts one of PostgreSQL's programs in a process group of its own, so that Ctrl-C in the terminal does not reach it
 * before the program that uses it has finished.
 */
export function spawnPostgres(binary: string, args: string[], runAs: RunAs, options: SpawnOptions) {
  const [program, ...rest] = [...runAs.prefix, binary, ...args];
  return spawn(program!, rest, {
    ...options,
    ...(runAs.uid === undefined ? {} : { uid: runAs.uid }),
    ...(runAs.gid === undefined ? {} : { gid: runAs.gid }),
    detached: true,
    // Nothing of the surroundings may change how it behaves (PGOPTIONS, PGDATA, a locale with another language).
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  });
}

/** The reason in what a PostgreSQL program said: its last error, without time and process number, on one line. */
export function lastComplaint(said: string): string | undefined {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const complaint = lines.findLast((line) => /\b(FATAL|PANIC|ERROR|error):/.test(line)) ?? lines.at(-1);
  return complaint?.replace(/^.*?\b(FATAL|PANIC|ERROR|error):\s*/, '').trim();
}
