import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a running postmaster tells of itself in `postmaster.pid`. */
export interface Postmaster {
  pid: number;
  /** Its TCP port; undefined in the first moments, before it listens. */
  port: number | undefined;
  status: 'starting' | 'stopping' | 'ready' | 'standby' | undefined;
}

/**
 * Reads who runs on a cluster.
 *
 * The file stays behind when a machine or a process is killed, and its number may since belong to another program, so
 * the process is believed only when it works in that very directory (a postmaster changes into its data directory).
 *
 * @param cluster absolute path of the data directory, without symlinks
 * @returns undefined when nobody does
 * @see https://www.postgresql.org/docs/18/storage-file-layout.html for postmaster.pid
 */
export function findPostmaster(cluster: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isRunning(pid) || !worksIn(pid, cluster)) return undefined;
  const port = Number(lines[3]);
  return { pid, port: port > 0 ? port : undefined, status: lines[7]?.trim() as Postmaster['status'] };
}

function worksIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch (error) {
    // No /proc (another system): the process number has to do. Not allowed to look: it is somebody else's process.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}

/**
 * Makes the note of a dead server harmless when its process number has since gone to another program: PostgreSQL sees
 * that number alive and would refuse to start, in a container after every crash.
 *
 * The note is not removed, because it also names the dead server's shared memory, by which the new one finds out
 * whether sessions of the old are still at work. It is given our own number instead: PostgreSQL takes a note with its
 * parent's number for a stale one.
 *
 * @param cluster absolute path of a data directory on which findPostmaster found nobody
 */
export function disownStaleNote(cluster: string): void {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return;
  const note = readFileSync(file, 'utf8');
  const pid = Number.parseInt(note, 10);
  if (pid > 1 && isRunning(pid) && worksElsewhere(pid, cluster)) {
    writeFileSync(file, note.replace(/^\d+/, String(process.pid)));
  }
}

/** Only when that can be seen: a process of another user may be a server of theirs on this very folder. */
function worksElsewhere(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) !== folder;
  } catch {
    return false;
  }
}

/** Whether a process runs. One that has ended and was not yet collected by its parent counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The state follows the command's name, which is in brackets and may itself hold brackets.
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return process.platform !== 'linux';
  }
}

/** The program a process runs, or undefined where that can't be seen. A program replaced on disk ends in ` (deleted)`. */
export function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}
