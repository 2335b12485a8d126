import { type Config, ConfigError, type Environment, loadConfig } from '../config.js';
import type { Logger } from '../platform/log.js';
import { settingValues } from './list-settings.js';
import { type ConfigRead, checkGiven, type Given, gatherSettings } from './read-config.js';

/** The settings that may change while the program runs. All others need a restart. */
export const CHANGING = [
  'LOG_LEVEL',
  'APP_LOG_LEVEL',
  'GATEWAY_RATE_LIMIT',
  'SWEEP_INTERVAL_MS',
  'AUDIT_DAYS',
  'IMPORT_MAX_BYTES',
  'API_RATE_LIMIT',
  'REPORT_RECIPIENTS',
  'REPORT_AT',
  'REPORT_TIME_ZONE',
  'ALERT_RECIPIENTS',
  'STUCK_MINUTES',
];

/** What is made of them. */
export type ChangingConfig = Pick<
  Config,
  'logLevel' | 'appLog' | 'sweepIntervalMs' | 'auditDays' | 'importMaxBytes' | 'apiRateLimit' | 'report' | 'alarms'
> & { readonly gateway: Pick<Config['gateway'], 'rateLimit'> };

/** The settings as they hold now. Whoever goes by one that changes asks here each time, or subscribes. */
export interface LiveSettings<C = ChangingConfig> {
  readonly now: C;
  /** Tells of every change, after it. @returns ends that */
  subscribe(listener: (now: C) => void): () => void;
}

/** What is to be said of settings that were read again. */
export interface SettingsHealth {
  /** Why what was read last is not in force; none: it is. */
  readonly problems: readonly string[];
  /** The settings that were changed since the start and need a restart. */
  readonly needRestart: readonly string[];
}

/** Settings that never change: of a test, or a tool. */
export function fixedSettings<C>(now: C): LiveSettings<C> & SettingsHealth {
  return { now, subscribe: () => () => {}, problems: [], needRestart: [] };
}

/** The settings of a running process, which are read again when somebody says so. */
export class Settings implements LiveSettings, SettingsHealth {
  problems: readonly string[] = [];
  needRestart: readonly string[] = [];
  #now: ChangingConfig;
  /** What holds: as at the start, but for those that changed. */
  #given: Given;
  readonly #listeners = new Set<(now: ChangingConfig) => void>();

  /**
   * @param folder where .env and config.yaml lie
   * @param read what the process started with
   */
  constructor(
    private readonly folder: string,
    private readonly env: Environment,
    read: ConfigRead,
    private readonly log: Logger,
  ) {
    this.#now = read.config;
    this.#given = read.given;
  }

  get now(): ChangingConfig {
    return this.#now;
  }

  /** The files that are read. */
  get files(): readonly string[] {
    return [this.#given.values['CONFIG_FILE'] ?? 'config.yaml', '.env'];
  }

  subscribe(listener: (now: ChangingConfig) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Reads everything again. What is wrong leaves all as it is, and is said in the log and on health. Never throws. */
  reload(): void {
    const fresh = gatherSettings(this.folder, this.env);
    const gone = this.#given.files.filter((file) => !fresh.files.includes(file)).map((file) => `${file} is gone`);
    const problems = [...gone, ...checkGiven(fresh).problems];
    if (problems.length > 0) {
      this.#refuse(problems);
      return;
    }
    const changed = differing(this.#given, fresh);
    const needRestart = changed.filter((name) => !CHANGING.includes(name));
    const changing = changed.filter((name) => CHANGING.includes(name));
    const next = { ...fresh, values: { ...this.#given.values, ...pick(fresh.values, changing) } };
    try {
      this.#now = loadConfig(next.values);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      // Right with what needs a restart, and wrong without it.
      const inForce = error.problems.join('; ');
      this.#refuse([`${needRestart.join(', ')} need a restart; with what is in force, the rest is wrong: ${inForce}`]);
      return;
    }
    this.problems = [];
    this.needRestart = needRestart;
    this.#given = next;
    this.log.info({ changed: changing }, 'the settings were read again');
    if (needRestart.length > 0) this.log.warn({ settings: needRestart }, 'settings were changed that need a restart');
    if (changing.length > 0) for (const listener of this.#listeners) listener(this.#now);
  }

  #refuse(problems: readonly string[]): void {
    this.problems = problems;
    this.log.error({ problems }, 'the settings are wrong; those from before stay in force');
  }
}

/** The settings whose values differ, however they are written. */
function differing(a: Given, b: Given): string[] {
  const [before, after] = [settingValues(a), settingValues(b)];
  return Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** @returns undefined for what is not set any more */
function pick(values: Given['values'], names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '']));
}
