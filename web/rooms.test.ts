import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/** What every room may use: these rooms, and who is signed in. */
const GROUND = ['api', 'generated', 'i18n', 'theme', 'ui'];
const VIEWER = 'shell/viewer.js';
/** Which room may use which others besides. */
const ALSO: Record<string, readonly string[]> = {
  mailing: ['steer', 'report'],
  steer: ['report'],
};

const files = globSync('**/*.{ts,tsx}', { cwd: import.meta.dirname }).filter(
  (file) => file.includes('/') && !file.startsWith('generated/') && !/\.test\.tsx?$|^e2e\//.test(file),
);
const roomOf = (file: string) => file.split('/')[0]!;

/** The files that a file takes from. */
function takenBy(file: string): string[] {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8');
  const paths = [...source.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) => path!);
  return paths.map((path) => normalize(join(dirname(file), path)));
}

it('a room of the dashboard takes from the ground and from who is signed in, not from other rooms; the shell loads them all', () => {
  const strays = files
    .filter((file) => roomOf(file) !== 'shell')
    .flatMap((file) => {
      const own = roomOf(file);
      const allowed = [own, ...GROUND, ...(ALSO[own] ?? [])];
      return takenBy(file)
        .filter((taken) => taken !== VIEWER && !allowed.includes(roomOf(taken)))
        .map((taken) => `${file} takes ${taken}`);
    });
  expect(strays).toEqual([]);
});

it("a class of one room's styles is no other room's too: styles stay once a page was looked at", () => {
  // Pages of their own, which never meet the others.
  const APART = ['graphiql', 'guide', 'redoc', 'report', 'sign-in', 'theme'];
  const rooms = new Map<string, Set<string>>();
  for (const file of globSync('*/*.css', { cwd: import.meta.dirname })) {
    if (APART.includes(roomOf(file))) continue;
    const styles = readFileSync(join(import.meta.dirname, file), 'utf8').replace(/\/\*.*?\*\//gs, '');
    // What a rule is about at first: `.rows .sub` is about rows.
    for (const [, name] of styles.matchAll(/(?:^|[,{}])\s*\.([\w-]+)/g)) {
      rooms.set(name!, (rooms.get(name!) ?? new Set()).add(roomOf(file)));
    }
  }
  expect(rooms.get('pills')).toEqual(new Set(['shell']));
  expect([...rooms].filter(([, of]) => of.size > 1)).toEqual([]);
});
