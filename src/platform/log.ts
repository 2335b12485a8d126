import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../log-settings.js';
import { hide, PRIVATE_FIELDS } from './redact.js';
import { requestFields } from './request-trail.js';
import { writeTo } from './write-to.js';

export type { Logger };

/** What createLogs needs to know. */
export interface LogOptions {
  /** Of standard output. */
  level: LogLevel;
  /** Coloured lines for a person instead of JSON for a machine, on standard output. */
  pretty: boolean;
  /** Values that must never be written wherever they turn up: the tokens and passwords of the settings. */
  secrets?: readonly string[];
  /** Where to write; standard output when left out. */
  destination?: DestinationStream;
  /** The log in a file, and from which level on lines go there; left out: there is none. */
  file?: { stream: DestinationStream; level: LogLevel };
}

/** Takes finished lines, for the one place where making them with pino would cost too much (sending/message-log.ts). */
export interface LogLines {
  /** Whether a line of level `debug` goes anywhere just now. */
  readonly takesDebug: boolean;
  /**
   * Writes a line of level `debug`.
   * @param line one JSON object and a line break, with nothing in it that may not be seen: it is not searched again
   */
  debug(line: string): void;
  /** Takes out of a text what may not be seen. */
  hide(text: string): string;
}

/** From which level on lines go where. May be set at any time. */
export interface LogLevels {
  stdout: LogLevel;
  /** Of no effect where there is no file. */
  file: LogLevel;
}

/** The program's log, its levels, and the way past pino. */
export interface Logs {
  log: Logger;
  lines: LogLines;
  levels: LogLevels;
}

/**
 * The program's log: one JSON object a line, or coloured lines on a terminal. Lines carry `mailing_id`, `message_id`,
 * `client_id`, `request_id` and `job` (strings) where they apply, so that one grep finds everything about one of them.
 *
 * Telephone numbers, tokens and message texts never reach it: known fields are blanked, and the finished line is searched
 * once more, because most leaks come inside the message of somebody else's error.
 */
export function createLogs(options: LogOptions): Logs {
  const secrets = (options.secrets ?? []).filter((secret) => secret !== '');
  const settings: LoggerOptions = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: PRIVATE_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
    serializers: { err: describeError },
    mixin: requestFields,
    hooks: { streamWrite: (line) => hide(line, secrets) },
  };
  const outputs = new Outputs(options);
  const log = pino({ ...settings, level: outputs.least }, outputs);
  const settle = () => {
    log.level = outputs.least;
  };
  return {
    log,
    lines: {
      get takesDebug() {
        return outputs.leastValue <= DEBUG;
      },
      debug: (line) => outputs.take(DEBUG, line),
      hide: (text) => hide(text, secrets),
    },
    levels: levelsOf(outputs, settle),
  };
}

/** The log alone. */
export function createLogger(options: LogOptions): Logger {
  return createLogs(options).log;
}

/** Their order. pino has no number for `silent`. */
const numberOf = (level: LogLevel) => pino.levels.values[level] ?? Number.POSITIVE_INFINITY;
const DEBUG = numberOf('debug');

/** Hands each line to those who want lines of its level. */
class Outputs implements DestinationStream {
  /** Which level the line is of that is written next: pino says it to who bears its mark, below. */
  lastLevel = 0;
  readonly stdout: { level: LogLevel; stream: DestinationStream };
  readonly file: { level: LogLevel; stream: DestinationStream } | null;

  constructor({ level, pretty, destination = writeTo(1), file }: LogOptions) {
    this.stdout = { level, stream: pretty ? prettyStream(destination) : destination };
    this.file = file ? { ...file } : null;
  }

  /** The level from which on somebody takes lines. */
  get least(): LogLevel {
    const { stdout, file } = this;
    return file && numberOf(file.level) < numberOf(stdout.level) ? file.level : stdout.level;
  }

  get leastValue(): number {
    return numberOf(this.least);
  }

  write(line: string): void {
    this.take(this.lastLevel, line);
  }

  take(value: number, line: string): void {
    const { stdout, file } = this;
    if (value >= numberOf(stdout.level)) stdout.stream.write(line);
    if (file && value >= numberOf(file.level)) file.stream.write(line);
  }
}

Object.defineProperty(Outputs.prototype, Symbol.for('pino.metadata'), { value: true });

function levelsOf(outputs: Outputs, settle: () => void): LogLevels {
  return {
    get stdout() {
      return outputs.stdout.level;
    },
    set stdout(level) {
      outputs.stdout.level = level;
      settle();
    },
    get file() {
      return outputs.file?.level ?? 'silent';
    },
    set file(level) {
      if (outputs.file) outputs.file.level = level;
      settle();
    },
  };
}

/** The parts of an error that explain it. Database errors carry the statement and its values beside these: left out. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  const code = (error as NodeJS.ErrnoException).code;
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { type: name, message, ...(code === undefined ? {} : { code }), ...cause, stack };
}

function prettyStream(destination: DestinationStream): DestinationStream {
  const lines = pretty.prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  // The line a progress bar is drawn on is wiped first; the bar comes again with its next step.
  return { write: (line) => void destination.write(`\r\x1b[2K${lines(line)}`) };
}
