import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

test('every clause of docs/security.md names tests, and each of them exists in its file', () => {
  const page = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (?!clause|---)([^|]+) \|[^|]+\| ([^|]*) \|$/gm)];
  const named = rows.map(([, clause, cell = '']) => ({
    clause,
    tests: [...cell.matchAll(/`([^`]+\.ts)`: ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, file = '', titles = '']) =>
      [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title })),
    ),
  }));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ tests }) => tests.length === 0)).toEqual([]);
  const isThere = ({ file, title }: { file: string; title: string }) =>
    existsSync(join(ROOT, file)) && readFileSync(join(ROOT, file), 'utf8').includes(`'${title}'`);
  expect(named.flatMap(({ tests }) => tests.filter((listed) => !isThere(listed)))).toEqual([]);
});
