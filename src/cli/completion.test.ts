import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { optionsOf } from './command.js';
import { commands } from './commands.js';
import { completionFor } from './completion.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heliograph-completion-'));
  writeFileSync(join(folder, 'clients.csv'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What bash offers behind each of these, once it has read the script as a shell's start file would. */
function offered(lines: readonly string[]): string[][] {
  const script = join(folder, 'completion.bash');
  writeFileSync(script, completionFor('bash', commands));
  const asked = lines.map((line) => {
    const words = line.split(' ');
    return `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _heliograph; echo "\${COMPREPLY[*]}"`;
  });
  const all = ['set -eu', `source '${script}'`, 'complete -p heliograph', 'set +eu', ...asked].join('\n');
  const said = execFileSync('bash', ['--norc', '-c', all], { cwd: folder, encoding: 'utf8' }).trimEnd().split('\n');
  expect(said.shift()).toBe('complete -F _heliograph heliograph');
  return lines.map((_, at) => (said[at] ?? '').split(' ').filter(Boolean));
}

describe('the completion of bash', () => {
  it('offers commands, their second words, options, the values of those, and files', () => {
    const [first, second, partly, options, choices, role, file, valueFile, help, afterValue] = offered([
      'heliograph ',
      'heliograph mailing ',
      'heliograph mailing pa',
      'heliograph import clients.csv --d',
      'heliograph import clients.csv --on-conflict ',
      'heliograph user role 7 op',
      'heliograph import cl',
      'heliograph export clients --out cl',
      'heliograph help mailing wa',
      'heliograph user add --name Ann ann@example.org vi',
    ]);
    expect(first).toEqual(expect.arrayContaining(['help', 'doctor', 'mailing', 'export', 'user']));
    expect(second).toEqual(expect.arrayContaining(['list', 'show', 'watch', 'start', 'pause', 'resume', 'cancel']));
    expect(partly).toEqual(['pause']);
    expect(options).toEqual(['--delimiter', '--dry-run']);
    expect(choices).toEqual(['keep', 'overwrite', 'merge']);
    expect(role).toEqual(['operator']);
    expect([file, valueFile]).toEqual([['clients.csv'], ['clients.csv']]);
    expect(help).toEqual(['watch']);
    expect(afterValue).toEqual(['viewer']);
  });

  it('knows every command and every option of the table', () => {
    const lines = commands.map(({ name }) => `heliograph ${name} --`);
    offered(lines).forEach((words, at) => {
      const expected = Object.keys(optionsOf(commands[at]!)).map((name) => `--${name}`);
      expect(words).toEqual([...expected, '--help']);
    });
  });
});

describe('the completion of other shells', () => {
  it.each(['zsh', 'fish'] as const)(
    'of %s names every command, and is read by that shell where there is one',
    (shell) => {
      const script = completionFor(shell, commands);
      for (const { name } of commands) expect(script).toContain(name.split(' ').at(-1));
      const file = join(folder, `completion.${shell}`);
      writeFileSync(file, script);
      const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
      if (error === undefined) expect([status, stderr]).toEqual([0, '']);
    },
  );
});
