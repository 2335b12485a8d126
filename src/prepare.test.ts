import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startChild } from './testing/child-program.js';

/** A repository that has the scripts, nothing to install and next to nothing to build. */
function emptyRepository(): string {
  const root = mkdtempSync(join(tmpdir(), 'heliograph prepare '));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync(join(import.meta.dirname, '../scripts'), join(root, 'scripts'), { recursive: true });
  mkdirSync(join(root, 'node_modules'));
  for (const lockfile of ['package-lock.json', 'node_modules/.package-lock.json']) {
    writeFileSync(join(root, lockfile), '{"packages":{}}');
  }
  return root;
}

function build(root: string, ...nodeOptions: string[]) {
  const script = join(root, 'scripts/build.mjs');
  const child = startChild(process.execPath, [...nodeOptions, script, '--despite-type-errors'], { cwd: root });
  onTestFinished(() => child.kill('SIGKILL'));
  return child;
}

/** Root may write everywhere, so the system's refusal is played: every write ends as it does in a folder of somebody else. */
function refusing(name: 'writeFileSync' | 'mkdirSync'): string {
  const code = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
    fs.${name} = (path) => { throw Object.assign(new Error('EACCES'), { code: 'EACCES', path }); };
    syncBuiltinESMExports();`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

test.each([
  ['writeFileSync', 'node_modules/.heliograph-installed'],
  ['mkdirSync', 'dist'],
] as const)('says in one line that the folder can not be written (%s)', async (name, file) => {
  const root = emptyRepository();
  const child = build(root, '--import', refusing(name));
  expect(await child.ended).toEqual({ code: 1, signal: null });
  const lines = child.said.trimEnd().split('\n');
  expect(lines.at(-1)).toContain(`${join(root, file)} can't be written (permission denied): `);
  expect(lines.filter((line) => line !== 'Building … failed')).toHaveLength(1);
});

test('says that it waits for another install or build, and goes on after it', async () => {
  const root = emptyRepository();
  const { dev, ino } = statSync(root);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(`\0heliograph-prepare-${dev}-${ino}`, resolve));
  onTestFinished(() => void other.close());
  const child = build(root);
  await child.saying(/^Waiting for another install or build of this folder …\n$/);
  other.close();
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(child.said.match(/Waiting/g)).toHaveLength(1);
  expect(existsSync(join(root, 'dist/.program'))).toBe(true);
});
