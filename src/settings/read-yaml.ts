import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { nearest, type SettingName, settingNames } from './setting-names.js';

/** A setting as it stands in config.yaml. */
export interface YamlSetting {
  /** As it would stand in the environment. */
  readonly text: string;
  /** `config.yaml:12:5`, to be clicked on in most terminals. */
  readonly at: string;
}

/** What was read from config.yaml. */
export interface YamlRead {
  /** By the settings' names. */
  readonly settings: ReadonlyMap<string, YamlSetting>;
  /** One sentence each, with file, line, column and path. None shows a value. */
  readonly problems: readonly string[];
}

const byPath = new Map(settingNames.flatMap((setting) => (setting.path === null ? [] : [[setting.path, setting]])));
const sections = new Set([...byPath.keys()].filter((path) => path.includes('.')).map((path) => path.split('.')[0]));

/** An address with a password in it, be it of one host or of several. */
const PASSWORD_IN_ADDRESS = /^[\w+]+:\/\/(\S*:\S*@|\S*[?&]\w*password=)/i;

/**
 * Reads config.yaml (YAML 1.2). Unknown keys, keys that stand twice and secrets are problems; an empty value is one that
 * is not set.
 *
 * @param file its name, as it is to be shown
 */
export function readYaml(file: string, text: string): YamlRead {
  return new YamlReader(file, text).read();
}

class YamlReader {
  readonly #lines = new LineCounter();
  readonly #document;
  readonly #settings = new Map<string, YamlSetting>();
  readonly #problems: string[] = [];

  constructor(
    private readonly file: string,
    text: string,
  ) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
  }

  read(): YamlRead {
    const { errors, warnings, contents } = this.#document;
    for (const { pos, message } of [...errors, ...warnings]) {
      // What follows a colon is a piece of the file, and may be a secret.
      this.#problems.push(`${this.#at(pos[0])} is no YAML: ${message.split(':')[0]}`);
    }
    if (errors.length === 0) {
      if (isMap(contents)) for (const pair of contents.items) this.#readPair(pair as Pair<Node, Node | null>, '');
      else if (contents !== null && !(isScalar(contents) && contents.value === null)) {
        this.#problems.push(`${this.#at(0)} must hold settings by name, such as "logLevel: info"`);
      }
    }
    return { settings: this.#settings, problems: this.#problems };
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  }

  #readPair({ key, value }: Pair<Node, Node | null>, prefix: string): void {
    const at = this.#at(key.range?.[0] ?? 0);
    const path = prefix + (isScalar(key) ? String(key.value) : '?');
    const node = isAlias(value) ? (value.resolve(this.#document) ?? null) : value;
    const setting = byPath.get(path);
    const problem = setting
      ? this.#readSetting(setting, node, at)
      : sections.has(path)
        ? this.#readSection(path, node)
        : unknown(path);
    if (problem !== undefined) this.#problems.push(`${at} ${path} ${problem}`);
  }

  #readSection(path: string, node: Node | null): string | undefined {
    if (isEmpty(node)) return undefined;
    if (!isMap(node)) return 'must hold settings of its own, indented below it';
    for (const pair of node.items) this.#readPair(pair as Pair<Node, Node | null>, `${path}.`);
    return undefined;
  }

  #readSetting({ name, secret, fileVariable, list }: SettingName, node: Node | null, at: string): string | undefined {
    if (isEmpty(node)) return undefined;
    const parts = list && isSeq(node) ? (node.items as Node[]).map(textOf) : [textOf(node)];
    if (parts.includes(undefined)) return list ? 'must be a list of values' : 'must be one value';
    const text = parts.join(',').trim();
    if (secret || PASSWORD_IN_ADDRESS.test(text)) {
      const file = fileVariable ? `, or name a file that holds it by ${fileVariable}` : '';
      return `${secret ? 'is a secret' : 'holds a password'}, which must not stand here: set ${name} in the environment or .env${file}`;
    }
    if (text !== '') this.#settings.set(name, { text, at });
    return undefined;
  }
}

function unknown(path: string): string {
  const meant = nearest(
    path,
    [...byPath.keys(), ...sections].filter((name) => name !== undefined),
  );
  return `is no setting${meant ? `: is ${meant} meant?` : ''}`;
}

const isEmpty = (node: Node | null) => node === null || (isScalar(node) && node.value === null);

/** As it is written: 08:00 and 0x10 are what a person sees there. */
function textOf(node: Node | null): string | undefined {
  if (!isScalar(node)) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}
