import { join, resolve } from 'node:path';
import { z } from 'zod';
import { oneOf, whole } from './setting-kinds.js';

/** From the most talkative to none. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The settings of the log, by the names of their variables. */
export const logSettings = {
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  APP_LOG: z.string().optional(),
  APP_LOG_LEVEL: oneOf(LOG_LEVELS).default('debug'),
  APP_LOG_MAX_BYTES: whole(100 * 2 ** 20, 2 ** 16, 2 ** 40),
  APP_LOG_FILES: whole(10, 1, 10_000),
};
type Settings = z.output<z.ZodObject<typeof logSettings>>;

/** The log that is kept in a file, beside the one on standard output. */
export interface AppLogSettings {
  /** Absolute path; rotated files stand beside it. */
  readonly path: string;
  readonly level: LogLevel;
  /** A file of so many bytes is put aside, and a new one begun. */
  readonly maxBytes: number;
  /** Files kept beside the one that is written to. */
  readonly files: number;
}

/** What `APP_LOG` means by these words; anything else is a path. */
const OFF = ['off', 'false', 'no', '0'];
const ON = ['on', 'true', 'yes', '1'];

/** @returns null: no file is written */
export function assembleAppLog(s: Settings, dataDir: string): AppLogSettings | null {
  const given = s.APP_LOG ?? 'on';
  if (OFF.includes(given.toLowerCase())) return null;
  const path = ON.includes(given.toLowerCase()) ? join(dataDir, 'app.log') : resolve(given);
  return Object.freeze({ path, level: s.APP_LOG_LEVEL, maxBytes: s.APP_LOG_MAX_BYTES, files: s.APP_LOG_FILES });
}
