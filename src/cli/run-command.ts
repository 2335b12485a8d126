import { parseArgs } from 'node:util';
import { explain } from '../explain.js';
import { Call, type Surroundings } from './call.js';
import { type Command, type ExitCode, optionsOf } from './command.js';
import { commands } from './commands.js';
import { helpOf, helpOfAll, usageLine } from './help.js';

/** Runs the command that the words name. Whatever goes wrong is said to a person, and never thrown. */
export async function runCommand(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const call = new Call(surroundings, {}, new Set(), {});
  try {
    return await find(words, call);
  } catch (error) {
    // Whoever read has seen enough: `… | head`.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 0;
    if (error instanceof Error && error.name === 'AbortError') {
      call.complain('Stopped.');
      return 1;
    }
    call.complain(explain(error));
    return 2;
  }
}

async function find(words: readonly string[], call: Call): Promise<ExitCode> {
  const wantsHelp = /^(help|--help|-h)$/.test(words[0] ?? '');
  const named = wantsHelp ? words.slice(1) : words;
  const { command, rest } = findCommand(named);
  if (command) {
    if (!wantsHelp && !rest.some((word) => word === '--help' || word === '-h')) return await run(command, rest, call);
    call.say(helpOf(command));
    return 0;
  }
  const group = commands.filter(({ name }) => named[0] !== undefined && name.startsWith(`${named[0]} `));
  const shown = helpOfAll(group.length > 0 ? group : commands);
  if (wantsHelp && (named.length === 0 || group.length > 0)) {
    call.say(shown);
    return 0;
  }
  call.complain(named.length === 0 || group.length > 0 ? shown : `There is no command "${named[0]}".\n\n${shown}`);
  return 2;
}

/** The command that the first words name, if they name one, and the words after it. */
export function findCommand(words: readonly string[]): { command: Command | undefined; rest: readonly string[] } {
  const length = commandAt(words, 2) ? 2 : 1;
  return { command: commandAt(words, length), rest: words.slice(length) };
}

function commandAt(words: readonly string[], length: 1 | 2): Command | undefined {
  const name = words.slice(0, length).join(' ');
  return words.length < length ? undefined : commands.find((command) => command.name === name);
}

async function run(command: Command, words: readonly string[], { surroundings }: Call): Promise<ExitCode> {
  const call = readCall(command, words, surroundings);
  if (call instanceof Call) return await command.run(call);
  surroundings.stderr.write(`${call}\n`);
  return 2;
}

interface Given {
  values: Record<string, boolean | string | (string | boolean)[] | undefined>;
  positionals: string[];
}

/** @returns what is wrong with the words, where they don't fit the command */
export function readCall(command: Command, words: readonly string[], surroundings: Surroundings): Call | string {
  const options = optionsOf(command);
  const { args = [] } = command;
  const types = Object.entries(options).map(([name, { value, many }]) => {
    const type = value === undefined ? ('boolean' as const) : ('string' as const);
    return [name, { type, multiple: many === true }] as const;
  });
  let given: Given;
  try {
    given = parseArgs({ args: [...words], options: Object.fromEntries(types), allowPositionals: args.length > 0 });
  } catch {
    return usageLine(command);
  }
  const { positionals } = given;
  const needed = args.filter(({ optional }) => !optional).length;
  if (positionals.length < needed || positionals.length > args.length) return usageLine(command);
  const entries = Object.entries(given.values);
  const values = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const lists = entries.filter((entry): entry is [string, string[]] => Array.isArray(entry[1]));
  const wrong = [
    ...values.map(([name, value]) => notAmong(`--${name}`, value, options[name]?.choices)),
    ...positionals.map((word, at) => notAmong(`<${args[at]?.name}>`, word, args[at]?.choices)),
  ].filter((problem) => problem !== null);
  if (wrong.length > 0) return [...wrong, usageLine(command)].join('\n');
  const named = positionals.map((word, at) => [args[at]!.name, word] as const);
  const flags = new Set(entries.filter(([, value]) => value === true).map(([name]) => name));
  return new Call(
    surroundings,
    Object.fromEntries(named),
    flags,
    Object.fromEntries(values),
    Object.fromEntries(lists),
  );
}

function notAmong(name: string, value: string, choices: readonly string[] | undefined): string | null {
  return choices === undefined || choices.includes(value) ? null : `${name} must be one of ${choices.join(', ')}.`;
}
