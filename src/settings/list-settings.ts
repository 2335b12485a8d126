import { type Config, settings } from '../config.js';
import type { Given, Origin } from './read-config.js';
import { type SettingName, settingNames } from './setting-names.js';

/** A setting as it is shown to people: a secret only by whether it is set. */
export interface ListedSetting {
  readonly name: string;
  /** In config.yaml; null: it can't stand there. */
  readonly path: string | null;
  /** Null: not set, and there is no default. */
  readonly value: string | number | boolean | readonly string[] | null;
  readonly source: Origin['source'] | 'default';
  /** The place in config.yaml, or the file that holds a secret. */
  readonly at: string | null;
}

/**
 * Every setting with what holds and where it comes from. What is wrong is shown as its default.
 *
 * @param config what was made of them; null when something is wrong
 */
export function listSettings(given: Given, config: Config | null): ListedSetting[] {
  const found: Readonly<Record<string, unknown>> = config
    ? { ...settingValues(given), GATEWAY_URL: config.gateway.url, CHANNEL: config.channel, DEMO: config.demo }
    : settingValues(given);
  return settingNames.map((setting) => {
    const { name, path } = setting;
    const { source, at } = given.origins.get(name) ?? { source: 'default', at: null };
    return { name, path, value: shown(setting, found[name]), source, at };
  });
}

/** Each setting as it is once it is read, with its default; what is wrong counts as not set. */
export function settingValues({ values }: Given): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings.shape).map(([name, schema]) => {
      const parsed = schema.safeParse(values[name]);
      return [name, parsed.success ? parsed.data : schema.safeParse(undefined).data];
    }),
  );
}

function shown({ secret }: SettingName, value: unknown): ListedSetting['value'] {
  if (secret) return value === undefined ? 'not set' : 'set';
  if (typeof value === 'string') return withoutPassword(value);
  return (value ?? null) as ListedSetting['value'];
}

/** Of an address: no password, and nothing of what follows a question mark, which may hold one too. */
function withoutPassword(value: string): string {
  return value.replace(/^([\w+]+:\/\/[^\s:]*):\S*@/, '$1:***@').replace(/^([\w+]+:\/\/[^?]*\?).*/, '$1***');
}
