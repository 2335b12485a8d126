import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Row {
  number: number;
  tests: { file: string; title: string }[];
}

/** The rows of docs/faults.md: a file in backticks, and after it the titles of its tests in quotation marks. */
function listedRows(): Row[] {
  const page = readFileSync(join(ROOT, 'docs/faults.md'), 'utf8');
  return [...page.matchAll(/^\| (\d+) \|.*\| ([^|]*) \|$/gm)].map(([, number, cell = '']) => ({
    number: Number(number),
    tests: [...cell.matchAll(/`([^`]+\.ts)`: ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, file = '', titles = '']) =>
      [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
    ),
  }));
}

const rows = listedRows();

test('docs/faults.md has every fault that has to be shown, and tests for each, named once', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1));
  expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]);
  const twice = (row: Row) => new Set(row.tests.map((listed) => JSON.stringify(listed))).size < row.tests.length;
  expect(rows.filter(twice)).toEqual([]);
});

test('every test that docs/faults.md names exists in its file', () => {
  const exists = ({ file, title }: Row['tests'][number]) => {
    const path = join(ROOT, file);
    return existsSync(path) && readFileSync(path, 'utf8').includes(`'${title}'`);
  };
  expect(rows.flatMap(({ tests }) => tests.filter((listed) => !exists(listed)))).toEqual([]);
});

test('every test that names its fault stands in docs/faults.md', () => {
  const listed = new Set(rows.flatMap(({ tests }) => tests.map(({ title }) => title)));
  const files = globSync('{src,chaos,migrations,web}/**/*.test.ts', { cwd: ROOT });
  const named = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/'(FAULTS \d+: [^']+)'/g)].map(([, title = '']) => title),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((title) => !listed.has(title))).toEqual([]);
});
