import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

/** `/data/app.log` → `/data`, `app`, `.log`. */
function partsOf(path: string) {
  const end = extname(path);
  return { dir: dirname(path), name: basename(path, end), end };
}

/**
 * Gives a log file a name of its own beside it, by the moment of its last line: `app.20261122T005912345Z.3fa2c1.log`, a little later
 * where an earlier file has that moment: systems tell times of files apart by some ms only. The end is by chance, so that two who do it
 * in the same moment overwrite nothing. Then removes the oldest.
 *
 * @param seen the file that is meant: if somebody else was faster, nothing is done
 * @param files how many stay
 */
export async function putAside(path: string, seen: Stats, files: number): Promise<void> {
  const { dir, name, end } = partsOf(path);
  try {
    if ((await stat(path)).ino !== seen.ino) return;
    const before = (await rotatedFiles(path)).at(-1);
    const at = new Date(Math.max(seen.mtimeMs, before === undefined ? 0 : momentOf(before) + 1));
    const moment = at.toISOString().replaceAll(/[-:.]/g, '');
    await rename(path, join(dir, `${name}.${moment}.${randomBytes(3).toString('hex')}${end}`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const old = (await rotatedFiles(path)).slice(0, -files);
  for (const file of old) await rm(file, { force: true });
}

/** In the name of a file that was put aside, ms since the epoch. Digits that are no date give some number, too. */
function momentOf(file: string): number {
  const digits = /\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.[\da-f]{6}[^/]*$/.exec(file)!;
  const [, year, month, day, hour, minute, second, ms] = digits.map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute, second, ms);
}

/** The files that were put aside, the oldest first. None where there is no such folder. */
export async function rotatedFiles(path: string): Promise<string[]> {
  const { dir, name, end } = partsOf(path);
  const pattern = /^\.\d{8}T\d{9}Z\.[\da-f]{6}$/;
  const names = await readdir(dir).catch(() => []);
  return names
    .filter(
      (each) =>
        each.startsWith(name) && each.endsWith(end) && pattern.test(each.slice(name.length, -end.length || undefined)),
    )
    .sort()
    .map((each) => join(dir, each));
}
