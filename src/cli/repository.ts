import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Call } from './call.js';
import type { ExitCode } from './command.js';

/** The repository's folder, seen from here and from dist alike. */
export const ROOT = findRoot(import.meta.dirname);

/** What a command takes that makes a file of the repository. */
export const KEEPING = {
  check: { does: 'compare the file in the repository with it' },
  write: { does: 'write it to the file in the repository' },
};

/** Writes what the code says to a file of the repository, or compares that with it. */
export function keep(call: Call, name: string, made: string, command: string): ExitCode {
  const file = join(ROOT, name);
  if (call.flags.has('write')) writeFileSync(file, made);
  else if (readFileSync(file, 'utf8') !== made) {
    call.complain(`${name} is not what the code says: npm run cli -- ${command} --write`);
    return 1;
  }
  return 0;
}

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));
}
