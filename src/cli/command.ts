import type { Call } from './call.js';

/** 0: done, or it holds. 1: it does not hold. 2: it could not be done or checked. */
export type ExitCode = 0 | 1 | 2;

/** A word that a command takes by its place. */
export interface Argument {
  /** What it is called in the usage, as in `<file>`. */
  name: string;
  does: string;
  optional?: boolean;
  /** The words that are allowed; left out: any. Completion offers them. */
  choices?: readonly string[];
  /** Completion offers files. */
  file?: boolean;
}

/** What may be said behind two dashes. */
export interface Option {
  does: string;
  /** What its value is called in the usage, as in `--for <e-mail>`; left out: it has none, and is said or not. */
  value?: string;
  /** The values that are allowed; left out: any. Completion offers them. */
  choices?: readonly string[];
  /** Completion offers files. */
  file?: boolean;
  /** It may be said several times: `call.lists` has all of its values. */
  many?: boolean;
}

/** How somebody uses a command, in full: tests run it as it stands. */
export interface Example {
  /** What follows `npm run cli -- `. */
  line: string;
  does: string;
}

/**
 * One command: help, completion, docs/cli.md and the reading of what is given all come from here. A file of commands imports
 * what it works with when it runs, so that `help` and completion stay quick.
 */
export interface Command {
  /** One word, or two where several commands are about one thing: `mailing pause`. */
  name: string;
  /** One line, in small letters, without a full stop. */
  does: string;
  /** More of it, for `help <command>`: whole sentences. */
  more?: string;
  args?: readonly Argument[];
  options?: Readonly<Record<string, Option>>;
  /** It prints data, and prints it as JSON when asked by `--json`, with keys that stay. */
  json?: boolean;
  examples: readonly Example[];
  run(call: Call): Promise<ExitCode>;
}

/** What a command takes, after its name. */
export function usageOf({ args = [], ...command }: Command): string {
  const places = args.map(({ name, optional }) => (optional ? `[${name}]` : `<${name}>`));
  const options = Object.entries(optionsOf(command)).map(([name, { value, choices, many }]) => {
    const shown = choices ? choices.join('|') : `<${value}>`;
    return `[--${name}${value === undefined ? '' : ` ${shown}`}]${many ? '…' : ''}`;
  });
  return [...places, ...options].join(' ');
}

/** All options of a command, with those that come by themselves. */
export function optionsOf({ options, json }: Pick<Command, 'options' | 'json'>): Readonly<Record<string, Option>> {
  return { ...options, ...(json && { json: { does: 'print JSON, for programs' } }) };
}
