import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Rows whose parts are under way; must be empty once they are there. */
const TO_COME: number[] = [];

const ROOT = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

it('has a test titled with its number for every row that classic services promised', () => {
  const rows = [...read('docs/classic.md').matchAll(/^\| (\d+) \|/gm)].map(([, row]) => Number(row));
  expect(rows).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  const titles = globSync('{src,web}/**/*.test.ts', { cwd: ROOT }).flatMap((path) =>
    [...read(path).matchAll(/'CLASSIC rows? ([\d ,and]+):/g)].map(([, numbers]) => numbers!),
  );
  const tested = new Set(titles.flatMap((numbers) => numbers.match(/\d+/g)!.map(Number)));
  expect(rows.filter((row) => !tested.has(row) && !TO_COME.includes(row))).toEqual([]);
});

it('CLASSIC row 23: make without a word prints the list of commands that npm run help prints, and knows the classic ones', () => {
  const makefile = read('Makefile');
  expect(makefile).toMatch(/^\.DEFAULT_GOAL := help$/m);
  const recipes = Object.fromEntries(
    [...makefile.matchAll(/^(\w+): ##.*\n\t(.*)$/gm)].map(([, name, does]) => [name, does]),
  );
  expect(recipes).toEqual({
    help: '@npm run --silent help',
    build: 'docker compose build',
    up: 'docker compose up -d --build',
    down: 'docker compose down',
    logs: 'docker compose logs -f api worker',
    test: 'npm test',
  });
  const run = (command: string, ...args: string[]) => spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  const help = run('npm', 'run', '--silent', 'help').stdout;
  for (const target of ['build', 'up', 'down', 'logs', 'test'])
    expect(help).toMatch(new RegExp(`^  make ${target} `, 'm'));
  // Not every machine that runs the tests has make; docs/testing.md.
  const made = run('make');
  if (made.error === undefined) expect(made.stdout).toBe(help);
});
