import { z } from 'zod';
import { settings } from '../config.js';

/** Where a setting stands in config.yaml when its name alone does not say so. */
const PATHS: Readonly<Record<string, string>> = {
  PORT: 'server.port',
  HOST: 'server.host',
  PUBLIC_URL: 'server.publicUrl',
  TRUST_PROXY: 'server.trustProxy',
  DATA_DIR: 'dataDir',
  SMTP_URL: 'mail.url',
  APP_LOG: 'log.file',
  APP_LOG_LEVEL: 'log.fileLevel',
  APP_LOG_MAX_BYTES: 'log.fileMaxBytes',
  APP_LOG_FILES: 'log.files',
  DEMO: 'demo.enabled',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'otel.endpoint',
};

/** These say how the program is run, and where the file is: the file itself can't. */
const NOT_IN_FILE = ['NODE_ENV', 'CONFIG_FILE'];

/** One setting, by its two names. */
export interface SettingName {
  /** In the environment and in .env. */
  readonly name: string;
  /** In config.yaml; null: it can't stand there. */
  readonly path: string | null;
  /** It must not be shown, nor stand in config.yaml. */
  readonly secret: boolean;
  /** The variable that names a file with the value; null: there is none. */
  readonly fileVariable: string | null;
  /** It is written as a list in config.yaml, and with commas elsewhere. */
  readonly list: boolean;
}

const SECRET = /(TOKEN|SECRET|PASSWORD|_KEY|_HEADERS)$/;

/** All settings as JSON Schema, by their names: what a value is once it is read. */
export const valueSchemas = (z.toJSONSchema(settings, { unrepresentable: 'any' }).properties ?? {}) as Readonly<
  Record<string, z.core.JSONSchema.BaseSchema>
>;

/** All settings there are. */
export const settingNames: readonly SettingName[] = Object.keys(settings.shape).map((name) => {
  const secret = SECRET.test(name);
  return {
    name,
    path: NOT_IN_FILE.includes(name) ? null : pathOf(name),
    secret,
    // An address may hold a password.
    fileVariable: secret || name.endsWith('_URL') ? `${name}_FILE` : null,
    list: valueSchemas[name]?.type === 'array',
  };
});

/** GATEWAY_TIMEOUT_MS is gateway.timeoutMs: the first word is the section. */
function pathOf(name: string): string {
  const [section = '', ...words] = name.toLowerCase().split('_');
  const key = words.map((word, n) => (n === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('');
  return PATHS[name] ?? (key === '' ? section : `${section}.${key}`);
}

/** How many letters two words differ by (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
const lastWord = (path: string) => path.slice(path.lastIndexOf('.') + 1);

/** The one of the names that was most likely meant; undefined: none is like it. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const least = Math.max(2, Math.floor(plain(name).length / 4));
  const ranked = names.map((other) => {
    const moved = lastWord(name) === lastWord(other);
    return {
      other,
      far: moved ? Math.min(1, distance(plain(name), plain(other))) : distance(plain(name), plain(other)),
    };
  });
  return ranked.sort((a, b) => a.far - b.far).find(({ far }) => far <= least)?.other;
}
