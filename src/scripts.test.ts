import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isRunning } from './embedded/postmaster.js';
import { startChild } from './testing/child-program.js';

const ROOT = join(import.meta.dirname, '..');
const START = join(ROOT, 'scripts/start.mjs');

interface LockedPackage {
  optionalDependencies?: Record<string, string>;
}

function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph start '));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function startScript() {
  const launcher = startChild(process.execPath, [START], {
    cwd: temporaryFolder(),
    env: { CHANNEL: 'console', PORT: '0' },
  });
  onTestFinished(async () => {
    launcher.kill('SIGTERM');
    await launcher.ended;
  });
  return launcher;
}

async function programOf(launcher: { saying(pattern: RegExp): Promise<unknown>; pid: number }): Promise<number> {
  await launcher.saying(/"msg":"ready"/);
  return Number(readFileSync(`/proc/${launcher.pid}/task/${launcher.pid}/children`, 'utf8').trim().split(' ')[0]);
}

test.each(['start', 'test', 'build', 'check', 'cli'])(
  'npm run %s says in one line that Node is too old',
  async (name) => {
    const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'18.20.4'})`;
    const script = startChild(process.execPath, ['--import', pretend, join(ROOT, `scripts/${name}.mjs`)]);
    expect(await script.ended).toEqual({ code: 1, signal: null });
    expect(script.said).toMatch(/^Heliograph needs Node 20 or newer .*\n$/);
  },
);

test('npm start hands signals on, and ends as the program ends', async () => {
  const launcher = startScript();
  const program = await programOf(launcher);
  launcher.kill('SIGTERM');
  expect(await launcher.ended).toEqual({ code: 0, signal: null });
  expect(launcher.said).toContain('"msg":"stopped"');
  expect(isRunning(program)).toBe(false);
});

test('npm start leaves nothing running when the start script is killed', async () => {
  const launcher = startScript();
  const program = await programOf(launcher);
  launcher.kill('SIGKILL');
  await launcher.ended;
  expect(launcher.said).toContain('"msg":"stopped"');
  await expect.poll(() => isRunning(program)).toBe(false);
});

test('npm start ends with the code of a program that can not start', async () => {
  const launcher = startChild(process.execPath, [START], { cwd: temporaryFolder(), env: { PORT: 'none' } });
  expect(await launcher.ended).toEqual({ code: 1, signal: null });
  expect(launcher.said).toMatch(/PORT must be a whole number/);
});

test('the lockfile names every optional package, without which npm ci refuses a fresh clone', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
