import { closeSync, openSync } from 'node:fs';

/**
 * Whether the process belongs to a terminal. Its SIGHUP then means that the terminal was closed; without one it is the old way
 * of asking a service to read its settings again.
 */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
