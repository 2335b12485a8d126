import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expected, run } from './run.mjs';

/**
 * Runs `npm ci` when node_modules is absent or not what package-lock.json says.
 * @param {string} root the repository's folder
 */
export async function install(root) {
  const lockfile = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules/.heliograph-installed');
  const hash = createHash('sha256').update(lockfile).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  if (!holds(root, JSON.parse(lockfile))) await installAll(root);
  writeFileSync(stamp, hash);
}

/** Whether npm's own note of what it installed agrees with the lockfile: somebody may have called npm by hand. */
function holds(root, lockfile) {
  const note = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(note)) return false;
  const installed = JSON.parse(readFileSync(note, 'utf8')).packages;
  return Object.entries(lockfile.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    // Packages for other machines are in the lockfile and not in the folder.
    return found
      ? found.version === wanted.version
      : wanted.optional === true || wanted.devOptional === true || wanted.peer === true;
  });
}

async function installAll(root) {
  const since = Date.now();
  process.stderr.write('Installing the packages (one to three minutes) … ');
  // Set to production, npm would leave out the compiler.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const { ok, said } = npm
    ? await run(process.execPath, [npm, ...args], { cwd: root })
    : await run('npm', args, { cwd: root });
  process.stderr.write(ok ? `done in ${Math.round((Date.now() - since) / 1000)} s\n` : 'failed\n');
  if (!ok) throw expected(said.trim());
}
