import { join } from 'node:path';
import type { Command } from './command.js';
import { optionsOf } from './command.js';
import { ROOT } from './repository.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

/** What can stand at one place of the words: those of a list, or files. */
interface Place {
  words: readonly string[];
  file: boolean;
}

/** A command as completion sees it. */
interface Completed {
  name: string;
  does: string;
  options: readonly { name: string; does: string; value: Place | null }[];
  places: readonly Place[];
}

/**
 * @param all the commands that are completed, once they are known
 */
export function completionCommand(all: () => readonly Command[]): Command {
  return {
    name: 'completion',
    does: 'print a script by which a shell completes commands and options',
    more: 'The script makes a command `heliograph` that calls this one from any folder, and completes what follows it. In ~/.bashrc: `source <(npm --prefix <this folder> run --silent cli -- completion bash)`.',
    args: [{ name: 'shell', does: 'which shell', choices: SHELLS }],
    examples: [
      { line: 'completion bash', does: 'print the script for bash' },
      { line: 'completion fish', does: 'print the script for fish' },
    ],
    async run(call) {
      call.print(completionFor(call.args['shell'] as Shell, all()));
      return 0;
    },
  };
}

/** The script for a shell. */
export function completionFor(shell: Shell, commands: readonly Command[]): string {
  const completed = commands.map(toCompleted);
  if (shell === 'fish') return fish(completed);
  // zsh has bash's way of completing as a part of its own.
  return shell === 'bash' ? bash(completed) : `autoload -U +X bashcompinit && bashcompinit\n${bash(completed)}`;
}

function toCompleted(command: Command): Completed {
  const place = ({ choices, file }: { choices?: readonly string[]; file?: boolean }): Place => ({
    words: choices ?? [],
    file: file === true,
  });
  return {
    name: command.name,
    does: command.does,
    options: Object.entries(optionsOf(command)).map(([name, option]) => ({
      name,
      does: option.does,
      value: option.value === undefined ? null : place(option),
    })),
    places: (command.args ?? []).map(place),
  };
}

const PROGRAM = join(ROOT, 'scripts/cli.mjs');

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const FIRST_WORDS = (commands: readonly Completed[]) => [
  ...new Set(['help', ...commands.map(({ name }) => name.split(' ')[0]!)]),
];

const secondWords = (commands: readonly Completed[], first: string) =>
  commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));

function answer({ words, file }: Place): string {
  return file ? 'compopt -o default 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur"))' : reply(words);
}

function reply(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur"))`;
}

function bash(commands: readonly Completed[]): string {
  const groups = FIRST_WORDS(commands).filter((first) => secondWords(commands, first).length > 0);
  return `heliograph() { node ${quoted(PROGRAM)} "$@"; }
_heliograph() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" first="\${COMP_WORDS[1]}" second="\${COMP_WORDS[2]}"
  local at=1 name="$first" place word before i
  COMPREPLY=()
  if [ "$first" = help ]; then at=2 name="$second" first="$second" second="\${COMP_WORDS[3]}"; fi
  if [ "$COMP_CWORD" -le "$at" ]; then ${reply(FIRST_WORDS(commands))}; return; fi
  case "$first" in
${groups
  .map(
    (first) =>
      `    ${first}) if [ "$COMP_CWORD" -eq $((at+1)) ]; then ${reply(secondWords(commands, first))}; return; fi; at=$((at+1)); name="$first $second" ;;`,
  )
  .join('\n')}
  esac
  if [ "\${COMP_WORDS[1]}" = help ]; then return; fi
  case "$name $prev" in
${commands.flatMap(bashValues).join('\n')}
  esac
  place=0
  for ((i = at + 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}" before="\${COMP_WORDS[i-1]}"
    case "$word" in -*) continue ;; esac
    case "$name $before" in ${bashTaking(commands)}) continue ;; esac
    place=$((place+1))
  done
  case "$cur" in
    -*) case "$name" in
${commands.map(bashOptions).join('\n')}
    esac; return ;;
  esac
  case "$name $place" in
${commands.flatMap(bashPlaces).join('\n')}
  esac
}
complete -F _heliograph heliograph
`;
}

/** Options whose next word is a value. */
function bashTaking(commands: readonly Completed[]): string {
  const taking = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => (option.value === null ? [] : quoted(`${name} --${option.name}`))),
  );
  return taking.length === 0 ? "''" : taking.join('|');
}

function bashValues({ name, options }: Completed): string[] {
  return options.flatMap((option) =>
    option.value === null ? [] : `    ${quoted(`${name} --${option.name}`)}) ${answer(option.value)}; return ;;`,
  );
}

function bashOptions({ name, options }: Completed): string {
  return `      ${quoted(name)}) ${reply([...options.map((option) => `--${option.name}`), '--help'])} ;;`;
}

function bashPlaces({ name, places }: Completed): string[] {
  return places.flatMap((place, at) =>
    place.file || place.words.length > 0 ? `    ${quoted(`${name} ${at}`)}) ${answer(place)}; return ;;` : [],
  );
}

function fish(commands: readonly Completed[]): string {
  const text = (words: string) => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = ['function heliograph', `  node ${text(PROGRAM)} $argv`, 'end', 'complete -c heliograph -f'];
  for (const first of FIRST_WORDS(commands)) {
    const own = commands.find(({ name }) => name === first);
    const does = own?.does ?? (first === 'help' ? 'what a command takes' : secondWords(commands, first).join(', '));
    lines.push(`complete -c heliograph -n __fish_use_subcommand -a ${first} -d ${text(does)}`);
  }
  for (const { name, does, options, places } of commands) {
    const [first = '', second] = name.split(' ');
    const seen = `__fish_seen_subcommand_from ${first}`;
    const all = commands.filter((other) => other.name.startsWith(`${first} `)).map((other) => other.name.split(' ')[1]);
    const here = second === undefined ? seen : `${seen}; and __fish_seen_subcommand_from ${second}`;
    if (second !== undefined) {
      const yet = `${seen}; and not __fish_seen_subcommand_from ${all.join(' ')}`;
      lines.push(`complete -c heliograph -n ${text(yet)} -a ${second} -d ${text(does)}`);
    }
    for (const option of options) {
      const value = option.value;
      const takes =
        value === null
          ? ''
          : value.file
            ? ' -r -F'
            : ` -x${value.words.length > 0 ? ` -a ${text(value.words.join(' '))}` : ''}`;
      lines.push(`complete -c heliograph -n ${text(here)} -l ${option.name} -d ${text(option.does)}${takes}`);
    }
    for (const place of places) {
      if (place.file) lines.push(`complete -c heliograph -n ${text(here)} -F`);
      else if (place.words.length > 0)
        lines.push(`complete -c heliograph -n ${text(here)} -a ${text(place.words.join(' '))}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
