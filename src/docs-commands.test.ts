import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { findCommand, readCall } from './cli/run-command.js';

const ROOT = join(import.meta.dirname, '..');
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: ROOT })];
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const targets = new Set([...read('Makefile').matchAll(/^([a-z]+):/gm)].map(([, target]) => target!));

/** What stands on a page to be typed: the lines of its blocks, and the pieces of code in its sentences. */
function typed(page: string): string[] {
  const text = read(page).replaceAll(/<!--.*?-->/gs, '');
  const blocks = [...text.matchAll(/```(?:sh|bash)\n(.*?)```/gs)].map(([, block]) => block!);
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n'));
  const pieces = text.replaceAll(/```.*?```/gs, '').matchAll(/`([^`]+)`/g);
  return [...lines, ...[...pieces].map(([, piece]) => piece!.replaceAll(/\s+/g, ' '))];
}

/** The words of a command, up to where the shell, or a remark, takes over. */
function wordsOf(command: string): string[] {
  const [own = ''] = command.split(/(?:^| )(?:#|\||>|&&|;)|\)/, 1);
  return [...own.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

/** The words that follow a beginning; null: it is not there. */
function after(line: string, beginning: RegExp): string[] | null {
  const [, rest] = line.split(beginning, 2);
  return rest === undefined ? null : wordsOf(rest);
}

const surroundings = {
  ...{ folder: ROOT, env: {}, stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() },
  stop: () => new AbortController().signal,
};

/** @returns what the command line would complain of; null: it would do it */
function complaintAbout(words: readonly string[]): string | null {
  const [first = ''] = words;
  const isForAny = /^[<…]/.test(first) || (first === 'help' && /^(?:<.*)?$/.test(words[1] ?? ''));
  if (isForAny) return null;
  const { command, rest } = findCommand(first === 'help' ? words.slice(1) : words);
  if (command === undefined) return `there is no command ${words.join(' ')}`;
  if (first === 'help' || rest.includes('--help')) return null;
  const call = readCall(command, rest, surroundings);
  return typeof call === 'string' ? call : null;
}

/** @returns what a script would not understand; null: nothing */
function scriptComplaint([name = '', ...words]: readonly string[]): string | null {
  if (!(name in scripts)) return `there is no script ${name}`;
  const files = [`scripts/${name}.mjs`, ...globSync([`${name}/*.ts`, `scripts/*${name}*.mjs`], { cwd: ROOT })];
  const source = files.filter((file) => existsSync(join(ROOT, file))).map(read);
  const unknown = words.filter((word) => {
    const option = /^--([a-z-]+)$/.exec(word)?.[1];
    return option !== undefined && !source.some((text) => new RegExp(`\\b${option}\\b`).test(text));
  });
  return unknown.length > 0 ? `${name} does not know ${unknown.join(' ')}` : null;
}

describe('what the pages tell to type', () => {
  const lines = PAGES.flatMap((page) => typed(page).map((line) => ({ page, line })));
  const follows = (beginning: RegExp) =>
    lines.flatMap(({ page, line }) => {
      const words = after(line, beginning);
      return words === null ? [] : [{ page, words }];
    });
  /** @returns page and complaint of each that is wrong */
  const wrong = (
    given: { page: string; words: readonly string[] }[],
    complain: (words: readonly string[]) => string | null,
  ) => given.flatMap(({ page, words }) => complain(words)?.replace(/^/, `${page}: `) ?? []);

  it('are commands that the command line has, with words and options that it takes', () => {
    const calls = follows(/(?:npm run (?:--silent )?cli --|node dist\/src\/cli\.js) /);
    // In a sentence a command goes by its name alone once it is known: `verify --ledger`.
    const short = lines
      .filter(({ line }) => / --[a-z]/.test(line) && findCommand(line.split(' ')).command !== undefined)
      .map(({ page, line }) => ({ page, words: wordsOf(line) }));
    // Whoever finds nothing complains of nothing.
    expect(calls.length).toBeGreaterThan(80);
    expect(wrong([...calls, ...short], complaintAbout)).toEqual([]);
  });

  it('are scripts of package.json with options that they know, targets of the Makefile, tests that there are', () => {
    const run = follows(/npm run (?!(?:--silent )?cli\b)/);
    const tests = follows(/npx vitest run /);
    expect(Math.min(run.length / 40, tests.length / 5)).toBeGreaterThan(1);
    const missing = (words: readonly string[]) =>
      words.find((word) => !word.startsWith('-') && !existsSync(join(ROOT, word))) ?? null;
    const untold = ([target = '']: readonly string[]) => (targets.has(target) ? null : `there is no make ${target}`);
    const complaints = [...wrong(run, scriptComplaint), ...wrong(follows(/^make /), untold), ...wrong(tests, missing)];
    expect(complaints).toEqual([]);
  });
});
