import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
let built: Promise<unknown> | undefined;

/**
 * The compiled form of a source file, for tests that start real processes. What has changed is compiled first.
 *
 * @param source path from the repository's folder: `src/main.ts`
 * @returns the absolute path of the `.js` file
 */
export async function builtFile(source: string): Promise<string> {
  built ??= promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build.mjs'), '--despite-type-errors']);
  await built;
  return join(ROOT, 'dist', source.replace(/\.ts$/, '.js'));
}
