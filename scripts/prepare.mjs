import { existsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from './compile.mjs';
import { install } from './install.mjs';
import { expected } from './run.mjs';

/** The repository's own folder; the scripts work from any other. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = (name) => join(root, name);

/**
 * Installs and builds what is missing or out of date, and does nothing, fast, when nothing is.
 *
 * @param {{ strict?: boolean }} [options] strict: a type error is a reason to stop
 * @returns {Promise<{ node: string, file: (name: string) => string }>} the Node 24 to go on with, and the absolute path
 *   of a file of the repository
 */
export async function prepare(options = {}) {
  try {
    const done = await oneAtATime();
    await install(root);
    const node = findNode();
    await build(root, node, options.strict ?? false);
    done();
    return { node, file };
  } catch (error) {
    process.stderr.write(`${complaint(error)}\n`);
    process.exit(1);
  }
}

/** What the system says when the repository's folder can't be written. */
const UNWRITABLE = { EACCES: 'permission denied', EPERM: 'permission denied', EROFS: 'the file system is read-only' };

/** What stands in the way, for a person: expected troubles in one line, faults of the scripts with their place. */
function complaint(error) {
  if (error.expected) return error.message;
  if (!(error.code in UNWRITABLE)) return error.stack;
  return (
    `${error.path ?? root} can't be written (${UNWRITABLE[error.code]}): Heliograph installs and builds inside its folder, ` +
    'so start it as the user the folder belongs to, or clone it again.'
  );
}

/** How long another install or build is waited for in silence, in ms. */
const SILENCE_MS = 1_000;

/** npm itself brings Node 24, as a package for the processors we know; a Node 24 of the machine's own will do as well. */
function findNode() {
  const brought = file('node_modules/.bin/node');
  if (existsSync(brought)) return brought;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw expected(
    `Heliograph runs on Node 24. npm brings it for Linux on x64 and arm64, not for ${process.platform} on ${process.arch}: ` +
      `install Node 24 and start again (this is ${process.version}).`,
  );
}

/**
 * Two scripts at once must not install or build over each other. The lock is a socket without a file (Linux), so it ends
 * with its process.
 */
async function oneAtATime() {
  if (process.platform !== 'linux') return () => {};
  const { dev, ino } = statSync(root);
  const since = Date.now();
  for (let told = false; ; ) {
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(`\0heliograph-prepare-${dev}-${ino}`, () => resolve(true));
    });
    if (free) return () => server.close();
    if (!told && Date.now() - since > SILENCE_MS) {
      told = true;
      process.stderr.write('Waiting for another install or build of this folder …\n');
    }
    await sleep(50);
  }
}
