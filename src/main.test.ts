import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, onTestFinished, test } from 'vitest';
import { findPostmaster, isRunning } from './embedded/postmaster.js';
import { findRunning, noteRunning } from './embedded/running-file.js';
import { builtFile } from './testing/built.js';
import { type ChildProgram, startChild } from './testing/child-program.js';

/** A folder to start the program in, with a space in its name. */
function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'heliograph main '));
}

/** Making a cluster takes longest of all: most tests start the program on the one that the first has made. */
const dir = makeFolder();
const programs: ChildProgram[] = [];
afterEach(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await Promise.all(programs.splice(0).map((program) => program.ended));
  const postmaster = postmasterOf(dir);
  if (postmaster) process.kill(postmaster.pid, 'SIGQUIT');
  await expect.poll(() => postmaster !== undefined && isRunning(postmaster.pid)).toBe(false);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** For a start that comes to no database. */
function emptyFolder(): string {
  const empty = makeFolder();
  onTestFinished(() => rmSync(empty, { recursive: true, force: true }));
  return empty;
}

/** Sends nothing anywhere, on a free port. */
const QUIET = { CHANNEL: 'console', PORT: '0' };

async function startProgram(cwd: string, env: Record<string, string> = {}): Promise<ChildProgram> {
  const program = startChild(process.execPath, [await builtFile('src/main.ts')], { cwd, env: { ...QUIET, ...env } });
  programs.push(program);
  return program;
}

const READY = /"msg":"ready"/;

function postmasterOf(dir: string) {
  return findPostmaster(join(dir, '.data/postgres/cluster'));
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'starts, serves, and on %s ends with code 0, its Postgres too',
  async (signal) => {
    const program = await startProgram(dir);
    const [, url = ''] = await program.saying(/Dashboard +(http:\/\/127\.0\.0\.1:\d+)\//);
    await program.saying(READY);
    expect((await fetch(url)).status).toBeLessThan(500);
    expect(findRunning(join(dir, '.data'))).toMatchObject({ pid: program.pid, url, state: 'running' });
    const postmaster = postmasterOf(dir);
    program.kill(signal);
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(isRunning(postmaster?.pid ?? 0)).toBe(false);
    expect(existsSync(join(dir, '.data/heliograph.json'))).toBe(false);
    expect(program.said).toContain('"msg":"stopped"');
  },
);

test('shows its addresses and a link to sign in', async () => {
  const program = await startProgram(dir);
  await program.saying(READY);
  expect(program.said).toMatch(/Dashboard +http:\S+\/\n/);
  expect(program.said).toMatch(/GraphiQL +http:\S+\/graphiql\n/);
  expect(program.said).toMatch(/API docs +http:\S+\/guide +REST: http:\S+\/docs\n/);
  expect(program.said).toMatch(/Sign in +http:\S+\n +once, within an hour, .*npm run cli -- link\n/);
});

test('notes no password where other commands look for what runs', async () => {
  const program = await startProgram(dir);
  await program.saying(READY);
  const password = readFileSync(join(dir, '.data/postgres/password'), 'utf8').trim();
  expect(readFileSync(join(dir, '.data/heliograph.json'), 'utf8')).not.toContain(password);
  expect(program.said).not.toContain(password);
});

test('starts by itself after a kill −9, on the data it had', async () => {
  const killed = await startProgram(dir);
  await killed.saying(READY);
  const postmaster = postmasterOf(dir);
  killed.kill('SIGKILL');
  await killed.ended;
  expect(isRunning(postmaster?.pid ?? 0)).toBe(true);
  const next = await startProgram(dir);
  await next.saying(READY);
  expect(findRunning(join(dir, '.data'))?.pid).toBe(next.pid);
  next.kill('SIGTERM');
  expect(await next.ended).toEqual({ code: 0, signal: null });
  expect(postmasterOf(dir)).toBeUndefined();
});

test('takes signals that come together as one, as Ctrl-C under npm sends them', async () => {
  const program = await startProgram(dir);
  await program.saying(READY);
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) program.kill(signal);
  expect(await program.ended).toEqual({ code: 0, signal: null });
});

test('says in one line that the port is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await expect.poll(() => server.address()).not.toBeNull();
  const port = (server.address() as { port: number }).port;
  const program = await startProgram(dir, { PORT: String(port), LOG_LEVEL: 'silent' });
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.said).toBe(`Port ${port} on 127.0.0.1 is taken by another program: stop that one, or set PORT.\n`);
});

test('says in one line that the data folder can not be written', async () => {
  const dir = emptyFolder();
  writeFileSync(join(dir, 'file'), '');
  const program = await startProgram(dir, { DATA_DIR: 'file', LOG_LEVEL: 'silent' });
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.said).toMatch(/^The data folder .*file\/postgres can't be written \(there is a file .*DATA_DIR.*\n$/);
  expect(program.said.trimEnd()).not.toContain('\n');
});

test('says in one line which process has the data folder', async () => {
  const first = await startProgram(dir);
  const [, url = ''] = await first.saying(/Dashboard +(http:\S+)\/\n/);
  await first.saying(READY);
  const second = await startProgram(dir, { LOG_LEVEL: 'silent' });
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.said).toMatch(/^The data folder [^\n]*\n$/);
  expect(second.said).toContain(` is in use by process ${first.pid} (${url}): stop it, or set DATA_DIR.\n`);
});

test('waits for a predecessor that is stopping', async () => {
  const postgresDir = join(dir, '.data/postgres');
  const holder = startChild(process.execPath, [await builtFile('src/testing/hold-postgres.ts'), postgresDir]);
  onTestFinished(() => holder.kill('SIGKILL'));
  await holder.saying(/ready/);
  noteRunning(join(dir, '.data'), {
    pid: holder.pid,
    startedAt: new Date().toISOString(),
    state: 'stopping',
    url: null,
    databaseUrl: 'postgres://127.0.0.1/heliograph',
    databasePasswordFile: null,
    simulatorDir: null,
  });
  const program = await startProgram(dir);
  await program.saying(new RegExp(`Waiting for process ${holder.pid}, which is stopping`));
  holder.kill('SIGKILL');
  await program.saying(READY);
});

test('lists everything that is wrong with the settings, and starts nothing', async () => {
  const dir = emptyFolder();
  writeFileSync(join(dir, '.env'), 'ROLE=boss\nPORT=4000\n');
  const program = await startProgram(dir, { PORT: 'none', LOG_LEVEL: 'loud' });
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.said.split('\n')).toEqual([
    'Some settings are wrong:',
    '  PORT must be a whole number from 0 to 65535',
    '  ROLE must be one of all, api, worker',
    expect.stringMatching(/^ {2}LOG_LEVEL must be one of trace, /),
    '',
  ]);
  expect(existsSync(join(dir, '.data'))).toBe(false);
});

test('says in one line that Node is too old', async () => {
  const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'22.1.0'})`;
  const program = startChild(process.execPath, ['--import', pretend, await builtFile('src/main.ts')]);
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.said).toMatch(/^Heliograph runs on Node 24, .*\n$/);
});

test('goes on when nobody reads its output any more, and still stops cleanly', async () => {
  const main = await builtFile('src/main.ts');
  const env = { ...process.env, ...QUIET, DATA_DIR: join(dir, '.data') };
  const program = spawn(process.execPath, [main], { cwd: dir, env, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void program.kill('SIGKILL'));
  await once(program.stdout, 'data');
  program.stdout.destroy();
  await expect.poll(() => findRunning(join(dir, '.data'))?.state, { timeout: 10_000 }).toBe('running');
  program.kill('SIGTERM');
  expect(await once(program, 'exit')).toEqual([0, null]);
});
