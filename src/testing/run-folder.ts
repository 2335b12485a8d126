import { chmodSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../embedded/postmaster.js';

const NAME = /^heliograph-test-(\d+)-/;
/** How long what is asked to end may take before it is killed, ms. */
const GRACE_MS = 2_000;

/** Makes a folder for all that a test run writes outside the repository; its name says which process owns it. */
export function makeRunFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), `heliograph-test-${process.pid}-`));
  // Root's PostgreSQL may run as another user, who has to find its own folder in this one.
  chmodSync(dir, 0o711);
  return dir;
}

/** Ends and removes what killed runs have left behind. Other users' leftovers stay: they are not ours to end. */
export async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.match(NAME)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) await removeRunFolder(join(tmpdir(), name));
  }
}

/** Ends every process that works in the folder (a PostgreSQL, a program under test), and removes it. */
export async function removeRunFolder(dir: string): Promise<void> {
  // PostgreSQL takes SIGQUIT for "at once", and gives its shared memory back.
  for (const pid of processesIn(dir)) signal(pid, 'SIGQUIT');
  const deadline = performance.now() + GRACE_MS;
  while (processesIn(dir).length > 0 && performance.now() < deadline) await sleep(25);
  for (const pid of processesIn(dir)) signal(pid, 'SIGKILL');
  try {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    process.stderr.write(`What a killed test run left in ${dir} could not be removed: ${(error as Error).message}\n`);
  }
}

/** Processes whose working folder is this one or lies in it; where there is no /proc, none is found. */
function processesIn(dir: string): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && `${workingFolder(pid)}${sep}`.startsWith(dir + sep));
  } catch {
    return [];
  }
}

/** Nothing for a process that is gone, or not ours to ask. */
function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
