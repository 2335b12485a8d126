import { spawn } from 'node:child_process';

/**
 * Runs a program to its end.
 * @returns {Promise<{ ok: boolean, said: string }>} whether its exit code was 0, and both of its outputs together
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (chunk) => {
      said += chunk;
    };
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('close', (code) => resolve({ ok: code === 0, said }));
  });
}

/** An error that is said in its own words alone, without where in the code it happened. */
export function expected(message) {
  return Object.assign(new Error(message), { expected: true });
}
