import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** The full names of single tests that run under a condition, read from the sources. */
function conditionalTests(): string[] {
  return globSync('src/**/*.test.ts', { cwd: ROOT }).flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^test\.(?:runIf|skipIf)\(.*?\)\('(.+?)',/gm)].map(
      ([, name = '']) => name,
    ),
  );
}

/** What the check of a commit says of a run in which one test passed, these were skipped, and the rest ended so. */
function verdictOn(skipped: string[], rest = ['check=0', 'test=0', 'audit -- --short=0']): string {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph-verdict-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const outcomes = [
    { fullName: 'one', status: 'passed' },
    ...skipped.map((fullName) => ({ fullName, status: 'skipped' })),
  ];
  const results = { testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: outcomes }] };
  writeFileSync(join(dir, 'results.json'), JSON.stringify(results));
  const script = join(ROOT, 'scripts/ci-verdict.mjs');
  return spawnSync(process.execPath, [script, join(dir, 'results.json'), ...rest], { encoding: 'utf8' }).stdout;
}

test('docs/testing.md names every test that is skipped for an ordinary user', () => {
  const names = conditionalTests();
  expect(names).toContain('runs a cluster that belongs to somebody else as its owner');
  expect(verdictOn(names)).toBe('1 passed, 0 failed\n');
});

test('a test that is skipped for no written reason fails the check', () => {
  const verdict = verdictOn(['never heard of']);
  expect(verdict).toContain('docs/testing.md does not say why: never heard of\n');
  expect(verdict).toMatch(/^1 passed, 1 failed\n$/m);
});

test('a whole family of tests may be named by how they begin', () => {
  const family = 'integration tests httpServerTests.ts incremental delivery tests that require graphql@17';
  expect(verdictOn([`${family} basic @defer works`])).toBe('1 passed, 0 failed\n');
  expect(verdictOn(['integration tests httpServerTests.ts another'])).toContain('1 failed');
});

test('whatever else was run and did not end well fails the check, by its name', () => {
  const verdict = verdictOn([], ['check=0', 'test=0', 'audit -- --short=2', 'fleet -- --rounds 1=0']);
  expect(verdict).toContain('npm run audit -- --short found something, or could not be run');
  expect(verdict).toMatch(/^1 passed, 1 failed\n$/m);
  expect(verdictOn([], ['check=0', 'test=1'])).toContain('npm test ended with code 1');
  expect(verdictOn([], ['check=0'])).toContain('npm test ended with code undefined');
});
