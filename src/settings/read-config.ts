import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type Config, ConfigError, type Environment, loadConfig } from '../config.js';
import { readYaml } from './read-yaml.js';
import { nearest, type SettingName, settingNames } from './setting-names.js';

/** Where a value comes from. */
export interface Origin {
  readonly source: 'environment' | '.env' | 'config.yaml';
  /** The place in config.yaml, or the file that a variable names; null: there is nothing more to say. */
  readonly at: string | null;
}

/** What the environment, .env and config.yaml say, before it is checked. */
export interface Given {
  /** By the settings' names; only what is set. */
  readonly values: Readonly<Record<string, string>>;
  readonly origins: ReadonlyMap<string, Origin>;
  /** The files that were there and read. */
  readonly files: readonly string[];
  /** What is wrong with the sources themselves, one sentence each. */
  readonly problems: readonly string[];
  /** What is right but looks like a slip, one sentence each. */
  readonly warnings: readonly string[];
}

/** Nobody writes as much by hand; a mistaken path may lead anywhere, bytes. */
const MOST_BYTES = 2 ** 20;

/**
 * Gathers the settings: the environment wins over .env, which wins over config.yaml. Of one variable "" is as good as none.
 *
 * @param folder where .env and config.yaml lie
 */
export function gatherSettings(folder: string, env: Environment): Given {
  return new Gathering(folder).gather(env);
}

class Gathering {
  readonly #values: Record<string, string> = {};
  readonly #origins = new Map<string, Origin>();
  readonly #files: string[] = [];
  readonly #problems: string[] = [];
  readonly #warnings: string[] = [];

  constructor(private readonly folder: string) {}

  gather(env: Environment): Given {
    this.#addVariables('environment', env);
    const dotEnv = this.#read('.env');
    if (dotEnv !== undefined) this.#addVariables('.env', parseEnv(dotEnv));
    this.#addYaml();
    return {
      ...{ values: this.#values, origins: this.#origins, files: this.#files },
      ...{ problems: this.#problems, warnings: this.#warnings },
    };
  }

  #set(name: string, value: string, origin: Origin): void {
    if (this.#origins.has(name)) return;
    this.#values[name] = value;
    this.#origins.set(name, origin);
  }

  #addVariables(source: '.env' | 'environment', variables: Environment): void {
    for (const setting of settingNames) {
      const value = variables[setting.name]?.trim();
      const file = setting.fileVariable === null ? undefined : variables[setting.fileVariable]?.trim();
      if (value && file) {
        this.#problems.push(`${setting.name} and ${setting.fileVariable} are both set (${source}): leave out one`);
      }
      if (value) this.#set(setting.name, value, { source, at: null });
      else if (file) this.#addFile(setting, file, source);
    }
    this.#warnings.push(...slips(source, Object.keys(variables)));
  }

  /** A secret that Docker or Kubernetes puts into a file of its own. */
  #addFile({ name, fileVariable }: SettingName, file: string, source: '.env' | 'environment'): void {
    const value = this.#read(file, fileVariable ?? name)?.trim();
    if (value) this.#set(name, value, { source, at: file });
    else if (value === '') this.#problems.push(`${fileVariable} names a file that is empty: ${file}`);
  }

  #addYaml(): void {
    const named = this.#values['CONFIG_FILE'];
    const file = named ?? 'config.yaml';
    const text = this.#read(file, named && 'CONFIG_FILE');
    if (text !== undefined) {
      const { settings, problems } = readYaml(file, text);
      for (const [name, setting] of settings) this.#set(name, setting.text, { source: 'config.yaml', at: setting.at });
      this.#problems.push(...problems);
    } else if (!named && existsSync(resolve(this.folder, 'config.yml'))) {
      this.#warnings.push('config.yml is not read: its name must be config.yaml');
    }
  }

  /** @param variable that names the file, which must be there then */
  #read(file: string, variable?: string): string | undefined {
    const path = resolve(this.folder, file);
    if (variable === undefined && !existsSync(path)) return undefined;
    try {
      if (statSync(path).size > MOST_BYTES) throw Object.assign(new Error(), { code: 'more than a megabyte' });
      const text = readFileSync(path, 'utf8');
      this.#files.push(file);
      return text;
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code;
      this.#problems.push(`${variable === undefined ? '' : `${variable}: `}${file} can't be read (${reason})`);
      return undefined;
    }
  }
}

const VARIABLES = settingNames.flatMap(({ name, fileVariable }) => (fileVariable ? [name, fileVariable] : [name]));

/** Variables that are nearly a setting. Others use the environment, too: only what is long enough to be no chance. */
function slips(source: string, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const meant = name.length < 8 || VARIABLES.includes(name) ? undefined : nearest(name, VARIABLES);
    return meant ? [`${name} (${source}) is no setting: is ${meant} meant?`] : [];
  });
}

/** Settings that hold, and where they come from. */
export interface ConfigRead {
  readonly config: Config;
  readonly given: Given;
}

/**
 * Reads and checks the settings of a process.
 *
 * @param folder where .env and config.yaml lie
 * @throws ConfigError that lists everything that is wrong
 */
export function readConfig(folder: string, env: Environment): ConfigRead {
  const given = gatherSettings(folder, env);
  const { config, problems } = checkGiven(given);
  if (config === null) throw new ConfigError(problems);
  return { config, given };
}

/** The settings, or everything that is wrong with them, each at its place. */
export function checkGiven(given: Given): { config: Config | null; problems: readonly string[] } {
  try {
    const config = loadConfig(given.values);
    return { config: given.problems.length === 0 ? config : null, problems: given.problems };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: null, problems: [...given.problems, ...error.problems.map((text) => placed(text, given))] };
  }
}

const PATHS = new Map(settingNames.map(({ name, path }) => [name, path]));

/** @param problem begins with the variable's name; said of a value in config.yaml it begins with the place there */
function placed(problem: string, { origins }: Given): string {
  const name = problem.split(' ', 1)[0] ?? '';
  const origin = origins.get(name);
  if (origin?.source !== 'config.yaml') return origin?.at ? `${problem} (in ${origin.at})` : problem;
  return `${origin.at} ${PATHS.get(name)}${problem.slice(name.length)}`;
}
