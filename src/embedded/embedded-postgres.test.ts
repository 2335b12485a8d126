import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { builtFile } from '../testing/built.js';
import { startChild } from '../testing/child-program.js';
import { chownTree } from '../testing/chown-tree.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { findPostgresBinaries, nobody } from './postgres-binaries.js';
import { isRunning } from './postmaster.js';

const UNSAFE_BUT_FAST = { fsync: 'off', shared_buffers: '16MB' };

/** A folder with a space in its name, as people have them. */
function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph postgres '));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function start(dir: string, settings: Record<string, string> = UNSAFE_BUT_FAST) {
  const postgres = await startEmbeddedPostgres({ dir, settings });
  onTestFinished(() => postgres.stop());
  return postgres;
}

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Another process that holds a Postgres on the folder. */
async function startHolder(dir: string, settings = UNSAFE_BUT_FAST) {
  const holder = startChild(process.execPath, [
    await builtFile('src/testing/hold-postgres.ts'),
    dir,
    JSON.stringify(settings),
  ]);
  onTestFinished(async () => {
    holder.kill('SIGKILL');
    await holder.ended;
  });
  return holder;
}

/** Kills the holder as a power cut would, and leaves its Postgres behind. */
async function orphan(dir: string, settings = UNSAFE_BUT_FAST) {
  const holder = await startHolder(dir, settings);
  const [, pid = '', url = ''] = await holder.saying(/ready (\d+) (\S+)/);
  holder.kill('SIGKILL');
  await holder.ended;
  expect(isRunning(Number(pid))).toBe(true);
  return { pid: Number(pid), url };
}

test('starts on an empty folder with UTF-8, one sort order everywhere, UTC and the settings that were passed', async () => {
  const postgres = await start(temporaryFolder(), { ...UNSAFE_BUT_FAST, max_connections: '37' });
  const [row] = await query(
    postgres.url,
    `select current_database() as database, pg_encoding_to_char(encoding) as encoding, datlocale as locale,
       lower('ЁЛКА') as lower, 'Z' < 'a' as by_code_point, current_setting('TimeZone') as zone,
       current_setting('max_connections') as connections, current_setting('listen_addresses') as host
     from pg_database where datname = current_database()`,
  );
  expect(row).toEqual({
    database: 'heliograph',
    encoding: 'UTF8',
    locale: 'C.UTF-8',
    lower: 'ёлка',
    by_code_point: true,
    zone: 'UTC',
    connections: '37',
    host: '127.0.0.1',
  });
});

test('lets nobody in without the password, which only its owner can read', async () => {
  const dir = temporaryFolder();
  const postgres = await start(dir);
  const stranger = new URL(postgres.url);
  stranger.password = 'wrong';
  await expect(query(stranger.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  expect(statSync(join(dir, 'password')).mode & 0o777).toBe(0o600);
});

test('keeps what was written over a stop and a start', async () => {
  const dir = temporaryFolder();
  const first = await start(dir);
  await query(first.url, 'create table kept as select 42 as answer');
  await first.stop();
  expect(isRunning(first.pid)).toBe(false);
  const second = await start(dir);
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

test('may be stopped twice', async () => {
  const postgres = await start(temporaryFolder());
  await Promise.all([postgres.stop(), postgres.stop()]);
  await postgres.stop();
  expect(isRunning(postgres.pid)).toBe(false);
});

test('takes over the server of a process that was killed', async () => {
  const dir = temporaryFolder();
  const left = await orphan(dir);
  await query(left.url, 'create table kept as select 42 as answer');
  const postgres = await start(dir);
  expect([postgres.pid, postgres.url]).toEqual([left.pid, left.url]);
  expect(await query(postgres.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  await postgres.stop();
  expect(isRunning(left.pid)).toBe(false);
});

test('replaces a server left behind that has other settings', async () => {
  const dir = temporaryFolder();
  const left = await orphan(dir);
  await query(left.url, 'create table kept as select 42 as answer');
  const postgres = await start(dir, { ...UNSAFE_BUT_FAST, max_connections: '41' });
  expect(isRunning(left.pid)).toBe(false);
  expect(await query(postgres.url, `select answer, current_setting('max_connections') as n from kept`)).toEqual([
    { answer: 42, n: '41' },
  ]);
});

test('is not fooled by the note of a server that is long gone, whoever has its process number now', async () => {
  const dir = temporaryFolder();
  const first = await start(dir);
  const note = readFileSync(join(dir, 'cluster/postmaster.pid'), 'utf8');
  await first.stop();
  const bystander = startChild(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  onTestFinished(() => bystander.kill('SIGKILL'));
  writeFileSync(join(dir, 'cluster/postmaster.pid'), note.replace(/^\d+/, String(bystander.pid)));
  const second = await start(dir);
  expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(isRunning(bystander.pid)).toBe(true);
});

test('goes on where it was when its server is killed, on the same address', async () => {
  const postgres = await start(temporaryFolder());
  await query(postgres.url, 'create table kept as select 42 as answer');
  const before = { pid: postgres.pid, url: postgres.url };
  process.kill(before.pid, 'SIGKILL');
  await expect.poll(() => query(postgres.url, 'select answer from kept').catch(() => 'away')).toEqual([{ answer: 42 }]);
  expect(postgres.url).toBe(before.url);
  expect(postgres.pid).not.toBe(before.pid);
});

test('says in one line which process uses the folder already', async () => {
  const dir = temporaryFolder();
  const holder = await startHolder(dir);
  const [, pid, url = ''] = await holder.saying(/ready (\d+) (\S+)/);
  await expect(startEmbeddedPostgres({ dir })).rejects.toMatchObject({
    name: 'AppError',
    code: 'CONFLICT',
    message: `The data folder ${dir} is in use by process ${holder.pid}: stop it, or set DATA_DIR.`,
  });
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(isRunning(Number(pid))).toBe(true);
  holder.kill('SIGTERM');
  await holder.ended;
  process.kill(Number(pid), 'SIGINT');
  await expect.poll(() => isRunning(Number(pid))).toBe(false);
});

test('lets one of many that start on one empty folder have it', async () => {
  const dir = temporaryFolder();
  const starts = await Promise.allSettled(Array.from({ length: 5 }, () => start(dir)));
  expect(starts.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  for (const outcome of starts) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONFLICT' });
  }
});

test('starts over when a process was killed while it made the cluster', async () => {
  const dir = temporaryFolder();
  const holder = await startHolder(dir);
  await expect.poll(() => statSync(join(dir, 'password'), { throwIfNoEntry: false })).toBeDefined();
  holder.kill('SIGKILL');
  await holder.ended;
  const postgres = await start(dir);
  expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('says in one line that the folder can not be written', async () => {
  const file = join(temporaryFolder(), 'a file');
  writeFileSync(file, '');
  const failure = await startEmbeddedPostgres({ dir: join(file, 'postgres') }).catch((error) => error);
  expect(failure).toMatchObject({ name: 'AppError', code: 'UNAVAILABLE' });
  expect(failure.message).toMatch(
    /^The data folder .*a file\/postgres can't be written \(there is a file in its place\): set DATA_DIR/,
  );
  expect(failure.message).not.toContain('\n');
});

test('says in one line what the server said when it does not start', async () => {
  const failure = await startEmbeddedPostgres({
    dir: temporaryFolder(),
    settings: { ...UNSAFE_BUT_FAST, max_connections: 'many' },
  }).catch((error) => error);
  expect(failure).toMatchObject({ name: 'AppError', code: 'UNAVAILABLE' });
  expect(failure.message).toMatch(/^The embedded database could not be started: .*max_connections.*\.$/);
  expect(failure.message).not.toContain('\n');
});

test('keeps phones out of the log of the server', async () => {
  const dir = temporaryFolder();
  const postgres = await start(dir);
  await query(postgres.url, 'create table client (phone text primary key)');
  const twice = `insert into client values ('79161234567'), ('79161234567')`;
  await expect(query(postgres.url, twice)).rejects.toThrow(/duplicate key/);
  await expect(query(postgres.url, `select '79161234567x'::bigint`)).rejects.toThrow(/invalid input/);
  await postgres.stop();
  expect(readFileSync(join(dir, 'postgres.log'), 'utf8')).not.toContain('79161234567');
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)('runs a cluster that belongs to somebody else as its owner', async () => {
  const dir = temporaryFolder();
  const postgres = await start(dir);
  await postgres.stop();
  chownTree(dir, 65_534);
  const again = await start(dir);
  expect(statSync(`/proc/${again.pid}`).uid).toBe(65_534);
  expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

/** In a repository under /root, say, nobody else can run anything. */
const othersCanRunIt =
  isRoot && spawnSync(findPostgresBinaries().postgres, ['--version'], { uid: nobody().uid ?? 0 }).status === 0;

test.runIf(othersCanRunIt)('runs as nobody for a root that may not make namespaces', async () => {
  const dir = temporaryFolder();
  const args = [await builtFile('src/testing/hold-postgres.ts'), dir, JSON.stringify(UNSAFE_BUT_FAST)];
  // Without a PATH there is no `unshare`, which looks the same as one that is refused.
  const holder = startChild(process.execPath, args, { env: { PATH: '/nowhere' } });
  onTestFinished(() => holder.kill('SIGKILL'));
  const [, pid, url = ''] = await holder.saying(/ready (\d+) (\S+)/);
  expect(statSync(`/proc/${pid}`).uid).toBe(nobody().uid);
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  holder.kill('SIGKILL');
  await holder.ended;
  const postgres = await start(dir);
  expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});
