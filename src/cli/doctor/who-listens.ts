import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The state of a socket that listens, as /proc/net/tcp has it (proc(5)). */
const LISTEN = '0A';

/**
 * The program that listens on a TCP port, on Linux: `node (process 123)`.
 *
 * @returns null: that is not to be found out here, or not by this user
 */
export function whoListens(port: number): string | null {
  try {
    const sockets = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => socketsOn(port, file));
    const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && holds(name, sockets));
    return pid === undefined ? null : `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
  } catch {
    return null;
  }
}

function socketsOn(port: number, file: string): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTEN)
    .map((fields) => `socket:[${fields[9]}]`);
}

function holds(pid: string, sockets: readonly string[]): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return sockets.includes(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    // Somebody else's, or gone by now.
    return false;
  }
}
