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
    call.complain(explain(error));
    return 2;
  }
}

async function find(words: readonly string[], call: Call): Promise<ExitCode> {
  const wantsHelp = /^(help|--help|-h)$/.test(words[0] ?? '');
  const named = wantsHelp ? words.slice(1) : words;
  const length = commandAt(named, 2) ? 2 : 1;
  const command = commandAt(named, length);
  const rest = named.slice(length);
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

function commandAt(words: readonly string[], length: 1 | 2): Command | undefined {
  const name = words.slice(0, length).join(' ');
  return words.length < length ? undefined : commands.find((command) => command.name === name);
}

async function run(command: Command, words: readonly string[], { surroundings }: Call): Promise<ExitCode> {
  const call = read(command, words, surroundings);
  if (call instanceof Call) return await command.run(call);
  surroundings.stderr.write(`${call}\n`);
  return 2;
}

/** @returns what is wrong with the words, where they don't fit the command */
function read(command: Command, words: readonly string[], surroundings: Surroundings): Call | string {
  const options = optionsOf(command);
  const { args = [] } = command;
  const types = Object.entries(options).map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  let given: { values: Record<string, unknown>; positionals: string[] };
  try {
    given = parseArgs({ args: [...words], options: Object.fromEntries(types), allowPositionals: args.length > 0 });
  } catch {
    return usageLine(command);
  }
  const { positionals } = given;
  const needed = args.filter(({ optional }) => !optional).length;
  if (positionals.length < needed || positionals.length > args.length) return usageLine(command);
  const values = Object.entries(given.values).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const named = positionals.map((word, n) => [args[n]?.name ?? '', word] as const);
  const wrong = [
    ...values.map(([name, value]) => notAmong(`--${name}`, value, options[name]?.choices)),
    ...positionals.map((word, n) => notAmong(`<${args[n]?.name}>`, word, args[n]?.choices)),
  ].filter((problem) => problem !== null);
  if (wrong.length > 0) return [...wrong, usageLine(command)].join('\n');
  const flags = new Set(Object.keys(given.values).filter((name) => given.values[name] === true));
  return new Call(surroundings, Object.fromEntries(named), flags, Object.fromEntries(values));
}

function notAmong(name: string, value: string, choices: readonly string[] | undefined): string | null {
  return choices === undefined || choices.includes(value) ? null : `${name} must be one of ${choices.join(', ')}.`;
}
