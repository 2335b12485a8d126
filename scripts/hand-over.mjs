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
  const npm = options.endWithNpm ? findNpm() : undefined;
  if (npm === undefined) return;
  const timer = setInterval(() => {
    if (exists(npm)) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, LOOK_MS);
  timer.unref();
}

/** The npm that started us is our parent, or the parent of the shell between; undefined when we were started directly. */
function findNpm() {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  try {
    for (let pid = process.ppid, steps = 0; pid > 1 && steps < 3; steps++) {
      if (/^(npm|node\0.*npm)/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return pid;
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    }
  } catch {
    // No /proc on this system: the program then ends with this process only.
  }
  return undefined;
}

function exists(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
