import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** One guard of the code, and the test that sees it missing: `npm run guards` takes it out and expects that test to fail. */
interface Guard {
  /** What it guards, and how: `lease: nobody claims what another has in hand`. */
  guard: string;
  file: string;
  /** The exact text that is the guard, and what is left without it. */
  changes: { find: string; put: string }[];
  test: string;
  title: string;
}

const guards: Guard[] = JSON.parse(readFileSync(join(ROOT, 'scripts/guards.json'), 'utf8'));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

test('scripts/guards.json finds each guard in the code, exactly once', () => {
  const moved = guards.flatMap(({ guard, file, changes }) =>
    changes
      .map(({ find }) => ({ guard, file, find, times: read(file).split(find).length - 1 }))
      .filter(({ times }) => times !== 1),
  );
  expect(moved).toEqual([]);
});

test('each guard has a name of its own, and a test file that is there', () => {
  expect(new Set(guards.map(({ guard }) => guard)).size).toBe(guards.length);
  for (const { test: file } of guards) expect(read(file)).not.toBe('');
});
