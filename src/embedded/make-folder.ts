import { accessSync, constants, mkdirSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AppError } from '../errors.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EEXIST: 'there is a file in its place',
  ENOTDIR: 'there is a file in its place',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/**
 * Makes a folder inside the data folder, open to its owner alone, and checks that it can be written.
 *
 * @returns its absolute path without symlinks
 * @throws AppError UNAVAILABLE when it can't be
 */
export function makeFolder(dir: string): string {
  try {
    // Only the folder itself is closed: another user the database may have to run as must get to its own.
    mkdirSync(dirname(resolve(dir)), { recursive: true });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    return realpathSync(dir);
  } catch (error) {
    throw unwritable(dir, error);
  }
}

/** What is said of a folder that can't be written, with the reason the system gave. */
export function unwritable(dir: string, error: unknown): AppError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new AppError(
    'UNAVAILABLE',
    `The data folder ${dir} can't be written (${REASONS[code] ?? code}): set DATA_DIR to a folder that can.`,
  );
}
