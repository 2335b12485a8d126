import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How often it is looked whether npm is still there, in ms. */
const LOOK_MS = 250;

/**
 * Lets another program take this one's place, as far as Node can: same terminal, signals go through, its exit code is ours.
 *
 * Ctrl-C reaches the program from the terminal and once more from here (and npm passes signals on, too); the program
 * takes signals that come together as one.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ endWithNpm?: boolean }} [options] endWithNpm: the program is told to stop when this process, or the npm that
 *   started it, is killed, so that nothing goes on unseen
 */
export function handOver(program, args, options = {}) {
  const child = spawn(program, args, {
    stdio: options.endWithNpm ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    env: {
      // Compiled code is kept from one start to the next: a quarter off a warm start.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/heliograph', import.meta.url)),
      ...process.env,
      PATH: [dirname(program), process.env.PATH].join(delimiter),
    },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(`${program} can't be run on this machine (${error.message}).\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    // A signal that does not end this process must not leave it hanging.
    setTimeout(() => process.exit(1), 1000);
  });
  if (!options.endWithNpm || !isNpm(process.ppid)) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    // Whoever loses its parent is given another.
    if (process.ppid === npm) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, LOOK_MS);
  timer.unref();
}

function isNpm(pid) {
  try {
    return /^npm|^\S*node\0.*npm/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    // No /proc on this system: the program then ends with this process only.
    return false;
  }
}
