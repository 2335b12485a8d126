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

/** What the check of a commit says of a run in which one test passed and these were skipped. */
function verdictOn(skipped: string[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'heliograph-verdict-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const outcomes = [
    { fullName: 'one', status: 'passed' },
    ...skipped.map((fullName) => ({ fullName, status: 'skipped' })),
  ];
  const results = { testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: outcomes }] };
  writeFileSync(join(dir, 'results.json'), JSON.stringify(results));
  const script = join(ROOT, 'scripts/ci-verdict.mjs');
  return spawnSync(process.execPath, [script, join(dir, 'results.json'), '0', '0', '0'], { encoding: 'utf8' }).stdout;
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
