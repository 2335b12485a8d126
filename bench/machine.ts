import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { findPostgresBinaries } from '../src/embedded/postgres-binaries.js';

/** On what, and of what, something was measured. */
export interface Machine {
  cores: number;
  processor: string;
  /** GB. */
  memory: number;
  node: string;
  postgres: string;
  /** Of the commit, with a word when files differ from it; null where git does not say. */
  commit: string | null;
  /** When it began, by the machine's clock, ISO 8601. */
  at: string;
  /** Mean number of processes that wanted a core in the minute before. */
  load: number;
}

/** Looked at before something is measured. */
export function lookAtMachine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memory: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: said(findPostgresBinaries().postgres, '--version')?.replace(/^.*?([\d.]+).*$/, '$1') ?? 'unknown',
    commit: commit(),
    at: new Date().toISOString(),
    load: loadavg()[0]!,
  };
}

/** In one line. */
export function sayMachine({ cores, processor, memory, node, postgres, commit, at, load }: Machine): string {
  return (
    `${cores} × ${processor}, ${memory} GB, Node ${node}, PostgreSQL ${postgres} embedded, ` +
    `commit ${commit ?? 'unknown'}, ${at.slice(0, 16).replace('T', ' ')} UTC, load ${load.toFixed(2)}`
  );
}

function commit(): string | null {
  const hash = said('git', 'rev-parse', '--short', 'HEAD');
  return (
    hash &&
    (said('git', 'status', '--porcelain', '--', 'src', 'bench', 'migrations', ':!bench/RESULTS.md')
      ? `${hash} and changes`
      : hash)
  );
}

function said(program: string, ...args: string[]): string | null {
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    return execFileSync(program, args, { encoding: 'utf8', cwd: import.meta.dirname, stdio }).trim();
  } catch {
    return null;
  }
}

/** Clock ticks a second in /proc; the same on every Linux that Node runs on. */
const TICKS = 100;

/** CPU time of a process so far, µs of one core, in steps of 10 ms. @throws Error where there is no /proc, or no such process */
export function cpuOf(pid: number): number {
  const { own } = times(pid);
  return own;
}

/**
 * The same of a PostgreSQL as a whole: the postmaster, its children that live, and those that have ended, whose time the
 * system adds to their parent's once it has collected them.
 */
export function cpuOfPostgres(postmaster: number): number {
  const { own, ended } = times(postmaster);
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + timeOf(Number(child)), own + ended);
}

/** A child may end between two looks. */
function timeOf(pid: number): number {
  try {
    return times(pid).own;
  } catch {
    return 0;
  }
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html fields 14 to 17: utime, stime, cutime, cstime */
function times(pid: number): { own: number; ended: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name may hold blanks and brackets; the third field follows its closing one.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
  const micros = (ticks: number) => (ticks * 1_000_000) / TICKS;
  return { own: micros(utime + stime), ended: micros(cutime + cstime) };
}

/** Resident memory of a process, MB: now, and at its highest. */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024;
  return { now: field('VmRSS'), most: field('VmHWM') };
}

/** What a process takes of the machine's memory, MB: of pages that several share, such as those of Node itself, its part. */
export function shareOfMemory(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024;
}
