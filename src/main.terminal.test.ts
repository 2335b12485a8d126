import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isRunning } from './embedded/postmaster.js';
import { findRunning } from './embedded/running-file.js';
import { builtFile } from './testing/built.js';

/** Of util-linux: runs a command on a terminal of its own, which is gone when it is killed. */
const hasScript = spawnSync('script', ['--version']).status === 0;

test.runIf(hasScript)('ends, and its database with it, when its terminal is closed', { timeout: 60_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph-terminal-'));
  const dataDir = join(dir, '.data');
  const main = await builtFile('src/main.ts');
  const env = { ...process.env, PORT: '0', DEMO: 'false', CHANNEL: 'console', DATA_DIR: dataDir };
  const command = `exec "${process.execPath}" "${main}"`;
  const terminal = spawn('script', ['-qfc', command, '/dev/null'], {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let pid = 0;
  onTestFinished(() => {
    terminal.kill('SIGKILL');
    if (pid > 0 && isRunning(pid)) process.kill(pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });
  terminal.stdout.resume();
  await expect.poll(() => findRunning(dataDir)?.pid, { timeout: 30_000 }).toBeDefined();
  pid = findRunning(dataDir)?.pid ?? 0;
  terminal.kill('SIGKILL');
  await once(terminal, 'exit');
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
  expect(findRunning(dataDir)).toBeUndefined();
});
