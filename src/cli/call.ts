import type { Readable, Writable } from 'node:stream';
import type { Config, Environment } from '../config.js';
import { readConfig } from '../settings/read-config.js';

/** Where a command runs: the process, or a test in its place. */
export interface Surroundings {
  /** Where `.env` and config.yaml are looked for. */
  readonly folder: string;
  readonly env: Environment;
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable & { isTTY?: boolean };
  /** From now on Ctrl-C does not end the process but aborts this. */
  stop(): AbortSignal;
}

/** One run of a command: what it was given, and where it speaks to. */
export class Call {
  /**
   * @param args by the names of the command's arguments
   * @param flags the options without a value that were said
   * @param values the values of the others
   * @param lists all values of those that may be said several times
   */
  constructor(
    readonly surroundings: Surroundings,
    readonly args: Readonly<Record<string, string>>,
    readonly flags: ReadonlySet<string>,
    readonly values: Readonly<Record<string, string>>,
    readonly lists: Readonly<Record<string, readonly string[]>> = {},
  ) {}

  /** Whether data is to be printed as JSON. */
  get json(): boolean {
    return this.flags.has('json');
  }

  /** The settings. @throws ConfigError */
  config(): Config {
    return readConfig(this.surroundings.folder, this.surroundings.env).config;
  }

  /** Prints a line of what was asked for. */
  say(line: string): void {
    this.print(`${line}\n`);
  }

  /** Prints text as it is. */
  print(text: string): void {
    this.surroundings.stdout.write(text);
  }

  /** Prints data for programs: one document, two spaces deep. */
  sayJson(data: unknown): void {
    this.say(JSON.stringify(data, null, 2));
  }

  /** Says what is in the way, beside what was asked for. */
  complain(line: string): void {
    this.surroundings.stderr.write(`${line}\n`);
  }
}
